"""Where a page's article stands: the smallest element that holds nearly all of the prose."""

from __future__ import annotations

from pipeline.core.page.measure import Element, measured

_NEARLY_ALL = 0.85
_TIGHT = frozenset({"p", "li", "pre", "span", "b", "font", "h1", "h2", "blockquote"})


def main_part(root: Element) -> Element:
    """The part of a page, cleared of its furniture, that the article stands in.

    From the root, the way leads into whichever child holds nearly all of the
    prose, as long as there is one; what stands beside that way is no article.
    """
    sizes = measured(root)
    whole = sizes[root].prose
    here = root
    while whole:
        within = [child for child in here if child in sizes and child.tag not in _TIGHT]
        inner = max(within, key=lambda child: sizes[child].prose, default=None)
        if inner is None or sizes[inner].prose < _NEARLY_ALL * whole:
            break
        here = inner
    return here
