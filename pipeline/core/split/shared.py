"""Links and guids that several items of one document share, which therefore identify nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_LINK_TAG = re.compile(rb"<(?:[\w.-]+:)?link\b([^>]*)>", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*["']([^"']*)""", re.IGNORECASE)
_REL = re.compile(rb"""\brel\s*=\s*["']([^"']*)""", re.IGNORECASE)
_ABOUT = re.compile(rb"""\babout\s*=\s*["']([^"']*)""")


def link_of(piece: bytes) -> bytes:
    """The text of an item's link as its bytes have it; b"" when it has none."""
    if text := _text(piece, b"<link>", b"</link>"):
        return text
    for match in _LINK_TAG.finditer(piece):
        rel = _REL.search(match[1])
        href = _HREF.search(match[1])
        if href is not None and (rel is None or rel[1].lower() == b"alternate"):
            return href[1].strip()
    return b""


def guid_of(piece: bytes) -> bytes:
    """The text of an item's guid, id or rdf:about; b"" when it has none."""
    for opened, closed in ((b"<guid", b"</guid>"), (b"<id", b"</id>"), (b"<atom:id", b"</atom:id>")):
        if text := _text(piece, opened, closed):
            return text
    about = _ABOUT.search(piece, 0, max(piece.find(b">"), 0))
    return about[1].strip() if about is not None else b""


def shared(values: Iterable[bytes]) -> frozenset[bytes]:
    """The values, not empty, that come more than once."""
    return frozenset(value for value, times in Counter(values).items() if times > 1 and value)


def _text(piece: bytes, opened: bytes, closed: bytes) -> bytes:
    """The text of the first such element; ``opened`` may leave its attributes open."""
    start = piece.find(opened)
    if start == -1:
        return b""
    start = piece.find(b">", start + len(opened) - 1) + 1
    end = piece.find(closed, start)
    if start == 0 or end == -1:
        return b""
    text = piece[start:end].strip()
    if text.startswith(b"<![CDATA["):
        text = text[9:].removesuffix(b"]]>").strip()
    return text
