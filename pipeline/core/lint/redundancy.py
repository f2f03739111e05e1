"""Parts of a query without which it would find the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pipeline.core.lint.advice import Advice, reach, shown, spot
from pipeline.core.lint.logic import Relations, negation
from pipeline.core.lint.names import name_of
from pipeline.core.query import And, Leaf, Node, Not, Or, Query

_MOST_BRACKETS = 30  # parts of one AND or OR, where brackets are compared with all others

#: Leaves that stand at one place: a word with a hyphen is two.
_Unit = tuple[Leaf, ...]


def redundant(query: Query, relations: Relations) -> Iterator[Advice]:
    """Parts that others make needless, whatever the article."""
    for node in _operations(query.root):
        for unit, by in _needless(node, relations):
            yield _told(query.text, node, unit, by)
        if len(node.parts) <= _MOST_BRACKETS:
            brackets = (part for part in node.parts if isinstance(part, And | Or))
            if idle := next((part for part in brackets if _idle(part, node, relations)), None):
                start, end = reach(query.text, [idle])
                message = f"({shown(idle)}) changes nothing beside the rest: leave it out"
                yield Advice(code="redundant", message=message, start=start, end=end)


def as_written(query: Query, strict: Relations, written: Relations, language: str) -> Iterator[Advice]:
    """Words that are forms of one word in a language; ``strict`` knows of those that are the same in all."""
    for node in _operations(query.root):
        told = {unit[0].at for unit, _ in _needless(node, strict)}
        units = _units(node, negated=False)
        for index, unit in enumerate(units):
            if unit[0].at in told:
                continue
            by = next((each for each in units[:index] if _twins(unit, each, written)), None)
            if by is not None and by[0].at not in told:
                start, end = spot(query.text, unit[0])
                what = "either finds both" if isinstance(node, Or) else "asking for both narrows nothing"
                yield Advice(
                    code="same-word",
                    message=f"{by[0].text} and {unit[0].text} are forms of one word in "
                    f"{name_of(language)}: {what}, so leave one out",
                    start=start,
                    end=end,
                )


def _told(text: str, node: And | Or, unit: _Unit, by: Leaf) -> Advice:
    start, end = spot(text, unit[0])
    name = unit[0].text
    if name == by.text:
        message = f"{name} is there twice: once is enough"
    elif any(isinstance(part, Not) and part.part is unit[0] for part in node.parts):
        message = f"NOT {name} changes nothing beside NOT {by.text}: leave it out"
    elif isinstance(node, Or):
        message = f"{by.text} finds all that {name} finds: leave {name} out"
    else:
        message = f"what has {by.text} has {name}: leave {name} out"
    return Advice(code="redundant", message=message, start=start, end=end)


def _needless(node: And | Or, relations: Relations) -> Iterator[tuple[_Unit, Leaf]]:
    """Units of leaves that others of the same AND or OR make needless, each with one of those."""
    for negated in (False, True):
        units = _units(node, negated=negated)
        # A leaf that implies another is needless in an OR, and the other in an AND; under NOT it is turned.
        narrower_goes = isinstance(node, Or) is not negated
        where = {leaf: index for index, unit in reversed(list(enumerate(units))) for leaf in unit}
        gone: set[int] = set()
        for index, unit in enumerate(units):
            by = [_maker(leaf, index, where, gone, relations, narrower_goes=narrower_goes) for leaf in unit]
            first = by[0]
            if first is not None and None not in by:
                gone.add(index)
                yield unit, first


def _maker(
    leaf: Leaf,
    index: int,
    where: dict[Leaf, int],
    gone: set[int],
    relations: Relations,
    *,
    narrower_goes: bool,
) -> Leaf | None:
    """A leaf of another unit, which stays, that makes this one needless."""
    if where[leaf] < index:  # the very same stood before
        return leaf
    others = relations.follow(leaf) if narrower_goes else relations.needs(leaf)
    backward = relations.needs(leaf) if narrower_goes else relations.follow(leaf)
    for other in others:
        at = where.get(other)
        # Of two that find the same, the later one goes.
        if at is not None and at != index and at not in gone and (at < index or other not in backward):
            return other
    return None


def _idle(part: And | Or, node: And | Or, relations: Relations) -> bool:
    """Whether a bracket changes nothing beside its neighbours."""
    others = [each for each in node.parts if each is not part]
    if isinstance(node, And):
        return relations.impossible([*others, negation(part)])
    return relations.impossible([part, *map(negation, others)])


def _twins(one: _Unit, other: _Unit, written: Relations) -> bool:
    return (
        len(one) == len(other) == 1
        and one[0] in written.follow(other[0])
        and other[0] in written.follow(one[0])
    )


def _units(node: And | Or, *, negated: bool) -> list[_Unit]:
    found = (
        part.part if isinstance(part, Not) else part
        for part in node.parts
        if isinstance(part, Not) is negated
    )
    leaves = [part for part in found if not isinstance(part, And | Or | Not)]
    return [tuple(unit) for _, unit in groupby(leaves, key=lambda leaf: leaf.at)]


def _operations(node: Node) -> Iterator[And | Or]:
    if isinstance(node, And | Or):
        yield node
        for part in node.parts:
            yield from _operations(part)
