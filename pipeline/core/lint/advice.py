"""What the lint says, and where in the query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.core.query import And, Leaf, Node, Not, Or

_QUOTED = re.compile(r'"[^"]*"')
_TURNED = str.maketrans("()", ")(")
_WRITTEN = re.compile(r'"[^"]*"(?:~[0-9]+)?|[^\s"()]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to mend: an ``error`` can never have been meant, a ``warning`` hardly ever.

    ``start`` and ``end`` count code points of the query's text, 0-based, ``end`` excluded.
    """

    code: str  # a short word that stays the same
    message: str  # one line that says what to do
    start: int
    end: int
    severity: Literal["error", "warning"] = "warning"


def spot(text: str, leaf: Leaf) -> tuple[int, int]:
    """Where a leaf stands, with its fields where they stand right before it."""
    written = _WRITTEN.match(text, leaf.at)
    end = written.end() if written else leaf.at
    start = end - len(leaf.text)
    return (start, end) if start >= 0 and text[start:end] == leaf.text else (leaf.at, end)


def reach(text: str, nodes: Iterable[Node]) -> tuple[int, int]:
    """From the first leaf of parts of a query to the end of the last, with the brackets that this cuts."""
    spots = [spot(text, leaf) for node in nodes for leaf in every_leaf(node)]
    start, end = min(first for first, _ in spots), max(last for _, last in spots)
    within = _QUOTED.sub("", text[start:end])
    for _ in range(_unopened(within)):
        start = text.rindex("(", 0, start)
    for _ in range(_unopened(within[::-1].translate(_TURNED))):
        end = text.index(")", end) + 1
    return start, end


def whole(text: str) -> tuple[int, int]:
    """All of a query, without the spaces around it."""
    return len(text) - len(text.lstrip()), len(text.rstrip())


def every_leaf(node: Node) -> list[Leaf]:
    """The leaves in the order written, those under NOT among them."""
    match node:
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in every_leaf(part)]
        case Not(part):
            return [part]
        case _:
            return [node]


def shown(node: Node) -> str:
    """A part of a query in the query's own words."""
    match node:
        case And(parts):
            return " ".join(f"({shown(part)})" if isinstance(part, Or) else shown(part) for part in parts)
        case Or(parts):
            # A word with a hyphen is two leaves with one text.
            return " OR ".join(dict.fromkeys(shown(part) for part in parts))
        case Not(part):
            return f"NOT {part.text}"
        case _:
            return node.text


def _unopened(text: str) -> int:
    """How many brackets are closed in a text that are not opened there."""
    depth = lowest = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        lowest = min(lowest, depth)
    return -lowest
