"""Queries of one to three terms, drawn so that an article meets about six whatever their number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import NamedTuple

from benchmarks.match.vocabulary import Unit, Vocabulary, chance_of
from pipeline.core.errors import QueryError
from pipeline.core.query import parse

HITS = 6.0  # queries that an article meets
_FORETOLD = (
    HITS / 1.13
)  # an article has more pairs of words than it would, were they independent of one another
# Shapes by share: A, B are what a query is about, rare; c, d are words that narrow it, from all ranks.
_SHAPES = {
    "A": 25,
    "A AND c": 20,
    "A AND c AND d": 10,
    "A AND NOT c": 10,
    "A AND c AND NOT d": 5,
    "A AND (c OR d)": 10,
    "A OR B": 12,
    "A OR B OR C": 5,
    "(A OR B) AND c": 3,
}
_COMMONEST = 150  # the rank from which words are asked for at all
_NARROWED = 5  # times commoner: what a query is about where another word narrows it
_OPERATORS = frozenset({"and", "or", "not"})
_PREFIX_SHARE = 0.1
_PHRASE_SHARE = 0.15
_SAMPLE = 5_000  # queries from which the number of hits is foretold


class Term(NamedTuple):
    """A word, a phrase in quotes or a prefix with its star, as the query has it."""

    text: str
    chance: float  # how likely an article is to have it

    @property
    def plain(self) -> str:
        return self.text.strip('"*').lower()

    @property
    def is_prefix(self) -> bool:
        return self.text.endswith("*")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A query: one term of each group must be there, and none of ``never``."""

    groups: tuple[tuple[Term, ...], ...]
    never: tuple[Term, ...]

    @property
    def text(self) -> str:
        joined = [" OR ".join(term.text for term in group) for group in self.groups]
        bracketed = len(joined) + len(self.never) > 1
        shown = [
            f"({each})" if bracketed and len(group) > 1 else each
            for group, each in zip(self.groups, joined, strict=True)
        ]
        return " AND ".join([*shown, *(f"NOT {term.text}" for term in self.never)])

    @property
    def chance(self) -> float:
        """How likely an article is to meet it, were its words independent."""
        return prod(map(any_of, self.groups)) * (1 - any_of(self.never))

    @property
    def rarest(self) -> tuple[Term, ...]:
        """The group that the fewest articles have."""
        return min(self.groups, key=any_of)


def any_of(terms: tuple[Term, ...]) -> float:
    return 1 - prod(1 - term.chance for term in terms)


def draw(vocabulary: Vocabulary, count: int, seed: int, spare: int = 0) -> list[Drawn]:
    """``count`` different queries that an article meets about six of, and as rare ones to spare."""
    low, high = _COMMONEST, len(vocabulary.units) - 1_000
    while high - low > 50:
        middle = (low + high) // 2
        sample = [query for query, _ in zip(_endless(vocabulary, middle, seed), range(_SAMPLE), strict=False)]
        foretold = count * sum(query.chance for query in sample) / _SAMPLE
        low, high = (middle, high) if foretold > _FORETOLD else (low, middle)
    found: dict[str, Drawn] = {}
    for query in _endless(vocabulary, high, seed):
        found.setdefault(query.text, query)
        if len(found) == count + spare:
            return list(found.values())
    raise AssertionError  # _endless is


@cache
def prefixes() -> bool:
    """Whether the query language has them."""
    try:
        parse("sanction*")
    except QueryError:
        return False
    return True


def _endless(vocabulary: Vocabulary, floor: int, seed: int) -> Iterator[Drawn]:
    chance = random.Random(seed)
    shapes, shares = list(_SHAPES), list(_SHAPES.values())
    terms = _Terms(vocabulary, chance)
    while True:
        shape = chance.choices(shapes, shares)[0]
        narrowed = shape.count(" AND ") > shape.count(" AND NOT ")
        subject = max(_COMMONEST, floor // _NARROWED) if narrowed else floor

        def term(slot: str, subject: int = subject) -> Term:
            return terms.draw(subject if slot.isupper() else _COMMONEST)

        yield _query(shape, term)


def _query(shape: str, term: Callable[[str], Term]) -> Drawn:
    groups: list[tuple[Term, ...]] = []
    never: list[Term] = []
    for part in shape.split(" AND "):
        if part.startswith("NOT "):
            never.append(term(part[-1]))
        else:
            groups.append(tuple(term(slot) for slot in part.strip("()").split(" OR ")))
    return Drawn(tuple(groups), tuple(never))


class _Terms:
    """Terms of ranks from a floor on, as many between 1,000 and 2,000 as between 10,000 and 20,000."""

    def __init__(self, vocabulary: Vocabulary, chance: random.Random) -> None:
        self._vocabulary = vocabulary
        self._chance = chance

    def draw(self, floor: int) -> Term:
        kind = self._chance.random()
        if kind < _PHRASE_SHARE:
            return self._phrase(floor)
        if kind < _PHRASE_SHARE + _PREFIX_SHARE and prefixes():
            return self._prefix(floor)
        while (unit := self._vocabulary.units[self._rank(floor)]).is_pair or unit.forms[0] in _OPERATORS:
            pass
        return Term(self._chance.choice(unit.forms), unit.chance)

    def _rank(self, floor: int) -> int:
        count = len(self._vocabulary.units)
        return min(count - 1, int(floor * (count / floor) ** self._chance.random()))

    def _phrase(self, floor: int) -> Term:
        while not (unit := self._vocabulary.units[self._rank(floor)]).is_pair:
            pass
        return Term(f'"{unit.forms[0]}"', unit.chance)

    def _prefix(self, floor: int) -> Term:
        """One that is not commoner than the words from the floor on."""
        most = self._vocabulary.units[floor].chance
        while True:
            unit = self._vocabulary.units[self._rank(floor)]
            stem = _stem(unit)
            if stem and (chance := chance_of(self._vocabulary.beginning(stem.lower()))) <= most:
                return Term(f"{stem}*", chance)


def _stem(unit: Unit) -> str:
    """What the forms of a long word begin with; "" for a short one, and for what is more than one word."""
    word = unit.forms[0]
    return word[: max(5, len(word) - 2)] if len(word) > 6 and word.isalpha() else ""
