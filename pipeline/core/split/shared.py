"""Links and guids that several items of one document share, which therefore identify nothing.

They are compared as the bytes have them.  An item that comes twice, with the same
link, guid and title, shares nothing with itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_LINK_TAG = re.compile(rb"<(?:[\w.-]+:)?link\b([^>]*)>", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*["']([^"']*)""", re.IGNORECASE)
_REL = re.compile(rb"""\brel\s*=\s*["']([^"']*)""", re.IGNORECASE)
_ABOUT = re.compile(rb"""\babout\s*=\s*["']([^"']*)""")


@dataclass(frozen=True, slots=True)
class Marks:
    """What may identify an item, as its bytes have it; b"" where it has none."""

    link: bytes
    guid: bytes
    title: bytes


def marks_of(piece: bytes) -> Marks:
    """The marks of an XML item: of several the last, which is the one that counts."""
    title = _text(piece, b"<title", b"</title>")
    return Marks(_link(piece), _guid(piece), title)


def shared(marks: Iterable[Marks]) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """The links and the guids, not empty, that several different items have."""
    distinct = set(marks)
    return _repeated(mark.link for mark in distinct), _repeated(mark.guid for mark in distinct)


def _repeated(values: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(value for value, times in Counter(values).items() if times > 1 and value)


def _link(piece: bytes) -> bytes:
    if text := _text(piece, b"<link>", b"</link>"):
        return text
    last = b""
    for match in _LINK_TAG.finditer(piece):
        rel = _REL.search(match[1])
        href = _HREF.search(match[1])
        if href is not None and (rel is None or rel[1].lower() == b"alternate"):
            last = href[1].strip()
    return last


def _guid(piece: bytes) -> bytes:
    for opened, closed in ((b"<guid", b"</guid>"), (b"<id", b"</id>"), (b"<atom:id", b"</atom:id>")):
        if text := _text(piece, opened, closed):
            return text
    about = _ABOUT.search(piece, 0, max(piece.find(b">"), 0))
    return about[1].strip() if about is not None else b""


def _text(piece: bytes, opened: bytes, closed: bytes) -> bytes:
    """The text of the last such element; ``opened`` may leave its attributes open."""
    start = piece.rfind(opened)
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
