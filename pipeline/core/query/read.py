"""From the text of a query to its tree.

luqum reads the Lucene syntax; this module says what of it is meant here.
Negations are pushed down to the words, so that a tree has NOT only there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from luqum import thread as luqum_thread
from luqum import tree as lucene
from luqum.exceptions import ParseError

from pipeline.core.errors import QueryError
from pipeline.core.query import quick, terms
from pipeline.core.query.check import check
from pipeline.core.query.terms import Scope
from pipeline.core.query.tree import And, Leaf, Node, Not, Or, Query, needs_a_term

MOST_TERMS = 1_000
_DEEPEST_TREE = 100  # brackets, fields and NOTs within one another
_SHOWN = 100  # characters of a reading in a message
_ALONE = "NOT alone meets almost everything: add a word that must appear"


@lru_cache(maxsize=10_000)
def parse(text: str) -> Query:
    """What a query means; the same text is read once.

    Raises QueryError with the position of the fault.
    """
    if (plain := quick.read(text)) is not None:
        return Query(text, plain)
    return read_whole(text)


def read_whole(text: str) -> Query:
    """What a query means, by the long way that reads every query; as :func:`parse`."""
    check(text)
    try:
        parsed = luqum_thread.parse(text)
    except ParseError as error:
        raise _explained(text, str(error)) from error
    return Query(text, _Reader(text).read(parsed, _At()))


@dataclass(frozen=True, slots=True)
class _At:
    """What stands around a part of a query."""

    scope: Scope = field(default_factory=Scope)
    negated: bool = False
    required: bool = True  # all rests on it, so it must need a term to be present
    depth: int = 0

    def deeper(self) -> _At:
        return replace(self, depth=self.depth + 1)


class _Reader:
    """One pass over luqum's tree."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._terms = 0

    def read(self, item: lucene.Item, at: _At) -> Node:
        """The meaning of a part; ``at`` says what stands around it."""
        if at.depth > _DEEPEST_TREE:
            raise QueryError(f"brackets and NOTs may be nested {_DEEPEST_TREE} deep", item.pos)
        match item:
            case lucene.Group() | lucene.FieldGroup():
                return self.read(item.expr, at.deeper())
            case lucene.SearchField():
                scope = at.scope.within(item.name, item.pos)
                return self.read(item.expr, replace(at.deeper(), scope=scope))
            case lucene.Plus():
                return self.read(item.a, at.deeper())
            case lucene.Not() | lucene.Prohibit():
                return self._not(item, at)
            case lucene.UnknownOperation() | lucene.AndOperation() | lucene.OrOperation():
                return self._operation(item, at)
            case lucene.Word() | lucene.Phrase() | lucene.Fuzzy() | lucene.Proximity():
                return self._leaf(item, at)
            case _:
                raise QueryError("this syntax is not supported", item.pos or 0)

    def _not(self, item: lucene.Item, at: _At) -> Node:
        node = self.read(item.a, replace(at.deeper(), negated=not at.negated, required=False))
        if at.required and not needs_a_term(node):
            raise QueryError(_ALONE, item.pos)
        return node

    def _operation(self, item: lucene.Item, at: _At) -> Node:
        _refuse_mixed(item, self._text)
        is_or = isinstance(item, lucene.OrOperation) != at.negated
        parts: list[Node] = []
        for child in item.children:
            if isinstance(child, lucene.Plus) and isinstance(item, lucene.OrOperation):
                raise QueryError("+ has no meaning beside OR: leave it out, or write AND", child.pos)
            node = self.read(child, replace(at.deeper(), required=at.required and is_or))
            same = isinstance(node, Or if is_or else And)
            parts.extend(node.parts if same and isinstance(node, And | Or) else (node,))
        node = Or(tuple(parts)) if is_or else And(tuple(parts))
        if at.required and not needs_a_term(node):
            raise QueryError(_ALONE, item.pos)
        return node

    def _leaf(self, item: lucene.Item, at: _At) -> Node:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise QueryError(f"a query may have {MOST_TERMS:,} terms", item.pos)
        leaf: Leaf | Or
        match item:
            case lucene.Proximity():
                leaf = terms.near(item.term.value, int(item.degree), at.scope, item.pos)
            case lucene.Phrase():
                leaf = terms.phrase(item.value, at.scope, item.pos)
            case lucene.Fuzzy():
                leaf = terms.fuzzy(item.term.value, at.scope, item.pos)
            case _:
                leaf = terms.word(item.value, at.scope, item.pos)
        return _negation(leaf) if at.negated else leaf


def _negation(node: Leaf | Or) -> Node:
    if isinstance(node, Or):
        return And(tuple(Not(part) for part in node.parts if not isinstance(part, And | Or | Not)))
    return Not(node)


def _refuse_mixed(item: lucene.Item, text: str) -> None:
    """``a b OR c`` has two readings; show both."""
    if not isinstance(item, lucene.UnknownOperation):
        return
    ors = [child for child in item.children if isinstance(child, lucene.OrOperation)]
    if not ors:
        return
    inner: list[str] = []
    outer: list[list[str]] = [[]]
    for child in item.children:
        if child not in ors:
            inner.append(_shown(child))
            outer[-1].append(_shown(child))
            continue
        operands = [_shown(operand) for operand in child.children]
        inner.append(f"({' OR '.join(operands)})")
        outer[-1].append(operands[0])
        outer.extend([operand] for operand in operands[1:])
    sides = [f"({' '.join(side)})" if len(side) > 1 else side[0] for side in outer]
    readings = (" ".join(inner), " OR ".join(sides))
    first, second = (reading if len(reading) <= _SHOWN else f"{reading[:_SHOWN]}…" for reading in readings)
    left = ors[0].children[0]
    at = text.index("OR", left.pos + left.size)
    raise QueryError(f"OR beside words without an operator is ambiguous: write {first} or {second}", at)


def _shown(item: lucene.Item) -> str:
    return str(item).strip()


def _explained(text: str, said: str) -> QueryError:
    """The parser's error with the position in numbers and the cause in words."""
    place = re.search(r"position (\d+)", said)
    at = int(place[1]) if place else len(text.rstrip())
    word = re.match(r"\S*", text[at:])[0]  # type: ignore[index]
    if not place:
        last = text.rsplit(maxsplit=1)[-1]
        if last in {"AND", "OR", "NOT"}:
            return QueryError(f"a term is missing after {last}", text.rindex(last))
        return QueryError("the query ends too early", at)
    if word in {"AND", "OR"}:
        return QueryError(f"a term is missing before {word}", at)
    if word.startswith(")"):
        return QueryError("a term is missing before this bracket", at)
    return QueryError(f"this cannot be understood: {word[:_SHOWN]}", at)
