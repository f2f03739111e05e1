"""One article in the light of a vocabulary: which words are there, and where."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain

from pipeline.core.analyse import Analysed, Field
from pipeline.core.match.conditions import Atom, Leaf, Sequence
from pipeline.core.match.context import context_of
from pipeline.core.match.vocabulary import Tokens
from pipeline.core.model import Match

MOST_OF_A_TERM = 5  # places told of one term


class Reading:
    """What an article says to the queries of a vocabulary.

    ``present`` holds the atoms that it has somewhere; where they stand is found
    out only for those that are asked for.
    """

    def __init__(self, article: Analysed, tokens: Tokens) -> None:
        self._fields = article.fields
        self._tokens = tokens
        self._words = article.words
        self.present = set(chain.from_iterable(map(tokens.__getitem__, article.words)))
        self._located: set[Atom] = set()
        self._numbers: list[dict[Atom, list[int]]] = [{} for _ in article.fields]
        self._matches: dict[Leaf, tuple[Match, ...]] = {}

    def locate(self, atoms: Iterable[Atom]) -> None:
        """Find out where atoms stand; cheaper for many at once than one by one."""
        wanted = set(atoms) - self._located
        if not wanted:
            return
        self._located |= wanted
        spellings = self._tokens.spellings
        written = self._words.intersection(chain.from_iterable(map(spellings.__getitem__, wanted)))
        for field, numbers in zip(self._fields, self._numbers, strict=True):
            for number, token in enumerate(field.tokens):
                if token in written:
                    for atom in wanted.intersection(self._tokens[token]):
                        numbers.setdefault(atom, []).append(number)

    def has(self, sequence: Sequence) -> bool:
        """Whether the parts of a phrase stand next to each other somewhere."""
        return any(self._starts(sequence, field) for field in range(len(self._fields)))

    def matches(self, leaf: Leaf) -> tuple[Match, ...]:
        """The first places of a word or phrase, in the order of the fields."""
        found = self._matches.get(leaf)
        if found is None:
            matches: list[Match] = []
            for index, field in enumerate(self._fields):
                for first, count in self._places(leaf, index)[: MOST_OF_A_TERM - len(matches)]:
                    matches.append(_match(leaf.text, field, first, count))
            found = self._matches[leaf] = tuple(matches)
        return found

    def _places(self, leaf: Leaf, field: int) -> list[tuple[int, int]]:
        """The first token and the number of tokens of each place in a field."""
        if isinstance(leaf, Sequence):
            return [(first, len(leaf.parts)) for first in self._starts(leaf, field)]
        if leaf not in self._located:
            self.locate((leaf,))
        places = [(number, 1) for number in self._numbers[field].get(leaf, ())]
        if pairs := self._pairs[field]:
            places.extend((first, 2) for first, atoms in pairs if leaf in atoms)
            places.sort()
        return places

    @cached_property
    def _pairs(self) -> list[list[tuple[int, tuple[Atom, ...]]]]:
        """By field, the hyphenated pairs that are any atom, by their first token."""
        found = (
            ((first, self._tokens[pair]) for first, pair in field.pairs.items()) for field in self._fields
        )
        return [[(first, atoms) for first, atoms in pairs if atoms] for pairs in found]

    def _starts(self, sequence: Sequence, field: int) -> list[int]:
        self.locate(sequence.parts)
        places = self._numbers[field]
        numbers = [places.get(atom, ()) for atom in sequence.parts]
        rarest = min(range(len(numbers)), key=lambda index: len(numbers[index]))
        starts = [number - rarest for number in numbers[rarest]]
        for index, each in enumerate(numbers):
            if not starts:
                break
            if index != rarest:
                there = set(each)
                starts = [start for start in starts if start + index in there]
        return starts


def _match(term: str, field: Field, first: int, count: int) -> Match:
    start, end = field.span(first, count)
    return Match(
        term=term,
        field=field.name,
        start=start,
        end=end,
        text=field.text[start:end],
        context=context_of(field.text, start, end),
    )
