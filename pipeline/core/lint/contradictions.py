"""What can never match: the whole query, or a part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.core.lint import leaves
from pipeline.core.lint.advice import Advice, reach, shown, spot
from pipeline.core.lint.logic import Relations
from pipeline.core.lint.names import name_of
from pipeline.core.query import And, Kind, Leaf, Node, Not, Or, Query

_MOST_PARTS = 300  # of a query that are tried one by one


def never(query: Query, relations: Relations) -> list[Advice]:
    """Errors where no article can meet the query."""
    return list(_never(query.text, query.root, relations)) if relations.impossible([query.root]) else []


def dead(query: Query, relations: Relations) -> Iterator[Advice]:
    """Parts of an OR that no article can meet, where the rest can be met."""
    left = _MOST_PARTS
    for part, beside in _alternatives(query.root, ()):
        left -= 1
        if left < 0:
            return
        if not relations.impossible([part, *beside]):
            continue
        start, end = reach(query.text, [part])
        blame = next((each for each in beside if relations.impossible([part, each])), None)
        why = f": {shown(blame)} leaves nothing of it" if blame else ""
        yield Advice(
            code="dead-part",
            message=f"no article can meet {shown(part)} here{why}; leave it out",
            start=start,
            end=end,
        )


def as_written(query: Query, strict: Relations, written: Relations, language: str) -> Iterator[Advice]:
    """Words that are excluded just as they are written; ``strict`` knows of those excluded altogether."""
    for leaf, excluded in _beside_exclusions(query.root, ()):
        for other in excluded:
            if other in written.follow(leaf) and other not in strict.follow(leaf):
                start, end = spot(query.text, other)
                lemma = any(word.kind is Kind.INFLECTED for word in leaves.parts(other))
                where = f" in {name_of(language)}" if lemma else ""
                yield Advice(
                    code="contradiction",
                    message=f"NOT {other.text} excludes {leaf.text} too{where}: leave one of them out",
                    start=start,
                    end=end,
                )


def _never(text: str, node: Node, relations: Relations) -> Iterator[Advice]:
    if isinstance(node, Or):
        for part in node.parts:
            yield from _never(text, part, relations)
        return
    parts = _needed(node.parts if isinstance(node, And) else (node,), relations)
    start, end = reach(text, parts)
    match parts:
        case [one, Not(other)] if not isinstance(one, Not):
            start, end = spot(text, other)
            what = f"NOT {other.text} excludes all that {shown(one)} finds"
        case [one, other] if isinstance(one, Leaf) and isinstance(other, Leaf):
            what = f"an article is in one language, so write {shown(one)} OR {shown(other)}"
        case _:
            what = f"{' and '.join(f'({shown(part)})' for part in parts)} exclude one another"
    yield Advice(
        code="never", message=f"this can never match: {what}", start=start, end=end, severity="error"
    )


def _needed(parts: Sequence[Node], relations: Relations) -> list[Node]:
    """The fewest parts, or nearly, that cannot hold together; a NOT comes last."""
    kept = list(parts)
    if len(kept) <= _MOST_PARTS:
        for part in parts:
            others = [each for each in kept if each is not part]
            if others and relations.impossible(others):
                kept = others
    return sorted(kept, key=lambda part: isinstance(part, Not))


def _alternatives(node: Node, beside: tuple[Node, ...]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Every part of an OR, with the words, phrases and NOTs that must hold beside it."""
    match node:
        case And(parts):
            plain = tuple(part for part in parts if not isinstance(part, And | Or))
            for part in parts:
                yield from _alternatives(part, (*beside, *plain))
        case Or(parts):
            for part in _by_word(parts):
                yield part, beside
                if part in parts:
                    yield from _alternatives(part, beside)


def _by_word(parts: Sequence[Node]) -> Iterator[Node]:
    """The parts of an OR; the ways to write one word with a hyphen, which stand at one place, are one."""
    for at, group in groupby(parts, key=lambda part: part.at if isinstance(part, Leaf) else None):
        ways = tuple(group)
        if at is None or len(ways) == 1:
            yield from ways
        else:
            yield Or(ways)


def _beside_exclusions(node: Node, excluded: tuple[Leaf, ...]) -> Iterator[tuple[Leaf, tuple[Leaf, ...]]]:
    """Every leaf that can make the query true, with those that are excluded beside it."""
    match node:
        case And(parts):
            more = tuple(part.part for part in parts if isinstance(part, Not))
            for part in parts:
                yield from _beside_exclusions(part, (*excluded, *more))
        case Or(parts):
            for part in parts:
                yield from _beside_exclusions(part, excluded)
        case Not():
            return
        case _:
            yield node, excluded
