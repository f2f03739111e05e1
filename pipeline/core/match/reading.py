"""One article in the light of a vocabulary: which words are there, and where."""

from __future__ import annotations

from functools import cached_property
from itertools import chain

from pipeline.core.analyse import Analysed
from pipeline.core.match.conditions import Atom, Leaf, Sequence
from pipeline.core.match.context import context_of
from pipeline.core.match.vocabulary import Tokens
from pipeline.core.model import Match

MOST_OF_A_TERM = 5  # places told of one term
_Place = tuple[int, int]  # first token, tokens


class Reading:
    """What an article says to the queries of a vocabulary."""

    def __init__(self, article: Analysed, tokens: Tokens) -> None:
        self._fields = article.fields
        meaning = tokens.__getitem__
        self._atoms = [list(map(meaning, field.tokens)) for field in article.fields]
        self._pairs = [
            [(first, meaning(pair)) for first, pair in field.pairs.items()] for field in article.fields
        ]
        self._numbers: dict[tuple[Atom, int], frozenset[int]] = {}
        self._matches: dict[Leaf, tuple[Match, ...]] = {}

    @cached_property
    def present(self) -> set[Atom]:
        """The atoms that the article has somewhere."""
        single = chain.from_iterable(chain.from_iterable(self._atoms))
        joined = chain.from_iterable(atoms for pairs in self._pairs for _, atoms in pairs)
        return set(chain(single, joined))

    @cached_property
    def _marked(self) -> list[list[tuple[int, tuple[Atom, ...]]]]:
        """By field, the tokens that are any atom."""
        return [[(number, atoms) for number, atoms in enumerate(each) if atoms] for each in self._atoms]

    def has(self, sequence: Sequence) -> bool:
        """Whether the parts of a phrase stand next to each other somewhere."""
        return any(self._starts(sequence, field) for field in range(len(self._fields)))

    def matches(self, leaf: Leaf) -> tuple[Match, ...]:
        """The first places of a word or phrase, in the order of the fields."""
        found = self._matches.get(leaf)
        if found is None:
            places = chain.from_iterable(self._places(leaf, field) for field in range(len(self._fields)))
            found = tuple(
                self._match(leaf.text, field, place)
                for (field, place), _ in zip(places, range(MOST_OF_A_TERM), strict=False)
            )
            self._matches[leaf] = found
        return found

    def _places(self, leaf: Leaf, field: int) -> list[tuple[int, _Place]]:
        if isinstance(leaf, Sequence):
            return [(field, (first, len(leaf.parts))) for first in self._starts(leaf, field)]
        places = [(number, 1) for number in self._numbers_of(leaf, field)]
        places += [(first, 2) for first, atoms in self._pairs[field] if leaf in atoms]
        return [(field, place) for place in sorted(places)]

    def _starts(self, sequence: Sequence, field: int) -> list[int]:
        numbers = [self._numbers_of(atom, field) for atom in sequence.parts]
        rarest = min(range(len(numbers)), key=lambda index: len(numbers[index]))
        starts = {number - rarest for number in numbers[rarest]}
        for index, each in enumerate(numbers):
            if not starts:
                break
            starts = {start for start in starts if start + index in each}
        return sorted(starts)

    def _numbers_of(self, atom: Atom, field: int) -> frozenset[int]:
        key = (atom, field)
        numbers = self._numbers.get(key)
        if numbers is None:
            numbers = frozenset(number for number, atoms in self._marked[field] if atom in atoms)
            self._numbers[key] = numbers
        return numbers

    def _match(self, term: str, field_index: int, place: _Place) -> Match:
        field = self._fields[field_index]
        start, end = field.span(*place)
        return Match(
            term=term,
            field=field.name,
            start=start,
            end=end,
            text=field.text[start:end],
            context=context_of(field.text, start, end),
        )
