"""Whether parts of queries can hold together: leaves as variables, with what follows from each.

A search with back-tracking and a limit.  What it finds impossible is so for
every article; where the limit is met, nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipeline.core.lint import leaves
from pipeline.core.lint.advice import every_leaf
from pipeline.core.query import And, Leaf, Node, Not, Or

_MOST_STEPS = 10_000  # parts looked at in one search
_MOST_PAIRS = 10_000  # leaves compared for one search

Literal = tuple[Leaf, bool]


class UnknownError(Exception):
    """It would take too long to tell."""


class Relations:
    """Which leaves follow from which, among those given, for texts in ``language`` (None: in any).

    With ``written`` the words stand in the texts just as the query writes them.
    """

    def __init__(self, nodes: Iterable[Node], language: str | None = None, *, written: bool = False) -> None:
        every = dict.fromkeys(leaf for node in nodes for leaf in every_leaf(node))
        self._follows: dict[Leaf, list[Leaf]] = defaultdict(list)
        self._needs: dict[Leaf, list[Leaf]] = defaultdict(list)  # the way back
        self._excluded: dict[Leaf, list[Leaf]] = defaultdict(list)
        for one, other in _pairs(every, language):
            if (
                leaves.as_written(one, other, language)
                if written and language
                else leaves.implies(one, other, language)
            ):
                self._follows[one].append(other)
                self._needs[other].append(one)
            elif leaves.excludes(one, other):
                self._excluded[one].append(other)

    def follow(self, leaf: Leaf) -> list[Leaf]:
        """The other leaves that hold where this one does."""
        return self._follows.get(leaf, [])

    def needs(self, leaf: Leaf) -> list[Leaf]:
        """The other leaves where this one holds whenever they do."""
        return self._needs.get(leaf, [])

    def consequences(self, literal: Literal) -> Iterator[Literal]:
        """What else holds, or does not."""
        leaf, holds = literal
        yield literal
        if holds:
            yield from ((other, True) for other in self._follows.get(leaf, ()))
            # What follows may exclude others than the leaf itself does.
            for each in (leaf, *self._follows.get(leaf, ())):
                yield from ((other, False) for other in self._excluded.get(each, ()))
        else:
            yield from ((other, False) for other in self._needs.get(leaf, ()))

    def impossible(self, nodes: Iterable[Node]) -> bool:
        """Whether no article meets all of ``nodes``; False where that is not known."""
        try:
            return not _Search(self).holds(list(nodes), {}, [])
        except UnknownError:
            return False


def negation(node: Node) -> Node:
    """What holds where a part of a query does not."""
    match node:
        case And(parts):
            return Or(tuple(map(negation, parts)))
        case Or(parts):
            return And(tuple(map(negation, parts)))
        case Not(part):
            return part
        case _:
            return Not(node)


class _Search:
    """One search; it counts its steps."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self._steps = 0

    def holds(self, goals: list[Node], known: dict[Leaf, bool], choices: list[Or]) -> bool:
        """Whether all goals, and one part of each choice, can hold beside what is known."""
        while goals:
            self._step()
            match goals.pop():
                case And(parts):
                    goals.extend(parts)
                case Or() as choice:
                    choices.append(choice)
                case Not(part):
                    if not self._learn((part, False), known):
                        return False
                case leaf:
                    if not self._learn((leaf, True), known):
                        return False
            if not goals:
                choices, goals = self._simplified(choices, known)
                if any(not choice.parts for choice in choices):
                    return False
        if not choices:
            return True
        choice = min(choices, key=lambda each: len(each.parts))
        rest = [each for each in choices if each is not choice]
        return any(self.holds([part], dict(known), list(rest)) for part in choice.parts)

    def _simplified(self, choices: list[Or], known: dict[Leaf, bool]) -> tuple[list[Or], list[Node]]:
        """The choices that are still open, and the parts of those that leave none."""
        left: list[Or] = []
        forced: list[Node] = []
        for choice in choices:
            values = [(part, self._value(part, known)) for part in choice.parts]
            if any(value for _, value in values):
                continue
            open_ = tuple(part for part, value in values if value is None)
            if len(open_) == 1:
                forced.append(open_[0])
            else:
                left.append(Or(open_))
        return left, forced

    def _value(self, node: Node, known: dict[Leaf, bool]) -> bool | None:
        """Whether a part holds by what is known; None where that leaves it open."""
        self._step()
        match node:
            case And(parts):
                values = [self._value(part, known) for part in parts]
                return False if False in values else None if None in values else True
            case Or(parts):
                values = [self._value(part, known) for part in parts]
                return True if True in values else None if None in values else False
            case Not(part):
                value = known.get(part)
                return None if value is None else not value
            case _:
                return known.get(node)

    def _learn(self, literal: Literal, known: dict[Leaf, bool]) -> bool:
        """Note what follows; False when it contradicts what is known."""
        for leaf, holds in self._relations.consequences(literal):
            self._step()
            if known.setdefault(leaf, holds) != holds:
                return False
        return True

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise UnknownError


def _pairs(every: Iterable[Leaf], language: str | None) -> Iterator[tuple[Leaf, Leaf]]:
    """The pairs of leaves, both ways, that may have to do with one another: as many as the limit allows."""
    shelves: dict[str, list[Leaf]] = defaultdict(list)
    listed = list(every)
    told = {leaf: leaves.keys(leaf, language) for leaf in listed}
    for leaf in listed:
        for key in told[leaf]:
            shelves[key].append(leaf)
        if leaf.field == "lang":
            shelves["lang:"].append(leaf)
    left = _MOST_PAIRS
    for leaf in listed:
        names = told[leaf] | {"", *(("lang:",) if leaf.field == "lang" else ())}
        near = dict.fromkeys(other for name in names for other in shelves.get(name, ()))
        for other in near:
            if other is not leaf:
                left -= 1
                if left < 0:
                    return
                yield leaf, other
