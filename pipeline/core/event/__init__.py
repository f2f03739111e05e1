"""Whether two stories tell the same event: the same news in other words.

A story's :class:`Telling` holds the rarest terms of its title and lead, each
with a weight.  Two tellings that share a key are worth comparing, and their
:func:`likeness` says how much of the news they have in common.  The method,
its figures and its limits stand in ``docs/events.md``.
"""

from pipeline.core.event.commonness import HOLDERS, NEAREST, Held, Sightings
from pipeline.core.event.join import Candidate, best
from pipeline.core.event.likeness import SAME, likeness
from pipeline.core.event.telling import KEYS, Telling, tell
from pipeline.core.event.weights import prepare

__all__ = [
    "HOLDERS",
    "KEYS",
    "NEAREST",
    "SAME",
    "Candidate",
    "Held",
    "Sightings",
    "Telling",
    "best",
    "likeness",
    "prepare",
    "tell",
]
