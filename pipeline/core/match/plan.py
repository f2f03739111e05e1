"""A query made ready for matching: its words as atoms, its logic as conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from pipeline.core.match.conditions import Absent, Atom, Both, Condition, Either, Leaf, Near, Sequence
from pipeline.core.match.vocabulary import Vocabulary
from pipeline.core.query import TEXT_FIELDS, And, Node, Not, Or, Phrase, Query, Word
from pipeline.core.query import Leaf as Asked
from pipeline.core.query import Near as AskedNear


class Plan:
    """A query as the matcher holds it; ``subscriptions`` are the ids of those who ask it.

    It waits for the atoms it watches: where none of them is present it cannot hold.
    """

    __slots__ = ("condition", "idle", "leaves", "parts", "required", "subscriptions", "watched")

    def __init__(self, query: Query, vocabulary: Vocabulary, cost: Callable[[Atom], float]) -> None:
        self.condition = condition = condition_of(query.root, vocabulary)
        self.subscriptions: tuple[int, ...] = ()
        self.idle = 0  # articles that it was tested on in vain since its atoms were chosen
        self.leaves: tuple[Leaf, ...]  # those under NOT left out
        self.required: tuple[Atom, ...]  # without all of these it cannot hold
        self.parts: tuple[Atom, ...] = ()  # of its phrases and nearnesses
        self.watched: tuple[Atom, ...]
        if isinstance(condition, Atom):
            self.leaves = self.required = self.watched = (condition,)
            return
        if isinstance(condition, Both | Either) and len(condition.words) == len(condition.parts):
            self.leaves = condition.words
            self.required = condition.words if isinstance(condition, Both) else ()
            self.watched = self.watch(cost)
            return
        self.leaves = tuple(_leaves(condition))
        self.required = tuple(dict.fromkeys(_required(condition)))
        self.parts = tuple(dict.fromkeys(_parts(condition)))
        if isinstance(condition, Both) and condition.words == self.required:
            self.required = condition.words  # one tuple in memory for both
        if self.leaves == self.required:
            self.leaves = self.required
        if self.parts == self.required:
            self.parts = self.required
        self.watched = self.watch(cost)

    def watch(self, cost: Callable[[Atom], float]) -> tuple[Atom, ...]:
        """The atoms to watch, by what each costs."""
        return tuple(dict.fromkeys(_watched(self.condition, cost)))

    def atoms(self) -> Iterator[Atom]:
        """Every atom once for each use, to be released when the plan goes."""
        return _atoms(self.condition)


def condition_of(node: Node, vocabulary: Vocabulary) -> Condition:
    """What a part of a query asks, of the form that the part has."""
    match node:
        case Word() | Phrase() | AskedNear():
            return _leaf(node, vocabulary)
        case And(parts):
            return Both(tuple(condition_of(part, vocabulary) for part in parts))
        case Or(parts):
            return Either(tuple(condition_of(part, vocabulary) for part in parts))
        case Not(part):
            return Absent(_leaf(part, vocabulary))


def _leaf(leaf: Asked, vocabulary: Vocabulary) -> Leaf:
    match leaf:
        case Word():
            if leaf.field in TEXT_FIELDS:  # its place says whether it is in that field
                return Sequence(leaf.text, (vocabulary.part(leaf),), leaf.field, word=True)
            return vocabulary.word(leaf)
        case Phrase():
            return _sequence(leaf, vocabulary)
        case AskedNear():
            parts = tuple(
                tuple(
                    _sequence(way, vocabulary) if isinstance(way, Phrase) else vocabulary.part(way)
                    for way in ways
                )
                for ways in leaf.parts
            )
            return Near(leaf.text, parts, leaf.span, ordered=leaf.ordered, field=leaf.field)


def _sequence(phrase: Phrase, vocabulary: Vocabulary) -> Sequence:
    glued = tuple(number for number, part in enumerate(phrase.parts) if part.glued)
    return Sequence(phrase.text, tuple(map(vocabulary.part, phrase.parts)), phrase.field, glued=glued)


def _required(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Atom():
            yield condition
        case Sequence():
            yield from condition.parts
        case Near():
            for ways in condition.parts:
                if len(ways) == 1:
                    yield from _required(ways[0])
        case Both():
            for part in condition.parts:
                yield from _required(part)


def _parts(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Sequence() | Near():
            yield from _atoms(condition)
        case Absent():
            yield from _parts(condition.part)
        case Both() | Either():
            for part in condition.parts:
                yield from _parts(part)


def _watched(condition: Condition, cost: Callable[[Atom], float]) -> tuple[Atom, ...]:
    """Atoms of which one is present wherever the condition holds, as rare as can be; () where there are none.

    The rarest word that an AND cannot do without, and one for each branch of an OR.
    """
    match condition:
        case Atom():
            return (condition,)
        case Sequence():
            return (min(condition.parts, key=cost),)
        case Near():
            return _rarest((_either(ways, cost) for ways in condition.parts), cost)
        case Both():
            return _rarest((_watched(part, cost) for part in condition.parts), cost)
        case Either():
            return _either(condition.parts, cost)
        case Absent():
            return ()


def _rarest(choices: Iterable[tuple[Atom, ...]], cost: Callable[[Atom], float]) -> tuple[Atom, ...]:
    return min(filter(None, choices), key=lambda atoms: sum(map(cost, atoms)), default=())


def _either(parts: Iterable[Condition], cost: Callable[[Atom], float]) -> tuple[Atom, ...]:
    branches = [_watched(part, cost) for part in parts]
    return tuple(atom for branch in branches for atom in branch) if all(branches) else ()


def _leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case Both() | Either():
            for part in condition.parts:
                yield from _leaves(part)
        case Atom() | Sequence() | Near():
            yield condition


def _atoms(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Atom():
            yield condition
        case Sequence():
            yield from condition.parts
        case Near():
            for way in chain.from_iterable(condition.parts):
                yield from _atoms(way)
        case Absent():
            yield from _atoms(condition.part)
        case Both() | Either():
            for part in condition.parts:
                yield from _atoms(part)
