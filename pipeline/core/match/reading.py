"""One article in the light of a vocabulary: which words are there, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, islice

from pipeline.core.analyse import Analysed, Field
from pipeline.core.match import places
from pipeline.core.match.conditions import Atom, Leaf, Near, Sequence
from pipeline.core.match.context import context_of
from pipeline.core.match.places import Place
from pipeline.core.match.vocabulary import Tokens, Vocabulary
from pipeline.core.model import Match
from pipeline.core.query import Kind

MOST_OF_A_TERM = 5  # places told of one term


class Reading:
    """What an article says to the queries of a vocabulary.

    ``present`` holds the atoms that it has somewhere; where they stand is found
    out only for those that are asked for.
    """

    def __init__(self, article: Analysed, vocabulary: Vocabulary) -> None:
        tokens = vocabulary.tokens(article.language)
        self._article = article
        self._vocabulary = vocabulary
        self._columns = [_Column(field, tokens, article.words) for field in article.fields]
        self.present = set(chain.from_iterable(map(tokens.__getitem__, article.words)))
        for name in vocabulary.about:
            beside = vocabulary.tokens_about(name)
            for field in article.beside(name):
                words = frozenset((*field.tokens, *field.pairs.values()))
                self._columns.append(_Column(field, beside, words))
                self.present.update(chain.from_iterable(map(beside.__getitem__, words)))
        if vocabulary.facets:
            for key in vocabulary.facets.keys() & article.facets.keys():
                self.present.update(vocabulary.facets[key])
        self._located: set[Atom] = set()
        self._matches: dict[Leaf, tuple[Match, ...]] = {}

    def locate(self, atoms: Iterable[Atom]) -> None:
        """Find out where atoms stand; cheaper for many at once than one by one."""
        wanted = set(atoms) - self._located
        if wanted:
            self._located |= wanted
            for column in self._columns:
                column.locate(wanted)

    def has(self, leaf: Sequence | Near) -> bool:
        """Whether the parts stand somewhere as the leaf asks."""
        return any(next(iter(self._places(leaf, column)), None) is not None for column in self._columns)

    def matches(self, leaf: Leaf) -> tuple[Match, ...]:
        """The first places of a leaf, in the order of the fields."""
        found = self._matches.get(leaf)
        if found is None:
            matches: list[Match] = []
            if isinstance(leaf, Atom) and leaf.kind is Kind.FACET:
                value = self._article.facets.get((leaf.space, leaf.surface))
                matches += [] if value is None else [_whole(leaf, value)]
            for column in self._columns:
                for first, count in islice(self._places(leaf, column), MOST_OF_A_TERM - len(matches)):
                    matches.append(_match(leaf.text, column.field, first, count))
            found = self._matches[leaf] = tuple(matches)
        return found

    def _places(self, leaf: Leaf, column: _Column) -> Iterable[Place]:
        """The first token and the number of tokens of each place in a field."""
        if isinstance(leaf, Atom):
            if leaf not in self._located:
                self.locate((leaf,))
            return column.places(leaf)
        if leaf.field not in {"", column.field.name}:
            return ()
        if isinstance(leaf, Sequence):
            return self._places(leaf.parts[0], column) if leaf.word else self._runs(leaf, column)
        parts = [
            sorted(chain.from_iterable(self._places(way, column) for way in ways)) for ways in leaf.parts
        ]
        return places.ordered(parts, leaf.span) if leaf.ordered else places.together(parts, leaf.span)

    def _runs(self, leaf: Sequence, column: _Column) -> Iterator[Place]:
        self.locate(leaf.parts)
        gap = column.field.gap
        for first in places.adjacent([column.numbers.get(atom, ()) for atom in leaf.parts]):
            if not any(gap(first + number) for number in leaf.glued):
                yield first, len(leaf.parts)


class _Column:
    """One field, with where the atoms asked for stand in it by the number of their token."""

    __slots__ = ("__dict__", "_tokens", "_words", "field", "numbers")

    def __init__(self, field: Field, tokens: Tokens, words: frozenset[str]) -> None:
        self.field = field
        self.numbers: dict[Atom, list[int]] = {}
        self._tokens = tokens
        self._words = words

    def locate(self, wanted: set[Atom]) -> None:
        """Note every place of the atoms."""
        spellings = self._tokens.spellings
        known = wanted & spellings.keys()
        written = self._words.intersection(chain.from_iterable(map(spellings.__getitem__, known)))
        if not written:
            return
        for number, token in enumerate(self.field.tokens):
            if token in written:
                for atom in wanted.intersection(self._tokens[token]):
                    self.numbers.setdefault(atom, []).append(number)

    def places(self, atom: Atom) -> list[Place]:
        """Every place of an atom that was located, hyphenated pairs among them."""
        found = [(number, 1) for number in self.numbers.get(atom, ())]
        if self._pairs:
            found.extend((first, 2) for first, atoms in self._pairs if atom in atoms)
            found.sort()
        return found

    @cached_property
    def _pairs(self) -> list[tuple[int, tuple[Atom, ...]]]:
        """The hyphenated pairs that are any atom, by their first token."""
        found = ((first, self._tokens[pair]) for first, pair in self.field.pairs.items())
        return [(first, atoms) for first, atoms in found if atoms]


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


def _whole(atom: Atom, value: str) -> Match:
    return Match(term=atom.text, field=atom.space, start=0, end=len(value), text=value, context=value)
