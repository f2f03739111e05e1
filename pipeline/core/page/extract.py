"""The text of an article's page: what its author wrote, without menus, teasers and comments."""

from __future__ import annotations

from pipeline.core.errors import DocumentError
from pipeline.core.page import furniture
from pipeline.core.page.claims import Claims
from pipeline.core.page.lines import article_lines
from pipeline.core.page.main import main_part
from pipeline.core.page.measure import Element
from pipeline.core.text import plain

_SHORTEST = 40  # characters; less is a caption or a menu, no article
_LOST = 0.8  # of the main part's text, that the extractor has to leave
_GIVEN = 0.9  # of the text found, that a text given for machines has at least to be preferred


def parsed(text: str) -> Element:
    """The page as a tree; DocumentError ``empty`` where there is none."""
    from trafilatura.utils import load_html  # noqa: PLC0415 - half a second, for those who extract only

    tree = load_html(text)
    if tree is None:
        raise DocumentError("empty", "the page has no readable content")
    return tree


def body(tree: Element, said: Claims, url: str, *, given: bool = True) -> str:
    """The article's text; the tree is pruned on the way.  DocumentError ``empty`` where there is none.

    Furniture is taken out by its marks, then the part that holds the prose is
    given to the extractor.  Where that leaves most of it out, the part is taken
    as it stands.  A text that the page gives to machines is preferred where it
    is no shorter than what readers see, unless ``given`` forbids it.
    """
    furniture.clear(tree)
    part = main_part(tree)
    whole = article_lines(plain(_html(part)), said.title)
    found = article_lines(_extracted(part, url), said.title)
    if len(found) < _LOST * len(whole):
        found = whole
    if given and len(said.body) >= max(_SHORTEST, _GIVEN * len(found)):
        found = article_lines(said.body, said.title)
    if len(found) < _SHORTEST:
        raise DocumentError("empty", "no article text was found on the page")
    return found


def _extracted(part: Element, url: str) -> str:
    from lxml.html import document_fromstring  # noqa: PLC0415
    from trafilatura import bare_extraction  # noqa: PLC0415

    tree = document_fromstring(f"<html><body>{_html(part)}</body></html>")
    found = bare_extraction(tree, url=url, include_comments=False, include_tables=False)
    return getattr(found, "text", None) or ""


def _html(part: Element) -> str:
    from lxml.html import tostring  # noqa: PLC0415

    text: str = tostring(part, encoding="unicode", with_tail=False)
    return text
