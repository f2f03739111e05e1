"""A query made ready for matching: its words as atoms, its logic as conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.core.match.conditions import Absent, Atom, Both, Condition, Either, Leaf, Sequence
from pipeline.core.match.vocabulary import Vocabulary
from pipeline.core.query import And, Node, Not, Or, Phrase, Query, Word


class Plan:
    """A query as the matcher holds it; ``subscriptions`` are the ids of those who ask it.

    It waits for the atoms it watches: where none of them is present it cannot hold.
    """

    __slots__ = ("condition", "leaves", "parts", "required", "subscriptions", "watched")

    def __init__(self, query: Query, vocabulary: Vocabulary, cost: Callable[[Atom], float]) -> None:
        self.condition = _condition(query.root, vocabulary)
        self.leaves = tuple(_leaves(self.condition))  # words and phrases, those under NOT left out
        self.required = tuple(dict.fromkeys(_required(self.condition)))  # without all of these it cannot hold
        self.parts = tuple(dict.fromkeys(_parts(self.condition)))  # of its phrases
        self.watched = tuple(dict.fromkeys(_watched(self.condition, cost)))
        self.subscriptions: list[int] = []

    def atoms(self) -> Iterator[Atom]:
        """Every atom once for each use, to be released when the plan goes."""
        return _atoms(self.condition)


def _condition(node: Node, vocabulary: Vocabulary) -> Condition:
    match node:
        case Word() | Phrase():
            return _leaf(node, vocabulary)
        case And(parts):
            return Both(tuple(_condition(part, vocabulary) for part in parts))
        case Or(parts):
            return Either(tuple(_condition(part, vocabulary) for part in parts))
        case Not(part):
            return Absent(_leaf(part, vocabulary))


def _leaf(leaf: Word | Phrase, vocabulary: Vocabulary) -> Leaf:
    if isinstance(leaf, Word):
        return vocabulary.word(leaf)
    return Sequence(leaf.text, tuple(vocabulary.part(part, exact=leaf.exact) for part in leaf.parts))


def _required(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Atom():
            yield condition
        case Sequence():
            yield from condition.parts
        case Both():
            for part in condition.parts:
                yield from _required(part)


def _parts(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Sequence():
            yield from condition.parts
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
        case Both():
            choices = filter(None, (_watched(part, cost) for part in condition.parts))
            return min(choices, key=lambda atoms: sum(map(cost, atoms)), default=())
        case Either():
            branches = [_watched(part, cost) for part in condition.parts]
            return tuple(atom for branch in branches for atom in branch) if all(branches) else ()
        case Absent():
            return ()


def _leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case Both() | Either():
            for part in condition.parts:
                yield from _leaves(part)
        case Atom() | Sequence():
            yield condition


def _atoms(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Atom():
            yield condition
        case Sequence():
            yield from condition.parts
        case Absent():
            yield from _atoms(condition.part)
        case Both() | Either():
            for part in condition.parts:
                yield from _atoms(part)
