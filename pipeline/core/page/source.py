"""The bytes of a page as text that a parser takes: is it HTML, and in which encoding?"""

from __future__ import annotations

import codecs
import re
import sys

from pipeline.core import charset
from pipeline.core.errors import DocumentError
from pipeline.core.text import crowded

_PAGE_BYTES = 5_000_000  # more than this is data with a little text in it
HEAD_BYTES = 4_096  # where an encoding and a language are declared

_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "application/xml", "text/xml"})
_UNTYPED = frozenset({"application/octet-stream", "text/plain"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|main|div|p)\b", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WIDE = re.compile(r"utf-?(?:16|32)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|([0-9]{1,9}))(?![0-9a-f]);?", re.IGNORECASE)
_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)  # browsers read on after it, libxml2 does not


def may_be_html(content_type: str) -> bool:
    """Whether a body of this type is worth reading: HTML, or what servers call things that they know not."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in _HTML_TYPES or kind in _UNTYPED


def decoded(html: bytes, content_type: str) -> str:
    """The page as text without control characters.

    Raises DocumentError: ``not-html``, ``too-large`` (over 5 MB, or a tag of over 1,000 attributes).
    """
    if len(html) > _PAGE_BYTES:
        raise DocumentError("too-large", f"the page is larger than {_PAGE_BYTES} bytes")
    if not _is_html(html, content_type):
        raise DocumentError("not-html", f"not a web page but {content_type[:80] or 'something else'}")
    text = _mended(_decoded(html, content_type))
    if crowded(text):
        raise DocumentError("too-large", "a tag of the page has more attributes than anybody writes")
    return text


def _is_html(html: bytes, content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _HTML_TYPES:
        return not html.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"PK\x03\x04"))
    return kind in _UNTYPED and _MARKUP.search(html[:HEAD_BYTES]) is not None


def _decoded(html: bytes, content_type: str) -> str:
    """The page as text: by its byte order mark, the header, its own word, else UTF-8 or Windows-1252."""
    for mark, encoding in _BOMS:
        if html.startswith(mark):
            return html.decode(encoding, "replace")
    head = _CHARSET.search(html[:HEAD_BYTES].decode("ascii", "replace"))
    # A page whose own word can be read byte by byte is in no encoding of two or four.
    own = "" if head is None or _WIDE.match(head[1]) else head[1]
    served = _CHARSET.search(content_type)
    for declared in (served[1] if served else "", own):
        text = _as_declared(html, declared) if declared else None
        if text is not None:
            return text
    try:
        return html.decode()
    except UnicodeDecodeError:
        return html.decode("cp1252", "replace")


def _as_declared(html: bytes, label: str) -> str | None:
    """The page in the encoding it declares, or None when that is unknown or plainly wrong."""
    encoding = charset.accepted(label)
    if not encoding:
        return None
    try:
        return html.decode(encoding, "strict" if encoding == "utf-8" else "replace")
    except UnicodeDecodeError:
        return None


def _mended(source: str) -> str:
    """``source`` without what makes lxml stop: control characters, written or spelled out, and early ends."""

    def mended(reference: re.Match[str]) -> str:
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        return " " if code > sys.maxunicode or _CONTROLS.match(chr(code)) else reference[0]

    source = _END.sub("", _CONTROLS.sub(" ", source))
    return _REFERENCE.sub(mended, source) if "&#" in source else source
