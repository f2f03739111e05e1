"""Cut a fetched document into its items, and leave out those that the last document had.

An XML feed is cut at its item boundaries without being parsed; a JSON Feed is
read, which is as cheap.  Each piece is known by the hash of its bytes.  Where a
document cannot be cut safely it is one piece.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from pipeline.core import charset
from pipeline.core.errors import DocumentError
from pipeline.core.model import Document, Piece
from pipeline.core.split import jsonfeed
from pipeline.core.split.scan import Scan, is_feed_root, root_name, scan
from pipeline.core.split.shared import Marks, marks_of, shared

MAX_ITEM_BYTES = 4_000_000
MAX_ITEM_TAGS = 20_000
MAX_DOCUMENT_TAGS = 150_000

#: What stands before a rejected item's link, at the end of the reason.
ITS_LINK = "Its link: "

_CUT_SHORT = "cut-short:"
_HEAD_BYTES = 4_096
_MAX_LINK = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A document taken apart, before what is known leaves it."""

    head: bytes
    tail: bytes
    cut: bool
    format: str
    pieces: Sequence[bytes]
    marks: Sequence[Marks]  # of the pieces; empty: to be found in their bytes
    rejected: tuple[str, ...]
    malformed: bool


def split(
    body: bytes,
    *,
    content_type: str,
    known: frozenset[bytes],
    complete: bool,
    items_limit: int,
    cut: bool = True,
) -> Document:
    """The document's pieces that ``known``, the last document's fingerprints, does not hold.

    ``content_type`` is the header as served, ``complete`` whether the whole body
    came; of a body cut short the complete items are taken.  Items beyond
    ``items_limit`` and items over a limit of size are rejected with a reason that
    begins with a word: ``cut-short``, ``too-many-items``, ``item-too-large`` or
    ``too-many-tags``; a piece that repeats another byte for byte counts as known.  A document that
    cannot be cut, or is not to be (``cut`` False), counts as one item.

    Raises DocumentError: ``empty``, ``not-a-feed``, ``malformed`` (JSON).
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise DocumentError("empty", "The document is empty.")
    encoding = charset.labelled(body[:_HEAD_BYTES], content_type)
    if not charset.is_cuttable(encoding):
        return _document(_opaque(body, content_type, complete=complete), known, items_limit)
    if body.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] == b"{":
        return _document(_json(body, content_type, cut=cut), known, items_limit)
    measured = scan(body)
    sound = charset.is_sound(measured.whole(), encoding)
    parts = _xml(measured, cut=cut and sound, complete=complete)
    return _document(parts, known, items_limit)


def over_limits(document: Document) -> list[str]:
    """Why items of the document were refused, apart from those that are cut short."""
    return [reason for reason in document.rejected if not reason.startswith(_CUT_SHORT)]


def guids(document: Document) -> list[bytes] | None:
    """What its pieces call themselves, b"" for one that does not; None for a document that was not cut."""
    if not document.cut:
        return None
    return [_marks(piece.data, document.format).guid for piece in document.pieces]


def _marks(data: bytes, form: str) -> Marks:
    return jsonfeed.marks_of(json.loads(data)) if form == "json" else marks_of(data)


def _opaque(body: bytes, content_type: str, *, complete: bool) -> _Parts:
    """A document in an encoding whose bytes do not show its markup."""
    start = charset.decode(body[:_HEAD_BYTES], content_type).encode("utf-8", "replace")
    if not is_feed_root(root_name(start)):
        raise DocumentError("not-a-feed", "The document is not a feed: its root is no feed's.")
    return _one_piece(body, rejected=(), malformed=not complete)


def _xml(measured: Scan, *, cut: bool, complete: bool) -> _Parts:
    rejected = (f"{_CUT_SHORT} The item is cut short.",) * measured.broken_off
    malformed = not complete or not measured.closed
    if measured.safe and (cut or not measured.items):
        return _Parts(
            head=measured.head,
            tail=measured.tail,
            cut=True,
            format="xml",
            pieces=[measured.body[start:end] for start, end in measured.items],
            marks=(),
            rejected=rejected,
            malformed=malformed,
        )
    return _one_piece(measured.whole(), rejected=rejected, malformed=malformed)


def _json(body: bytes, content_type: str, *, cut: bool) -> _Parts:
    feed = jsonfeed.load(charset.decode(body, content_type))
    if not cut:
        return _one_piece(body, rejected=(), malformed=False, form="json")
    items = feed.pop("items")
    return _Parts(
        head=jsonfeed.dump(feed),
        tail=b"",
        cut=True,
        format="json",
        pieces=[jsonfeed.dump(item) for item in items],
        marks=[jsonfeed.marks_of(item) for item in items],
        rejected=(),
        malformed=False,
    )


def _one_piece(body: bytes, *, rejected: tuple[str, ...], malformed: bool, form: str = "xml") -> _Parts:
    return _Parts(
        head=b"",
        tail=b"",
        cut=False,
        format=form,
        pieces=[body],
        marks=[Marks(b"", b"", b"")],
        rejected=rejected,
        malformed=malformed,
    )


def _document(parts: _Parts, known: frozenset[bytes], items_limit: int) -> Document:
    surplus = max(len(parts.pieces) - items_limit, 0)
    bodies = parts.pieces[:items_limit] if surplus else parts.pieces
    rejected = list(parts.rejected)
    reason = f"too-many-items: The document lists more than {items_limit} items."
    rejected += [_named(reason, parts, items_limit + number) for number in range(surplus)]
    fingerprints: dict[bytes, int] = {}  # to the first position that has it
    fresh: list[tuple[bytes, int]] = []
    for position, data in enumerate(bodies):
        mark = blake2b(data, digest_size=16).digest()
        if mark in fingerprints:
            continue
        fingerprints[mark] = position
        if mark in known:
            continue
        if reason := _excess(data, cut=parts.cut):
            rejected.append(_named(reason, parts, position))
        else:
            fresh.append((mark, position))
    return Document(
        head=parts.head,
        tail=parts.tail,
        cut=parts.cut,
        format=parts.format,
        pieces=_pieces(parts, fresh, list(fingerprints.values())) if fresh else (),
        fingerprints=tuple(fingerprints),
        seen=len(parts.pieces) + len(parts.rejected),
        rejected=tuple(rejected),
        malformed=parts.malformed,
    )


def _pieces(parts: _Parts, fresh: list[tuple[bytes, int]], distinct: list[int]) -> tuple[Piece, ...]:
    """The new pieces, judged for sharing among all the distinct ones of the document."""
    marks = parts.marks or [marks_of(piece) for piece in parts.pieces]
    links, guids = shared(marks[position] for position in distinct)
    return tuple(
        Piece(
            position=position,
            fingerprint=fingerprint,
            data=parts.pieces[position],
            link_shared=marks[position].link in links,
            guid_shared=marks[position].guid in guids,
        )
        for fingerprint, position in fresh
    )


def _named(reason: str, parts: _Parts, position: int) -> str:
    """The reason with the link of the piece that it is about: nothing else of it is kept."""
    marks = parts.marks[position] if parts.marks else marks_of(parts.pieces[position])
    link = html.unescape(marks.link.decode("utf-8", "replace"))
    return f"{reason} {ITS_LINK}{link[:_MAX_LINK]}" if link else reason


def _excess(data: bytes, *, cut: bool) -> str:
    """Why a piece is over a limit; "" when it is not.

    What an item costs to parse grows with its elements.
    """
    if cut and len(data) > MAX_ITEM_BYTES:
        return f"item-too-large: The item is larger than {MAX_ITEM_BYTES // 1_000_000} MB."
    limit = MAX_ITEM_TAGS if cut else MAX_DOCUMENT_TAGS
    if data.count(b"<") > limit:
        return f"too-many-tags: The {'item' if cut else 'document'} has more than {limit} tags."
    return ""
