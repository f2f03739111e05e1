"""A few exclusions that take the most false alerts and no true one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.core.errors import QueryError
from pipeline.core.query import And, Not, Or, Query, parse
from pipeline.core.tune.case import Case, Effect, Meets, effect
from pipeline.core.tune.evidence import SUPPORT, Candidate, candidates
from pipeline.core.tune.exclude import excluding

MOST = 5  # exclusions at once: so many can be judged by a person
FEW = 3  # with fewer marked relevant no unmarked alert is risked either; with fewer others nothing is learnt
_TRIED = 25  # candidates that are measured for each choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An exclusion, a word or a phrase as a query writes it, and what it alone does."""

    term: str
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What was found in a subscription's alerts.

    The cases are those that the query meets as it stands; ``strays`` counts
    others, which rang for an earlier query.
    """

    not_relevant: tuple[Case, ...]
    relevant: tuple[Case, ...]
    unmarked: tuple[Case, ...]
    strays: int
    cautious: bool  # few are marked relevant, so that no unmarked one may be lost
    proposals: tuple[Proposal, ...]
    withheld: tuple[Proposal, ...]  # what costs no alert marked relevant, but unmarked ones, while cautious
    query: Query | None  # with all proposals; None where there is none
    effect: Effect  # of that query


def propose(text: str, cases: Sequence[Case], meets: Meets) -> Tuning:
    """The exclusions to add to the query ``text``, the one that takes most first.

    Each of them takes two false alerts or more that those before it leave, and
    no alert that is marked relevant.  The choice is greedy, which for covering is
    never far from the best one: G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, "An
    analysis of approximations for maximizing submodular set functions",
    Mathematical Programming 14 (1978).

    Raises:
        QueryError: the query is wrong, or at a limit and cannot take one more term.

    """
    query = parse(text)
    met = [case for case in cases if case.met(query, meets)]
    false, true, unmarked = (
        tuple(case for case in met if case.relevant is said) for said in (False, True, None)
    )
    cautious = len(true) < FEW
    others = (*true, *unmarked)
    # Beside a handful, anything looks telling.
    found = candidates(query, false, others) if len(others) >= FEW else []
    choice = _Choice(text, met, meets)
    kept = {case.alert_id for case in (others if cautious else true)}
    chosen = choice.greedy(
        [one for one in found if kept.isdisjoint(one.others)],
        lambda one: not one.relevant and not (cautious and one.unmarked),
    )
    # With the unmarked alerts risked; of that, what costs none is not proposed for a second time.
    bold = choice.greedy(found, lambda one: not one.relevant) if cautious else []
    withheld = [one for one in bold if one.effect.unmarked]
    new = excluding(text, [one.term for one in chosen]) if chosen else None
    return Tuning(
        not_relevant=false,
        relevant=true,
        unmarked=unmarked,
        strays=len(cases) - len(met),
        cautious=cautious,
        proposals=tuple(chosen),
        withheld=tuple(withheld),
        query=new,
        effect=effect(new or query, met, meets),
    )


class _Choice:
    """What each exclusion does, measured once."""

    def __init__(self, text: str, cases: Sequence[Case], meets: Meets) -> None:
        self._text = text
        self._cases = cases
        self._meets = meets
        self._effects: dict[str, Effect | None] = {}

    def greedy(self, pool: Sequence[Candidate], may: Callable[[Effect], bool]) -> list[Proposal]:
        """At most MOST proposals, each the one that takes most of what is left."""
        chosen: list[Proposal] = []
        taken: set[int] = set()
        while len(chosen) < MOST and (best := self._best(pool, may, taken)):
            chosen.append(best)
            taken |= _takes(best)
        return _needed(chosen)

    def _best(
        self, pool: Sequence[Candidate], may: Callable[[Effect], bool], taken: set[int]
    ) -> Proposal | None:
        best, most = None, (0, 0)
        hopeful = [one for one in pool if len(one.false - taken) >= SUPPORT]
        hopeful.sort(key=lambda one: one.rank)
        hopeful.sort(key=lambda one: one.worth(taken), reverse=True)
        for one in hopeful[:_TRIED]:
            if one.worth(taken) <= most:
                break
            measured = self._measured(one.term)
            if measured is None or not may(measured):
                continue
            gain = sum(case.alert_id not in taken for case in measured.not_relevant)
            worth = one.worth(taken, gain)
            if gain >= SUPPORT and worth > most:
                best, most = Proposal(term=one.term, effect=measured), worth
        return best

    def _measured(self, term: str) -> Effect | None:
        """What the exclusion of a term does; None for what is no word to a query, as "and"."""
        if term not in self._effects:
            self._effects[term] = (
                effect(excluding(self._text, [term]), self._cases, self._meets) if _askable(term) else None
            )
        return self._effects[term]


def _takes(proposal: Proposal) -> set[int]:
    return {case.alert_id for case in proposal.effect.not_relevant}


def _needed(chosen: Sequence[Proposal]) -> list[Proposal]:
    """Without those, the first chosen first, that take nothing which the others leave."""
    needed = list(chosen)
    for one in chosen:
        others = [other for other in needed if other is not one]
        if _takes(one) <= set[int]().union(*map(_takes, others)):
            needed = others
    return needed


def _askable(term: str) -> bool:
    try:
        return not isinstance(parse(term).root, And | Or | Not)
    except QueryError:
        return False
