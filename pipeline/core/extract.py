"""The text of an article's page: what its author wrote, without menus, teasers and comments."""

from __future__ import annotations

import codecs
import re
import sys
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import DocumentError
from pipeline.core.text import line, tidy, truncate
from pipeline.core.urls import absolute

_PAGE_BYTES = 5_000_000  # more than this is data with a little text in it
_TEXT_CHARS = 200_000
_TITLE_CHARS = 1_000
_SHORTEST = 40  # characters; less is a caption or a menu, no article
_HEAD_BYTES = 4_096  # where an encoding and a language are declared

_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "application/xml", "text/xml"})
_UNTYPED = frozenset({"application/octet-stream", "text/plain"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?\s*([a-z]{2,3})\b", re.IGNORECASE)
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|main|div|p)\b", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|([0-9]{1,9}))(?![0-9a-f]);?", re.IGNORECASE)
_NEVER = frozenset({"utf-7"})  # hides markup from everything that looks at bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says; all texts plain and tidy."""

    title: str  # "" when it has none
    text: str  # paragraphs, one to a line
    language: str | None  # BCP 47 primary subtag that the page declares, lower case
    canonical_url: str  # where the page says it lives; "" when it does not


def extract(html: bytes, *, url: str, content_type: str) -> Page:
    """The article in ``html``, fetched from ``url``.

    Raises DocumentError: ``not-html``, ``too-large`` (over 5 MB), ``empty`` (no
    article can be told from what surrounds it).  How much time it may take is
    the caller's to limit.
    """
    if len(html) > _PAGE_BYTES:
        raise DocumentError("too-large", f"the page is larger than {_PAGE_BYTES} bytes")
    if not _is_html(html, content_type):
        raise DocumentError("not-html", f"not a web page but {content_type[:80] or 'something else'}")
    source = _mended(_decoded(html, content_type))
    # Half a second and fifty modules, for those who extract only.
    from trafilatura import bare_extraction  # noqa: PLC0415
    from trafilatura.utils import load_html  # noqa: PLC0415

    tree = load_html(source)
    if tree is None:
        raise DocumentError("empty", "the page has no readable content")
    title, canonical = _title(tree), _canonical(tree, url)  # before the tree is pruned
    found = bare_extraction(tree, url=url, include_comments=False, include_tables=False)
    text = _body(getattr(found, "text", None) or "", title)
    if len(text) < _SHORTEST:
        raise DocumentError("empty", "no article text was found on the page")
    language = _LANGUAGE.search(source[:_HEAD_BYTES])
    return Page(
        title=title,
        text=text,
        language=language[1].lower() if language else None,
        canonical_url=canonical,
    )


def _is_html(html: bytes, content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _HTML_TYPES:
        return not html.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"PK\x03\x04"))
    return kind in _UNTYPED and _MARKUP.search(html[:_HEAD_BYTES]) is not None


def _decoded(html: bytes, content_type: str) -> str:
    """The page as text: by its byte order mark, the header, its own word, else UTF-8 or Windows-1252."""
    for mark, encoding in _BOMS:
        if html.startswith(mark):
            return html.decode(encoding, "replace")
    head = html[:_HEAD_BYTES].decode("ascii", "replace")
    for declared in (_CHARSET.search(content_type), _CHARSET.search(head)):
        text = _as_declared(html, declared[1]) if declared else None
        if text is not None:
            return text
    try:
        return html.decode()
    except UnicodeDecodeError:
        return html.decode("cp1252", "replace")


def _as_declared(html: bytes, encoding: str) -> str | None:
    """The page in the encoding it declares, or None when that is unknown or plainly wrong."""
    try:
        name = codecs.lookup(encoding).name
        if name in _NEVER:
            return None
        # HTML calls Latin-1 what everybody writes in Windows-1252.
        return html.decode(
            "cp1252" if name == "iso8859-1" else name, "replace" if name != "utf-8" else "strict"
        )
    except (LookupError, UnicodeError, ValueError):
        return None


def _mended(source: str) -> str:
    """``source`` without control characters, written or spelled out: one is enough to make lxml give up."""

    def mended(reference: re.Match[str]) -> str:
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        return " " if code > sys.maxunicode or _CONTROLS.match(chr(code)) else reference[0]

    source = _CONTROLS.sub(" ", source)
    return _REFERENCE.sub(mended, source) if "&#" in source else source


def _title(tree: Any) -> str:  # noqa: ANN401 - lxml's elements have no types
    """The headline: as the page gives it to others, else its heading, else its window's title."""
    for path in ("//meta[@property='og:title']/@content", "//article//h1", "//h1", "//title"):
        for found in tree.xpath(path)[:1]:
            text = line(found if isinstance(found, str) else found.text_content())
            if text:
                return truncate(text, _TITLE_CHARS)
    return ""


def _canonical(tree: Any, url: str) -> str:  # noqa: ANN401
    found = tree.xpath("//link[@rel='canonical']/@href")
    return absolute(str(found[0]), url) if found else ""


def _body(text: str, title: str) -> str:
    """Paragraphs, without the heading that the title already tells."""
    paragraphs = tidy(text).split("\n")
    if paragraphs and paragraphs[0] == title:
        paragraphs = paragraphs[1:]
    return truncate("\n".join(paragraphs), _TEXT_CHARS)
