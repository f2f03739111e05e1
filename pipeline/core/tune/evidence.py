"""Which terms set the false alerts apart from the others, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from math import comb

from pipeline.core.analyse import dense
from pipeline.core.query import Query
from pipeline.core.tune.case import Case
from pipeline.core.tune.terms import CHECKED, LEARNT, Asked, found, spelt

SUPPORT = 2  # false alerts that a term must stand in: one could have it by chance
#: The most that chance may explain: of a word, and of two neighbours or a neighbour of the query's own word,
#: which are in few articles anyhow.  False alerts are of several kinds, each with terms of its own, so that
#: no term is in all of them.
CHANCE_OF_WORD = 0.05
CHANCE_OF_PHRASE = 0.3

_Key = tuple[str, ...]
_Rank = tuple[int, float, int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A term with the alerts, by id, that seem to have it; the matcher has the last word."""

    term: str
    touching: bool  # a word of the query with a neighbour, as in "home invasion"
    false: frozenset[int]
    titles: frozenset[int]  # those of the false alerts that name it in their title
    others: frozenset[int]
    rank: _Rank  # the lower, the better, of terms of equal worth

    def worth(self, taken: AbstractSet[int], gain: int | None = None) -> tuple[int, int]:
        """What it is to a choice that has ``taken`` some of the false alerts; ``gain`` as was measured.

        The false friend itself counts twice: what it takes away is a meaning of
        the query's own word, where any other term takes away a subject.
        """
        left = len(self.false - taken) if gain is None else gain
        return left * (1 + self.touching), len(self.titles - taken)


@lru_cache(maxsize=10_000)
def chance(false_with: int, false: int, others_with: int, others: int) -> float:
    """How likely a term of no meaning is in so many false alerts or more, given how many have it in all.

    Fisher's exact test, one-sided.  It is exact for the handfuls that people
    mark, where the usual tests on word counts are not: T. Pedersen, "Fishing
    for Exactness", Proc. South-Central SAS Users Group Conference 1996
    (arXiv:cmp-lg/9608010).  It bars what is no evidence at all and orders the
    rest; since many terms are tried, no figure is a proof, and a person decides.
    """
    with_it = false_with + others_with
    ways = (comb(false, k) * comb(others, with_it - k) for k in range(false_with, min(false, with_it) + 1))
    return sum(ways) / comb(false + others, with_it)


def candidates(query: Query, false: Sequence[Case], others: Sequence[Case]) -> list[Candidate]:
    """The terms that stand in the false alerts more often than chance would have it.

    Not among them are words that the query itself asks for, and phrases with an
    everyday word, one that stands in most of the others, beside it.
    """
    own = Asked(query, (text.language for case in (*false, *others) for text in case.texts))
    in_false = _holders(false, LEARNT)
    promising = {key for key, ids in in_false.items() if len(ids) >= SUPPORT and not all(map(own.names, key))}
    in_others = _holders(others, CHECKED, promising)
    everyday = _everyday(others)
    traces: dict[_Key, _Trace] = {}
    for key in promising:
        odds = chance(len(in_false[key]), len(false), len(in_others.get(key, ())), len(others))
        beside = [part for part in key if not own.names(part)]
        touching = any(map(own.touches, key))
        most = CHANCE_OF_PHRASE if len(key) > 1 or touching else CHANCE_OF_WORD
        if odds <= most and (len(key) == 1 or everyday.isdisjoint(beside)):
            traces[key] = _Trace(odds, touching)
    _follow(false, traces)
    return [
        Candidate(
            term=trace.written,
            touching=trace.touching,
            false=frozenset(in_false[key]),
            titles=frozenset(trace.titles),
            others=frozenset(in_others.get(key, ())),
            rank=trace.rank(key),
        )
        for key, trace in traces.items()
    ]


@dataclass(slots=True)
class _Trace:
    """What decides between terms of equal weight."""

    odds: float
    touching: bool
    spellings: Counter[str] = field(default_factory=Counter)
    titles: set[int] = field(default_factory=set)

    @property
    def written(self) -> str:
        return min(self.spellings, key=lambda one: (-self.spellings[one], one))

    def rank(self, key: _Key) -> _Rank:
        """The narrower term first: it takes the same from what is known, and less from what is to come."""
        length = sum(map(len, key))
        tokens = length if dense(key[0]) else len(key)
        return (-tokens, self.odds, -length, -self.spellings.total(), self.written)


def _holders(cases: Sequence[Case], tokens: int, only: set[_Key] | None = None) -> dict[_Key, set[int]]:
    """The ids of the cases that have each term."""
    holders: dict[_Key, set[int]] = {}
    for case in cases:
        keys = {term.key for text in case.texts for term in found(text, tokens)}
        for key in keys if only is None else keys & only:
            holders.setdefault(key, set()).add(case.alert_id)
    return holders


def _everyday(cases: Sequence[Case]) -> set[str]:
    counts = Counter(word for case in cases for word in set().union(*map(spelt, case.texts)))
    return {word for word, count in counts.items() if 2 * count > len(cases)}


def _follow(false: Sequence[Case], traces: dict[_Key, _Trace]) -> None:
    """Note how the terms are spelt, and which false alerts name them in their title."""
    for case in false:
        for term in chain.from_iterable(found(text, LEARNT) for text in case.texts):
            if trace := traces.get(term.key):
                trace.spellings[term.written] += 1
                if term.title:
                    trace.titles.add(case.alert_id)
