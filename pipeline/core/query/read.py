"""From the text of a query to its tree.

luqum reads the Lucene syntax; this module says what of it is meant here.
Negations are pushed down to the words, so that a tree has NOT only there.
"""

from __future__ import annotations

import re
from functools import lru_cache

from luqum import thread as luqum_thread
from luqum import tree as lucene
from luqum.exceptions import ParseError

from pipeline.core.analyse import fold, tokens
from pipeline.core.analyse.forms import LONGEST_TOKEN
from pipeline.core.errors import QueryError
from pipeline.core.query.check import check
from pipeline.core.query.tree import And, Leaf, Node, Not, Or, Phrase, Query, Word, needs_a_term

MOST_TERMS = 1_000
LONGEST_PHRASE = 50  # tokens
_DEEPEST_TREE = 100  # brackets and NOTs within one another
_SHOWN = 100  # characters of a reading in a message


@lru_cache(maxsize=10_000)
def parse(text: str) -> Query:
    """What a query means; the same text is read once.

    Raises QueryError with the position of the fault.
    """
    check(text)
    try:
        parsed = luqum_thread.parse(text)
    except ParseError as error:
        raise _explained(text, str(error)) from error
    return Query(text, _Reader(text).read(parsed, negated=False, required=True))


class _Reader:
    """One pass over luqum's tree."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._terms = 0

    def read(self, item: lucene.Item, *, negated: bool, required: bool, depth: int = 0) -> Node:
        """The meaning of a part; ``required``: all rests on it, so it must need a term to be present."""
        if depth > _DEEPEST_TREE:
            raise QueryError(f"brackets and NOTs may be nested {_DEEPEST_TREE} deep", item.pos)
        match item:
            case lucene.Group():
                return self.read(item.expr, negated=negated, required=required, depth=depth + 1)
            case lucene.Not():
                return self._not(item, negated=negated, required=required, depth=depth)
            case lucene.UnknownOperation() | lucene.AndOperation() | lucene.OrOperation():
                return self._operation(item, negated=negated, required=required, depth=depth)
            case lucene.Word() | lucene.Phrase():
                return self._leaf(item, negated=negated)
            case _:
                raise QueryError("this syntax is not supported", item.pos or 0)

    def _not(self, item: lucene.Item, *, negated: bool, required: bool, depth: int) -> Node:
        node = self.read(item.a, negated=not negated, required=False, depth=depth + 1)
        if required and not needs_a_term(node):
            raise QueryError("NOT alone meets almost everything: add a word that must appear", item.pos)
        return node

    def _operation(self, item: lucene.Item, *, negated: bool, required: bool, depth: int) -> Node:
        _refuse_mixed(item, self._text)
        is_or = isinstance(item, lucene.OrOperation) != negated
        parts: list[Node] = []
        for child in item.children:
            node = self.read(child, negated=negated, required=required and is_or, depth=depth + 1)
            same = isinstance(node, Or if is_or else And)
            parts.extend(node.parts if same and isinstance(node, And | Or) else (node,))
        node = Or(tuple(parts)) if is_or else And(tuple(parts))
        if required and not needs_a_term(node):
            raise QueryError("NOT alone meets almost everything: add a word that must appear", item.pos)
        return node

    def _leaf(self, item: lucene.Item, *, negated: bool) -> Node:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise QueryError(f"a query may have {MOST_TERMS:,} terms", item.pos)
        if isinstance(item, lucene.Phrase):
            leaf: Leaf | Or = _phrase(item)
        else:
            leaf = _word(item)
        return _negation(leaf) if negated else leaf


def _negation(node: Leaf | Or) -> Node:
    if isinstance(node, Or):
        return And(tuple(Not(part) for part in node.parts if not isinstance(part, And | Or | Not)))
    return Not(node)


def _phrase(item: lucene.Item) -> Phrase:
    return Phrase(text=item.value, parts=_tokens(item.value, item.pos), exact=True)


def _word(item: lucene.Item) -> Leaf | Or:
    text = item.value
    if text.lower() in {"and", "or", "not"} and not text.isupper():
        raise QueryError(
            f'write {text.upper()} in capitals, or "{text}" in quotes to look for the word', item.pos
        )
    parts = _tokens(text, item.pos)
    if len(parts) == 1:
        return Word(text=text, surface=parts[0])
    phrase = Phrase(text=text, parts=parts, exact=False)
    if re.fullmatch("[-\u2010\u2011]".join(map(re.escape, parts)), text):
        # "cease-fire" is also written in one word
        return Or((phrase, Word(text=text, surface="".join(parts))))
    return phrase


def _tokens(text: str, position: int) -> tuple[str, ...]:
    found = tuple(token for token in tokens(text) if fold(token))
    if not found:
        raise QueryError(f"there is no letter or digit to look for in {text[:_SHOWN]}", position)
    if len(found) > LONGEST_PHRASE:
        raise QueryError(f"a phrase may have {LONGEST_PHRASE} words", position)
    if max(map(len, found)) > LONGEST_TOKEN:
        raise QueryError(f"a word may have {LONGEST_TOKEN} characters", position)
    return found


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
