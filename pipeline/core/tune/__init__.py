"""What a query should leave out, learnt from the alerts that a user has marked."""

from pipeline.core.tune.case import Case, Effect, Meets, effect
from pipeline.core.tune.exclude import excluding
from pipeline.core.tune.propose import FEW, Proposal, Tuning, propose

__all__ = ["FEW", "Case", "Effect", "Meets", "Proposal", "Tuning", "effect", "excluding", "propose"]
