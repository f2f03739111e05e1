"""How much text each element of a page holds: counted once, from the leaves to the root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: An lxml element; lxml has no types.
Element = Any

#: Elements that begin a line of their own.
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main"}
    | {"nav", "ol", "p", "pre", "section", "table", "tbody", "td", "th", "tr", "ul"}
)
_SILENT = frozenset({"script", "style", "template", "svg", "math", "head", "title", "textarea", "select"})
#: A block with so many characters of its own, few of them links, is prose; a sign of Chinese counts twice.
_PROSE = 60


@dataclass(slots=True)
class Measure:
    """Characters of one element, with all that is in it."""

    text: int = 0
    links: int = 0  # of the text, what is linked
    prose: int = 0  # of the text, what stands in blocks of prose
    own: int = 0  # of the text, what stands in no block within
    own_links: int = 0


def measured(root: Element) -> dict[Element, Measure]:
    """The measure of every element below ``root``, in time that grows with their number."""
    found: dict[Element, Measure] = {}
    for one in reversed(list(root.iter())):
        if not isinstance(one.tag, str):
            continue  # comments and instructions; what follows them is counted below
        here = found.setdefault(one, Measure())
        if one.tag in _SILENT:
            found[one] = Measure()
            continue
        direct = _length(one.text) + sum(_length(child.tail) for child in one)
        here.text += direct
        here.own += direct
        if one.tag == "a":
            here.links = here.text
            here.own_links = here.own
        if one.tag in BLOCKS and here.own >= _PROSE and here.own_links * 2 < here.own:
            here.prose += here.own
        parent = one.getparent()
        if parent is not None and one is not root:
            _add(found.setdefault(parent, Measure()), here, block=one.tag in BLOCKS)
    return found


def _add(to: Measure, what: Measure, *, block: bool) -> None:
    to.text += what.text
    to.links += what.links
    to.prose += what.prose
    if not block:
        to.own += what.own
        to.own_links += what.own_links


def _length(text: str | None) -> int:
    if not text or text.isspace():
        return 0
    bare = text.strip()
    return len(bare) if bare.isascii() else len(bare) + sum("\u3040" <= char <= "\u9fff" for char in bare)
