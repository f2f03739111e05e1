"""Where the items of an XML feed begin and end, found without parsing it.

Only the bytes that can mislead are looked at: comments, CDATA sections, processing
instructions and declarations are stepped over; what stands in them is no markup.
Wherever the document is not of the plain kind (items in a row, one kind of tag,
nothing else between them), the scan says that it cannot be cut.  The time grows
with the size alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.core.errors import DocumentError

_NAME = rb"[A-Za-z_\x80-\xff][\w.\x80-\xff-]*"
_STEP = re.compile(rb"<(?:[!?]|((?:" + _NAME + rb":)?(?:item|entry))(?=[\s/>]))", re.IGNORECASE)
_ITEM = re.compile(rb"<(?:" + _NAME + rb":)?(?:item|entry)[\s/>]", re.IGNORECASE)
_TAG = re.compile(rb"<([!?]|/?" + _NAME + rb"(?::" + _NAME + rb")?)")
_PROLOG_START = re.compile(rb"<(?:\?xml|rss|rdf:rdf|feed|channel)[\s>]", re.IGNORECASE)
_SUBSET_END = re.compile(rb"\]\s*>")
_AFTER_NAME = b" \t\r\n/>"
_SPACE = re.compile(rb"\s*")
_ROOTS = frozenset({b"rss", b"rdf", b"feed", b"channel"})
_JUNK_LIMIT = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A feed document, measured.

    ``items`` are the bounds of the complete items when ``safe``; the head is what
    comes before the first, the tail what comes after the last.
    """

    body: bytes  # from the prolog to the end of the root element, or of the last complete item
    items: tuple[tuple[int, int], ...]
    tail: bytes  # closes what the head opened; made up when the document was cut short
    safe: bool
    closed: bool  # the root element ends
    broken_off: int  # items that begin and never end: 0 or 1

    @property
    def head(self) -> bytes:
        """What comes before the first item."""
        return self.body[: self.items[0][0]] if self.items else self.body

    def whole(self) -> bytes:
        """The document in one piece, without an item that is not complete."""
        return self.body if self.closed else self.body + self.tail


class _UnsafeError(Exception):
    """The document is not of the kind that can be cut."""


def scan(body: bytes) -> Scan:
    """Measure an XML document; DocumentError ``not-a-feed`` when its root is no feed's."""
    start, root, has_subset = _root(body)
    body = body[start:] if start else body
    try:
        return _measured(body, root, has_subset=has_subset)
    except _UnsafeError:
        close = find_outside(body, b"</" + root, 0)
        end = _end_of_tag(body, close) if close != -1 else 0
        return Scan(
            body=body[:end] if end else body, items=(), tail=b"", safe=False, closed=end > 0, broken_off=0
        )


def find_outside(body: bytes, needle: bytes, start: int) -> int:
    """The first ``needle`` from ``start`` on that is markup, not comment or CDATA; -1 when there is none."""
    hit = body.find(needle, start)
    if hit == -1:
        return -1
    if body.find(b"<!--", start, hit) == -1:
        # Without comments, what opens a CDATA section last tells all: the first "]]>" behind
        # it ends whichever section it stands in.
        opened = body.rfind(b"<![CDATA[", start, hit)
        if opened == -1 or body.find(b"]]>", opened, hit) != -1:
            return hit
    pos = start
    while hit != -1:
        mark = body.find(b"<!", pos, hit)
        if mark == -1:
            return hit
        pos = _after(body, mark)
        if pos == -1:
            return -1
        if pos > hit:
            hit = body.find(needle, pos)
    return -1


def root_name(body: bytes) -> bytes:
    """The name of the root element, as written; b"" when there is none."""
    return _first_element(body, 0)[1]


def is_feed_root(name: bytes) -> bool:
    """Whether an element of that name holds a feed."""
    return name.rpartition(b":")[2].lower() in _ROOTS


def _root(body: bytes) -> tuple[int, bytes, bool]:
    """Where the document starts, its root's name, and whether a DOCTYPE declares things."""
    start = max(body.find(b"<"), 0)
    _, name, subset = _first_element(body, start)
    if not is_feed_root(name) and name.lower() != b"html":
        # Servers print warnings before the document; what they print may hold tags.
        found = _PROLOG_START.search(body, start + 1, _JUNK_LIMIT)
        if found is not None:
            start = found.start()
            _, name, subset = _first_element(body, start)
    if not is_feed_root(name):
        what = f"its root is <{name[:40].decode('utf-8', 'replace')}>" if name else "it has no root element"
        raise DocumentError("not-a-feed", f"The document is not a feed: {what}.")
    return start, name, subset


def _first_element(body: bytes, pos: int) -> tuple[int, bytes, bool]:
    subset = False
    while (match := _TAG.search(body, pos)) is not None:
        if match[1] not in (b"!", b"?"):
            return match.start(), match[1].removeprefix(b"/"), subset
        end = _after(body, match.start())
        if end == -1:
            break
        subset = subset or (_is_doctype(body, match.start()) and b"[" in body[match.start() : end])
        pos = end
    return 0, b"", subset


def _first_item(body: bytes) -> tuple[int, bytes] | None:
    """Where the first item's tag begins, and the tag up to its name."""
    pos = 0
    while (match := _STEP.search(body, pos)) is not None:
        if match[1] is not None:
            return match.start(), match[0]
        pos = _after(body, match.start())
        if pos == -1:
            return None
    return None


def _measured(body: bytes, root: bytes, *, has_subset: bool) -> Scan:
    items, unfinished = _items(body, _first_item(body), has_subset=has_subset)
    end = items[-1][1] if items else 0
    close = find_outside(body, b"</" + root, max(end, unfinished))
    if close == -1:
        return _broken_off(body, items, unfinished)
    tail = body[end : _end_of_tag(body, close)]
    if unfinished != -1 or (items and _ITEM.search(tail)):
        raise _UnsafeError
    return Scan(
        body=body[: end + len(tail)], items=tuple(items), tail=tail, safe=True, closed=True, broken_off=0
    )


def _items(
    body: bytes, first: tuple[int, bytes] | None, *, has_subset: bool
) -> tuple[list[tuple[int, int]], int]:
    """The bounds of the complete items in a row, and where one begins that never ends, or -1."""
    items: list[tuple[int, int]] = []
    if first is None:
        return items, -1
    if has_subset:
        raise _UnsafeError
    pos, tag = first
    while pos != -1:
        end = _item_end(body, pos, tag)
        if end == -1:
            return items, pos
        items.append((pos, end))
        pos = _next_item(body, end, tag)
    return items, -1


def _item_end(body: bytes, start: int, tag: bytes) -> int:
    """Where the item that begins at ``start`` ends; -1 when it never does."""
    opened = body.find(b">", start) + 1
    if opened == 0:
        return -1
    if opened != start + len(tag) + 1:
        start_tag = body[start:opened]
        if start_tag.count(b'"') % 2 or start_tag.count(b"'") % 2 or b"<" in start_tag[1:]:
            raise _UnsafeError
        if start_tag.endswith(b"/>"):
            return opened
    close = find_outside(body, b"</" + tag[1:], opened)
    if close == -1:
        return -1
    end = body.find(b">", close)
    name_end = close + len(tag) + 1
    if (end != name_end and body[name_end:end].strip()) or _has_nested(body, opened, close, tag):
        raise _UnsafeError
    return end + 1 if end != -1 else -1


def _has_nested(body: bytes, start: int, end: int, tag: bytes) -> bool:
    """Whether an item begins inside another, as happens where an end tag was forgotten."""
    hit = body.find(tag, start, end)
    while hit != -1:
        outside = find_outside(body, tag, start)
        if outside == -1 or outside >= end:
            return False
        if body[outside + len(tag)] in _AFTER_NAME:
            return True
        start = outside + len(tag)
        hit = body.find(tag, start, end)
    return False


def _next_item(body: bytes, pos: int, tag: bytes) -> int:
    """Where the next item begins if only space and comments come before it; else -1."""
    while True:
        match = _SPACE.match(body, pos)
        pos = match.end() if match else pos
        if not body.startswith(b"<!--", pos):
            break
        pos = _after(body, pos)
        if pos == -1:
            return -1
    after = pos + len(tag)
    return pos if body.startswith(tag, pos) and body[after : after + 1] in _AFTER_NAME else -1


def _after(body: bytes, pos: int) -> int:
    """Where the comment, CDATA section, instruction or declaration at ``pos`` ends; -1 if it never does."""
    if body.startswith(b"<!--", pos):
        end, length = body.find(b"-->", pos + 4), 3
    elif body.startswith(b"<![CDATA[", pos):
        end, length = body.find(b"]]>", pos + 9), 3
    elif body.startswith(b"<?", pos):
        end, length = body.find(b"?>", pos + 2), 2
    else:
        end, length = body.find(b">", pos), 1
        if end != -1 and _is_doctype(body, pos) and b"[" in body[pos:end]:
            subset_end = _SUBSET_END.search(body, pos)
            return subset_end.end() if subset_end else -1
    return -1 if end == -1 else end + length


def _is_doctype(body: bytes, pos: int) -> bool:
    return body[pos : pos + 9].upper() == b"<!DOCTYPE"


def _end_of_tag(body: bytes, pos: int) -> int:
    """Just behind the ">" that ends the tag at ``pos``; 0 when there is none."""
    return body.find(b">", pos) + 1


def _broken_off(body: bytes, items: list[tuple[int, int]], unfinished: int) -> Scan:
    """A document that ends too early: its complete items, and end tags for what stays open."""
    head_end = items[0][0] if items else max(unfinished, 0) or len(body)
    return Scan(
        body=body[: items[-1][1] if items else head_end],
        items=tuple(items),
        tail=_end_tags(body[:head_end]),
        safe=True,
        closed=False,
        broken_off=int(unfinished != -1),
    )


def _end_tags(head: bytes) -> bytes:
    """The end tags of the elements that ``head`` leaves open."""
    stack: list[bytes] = []
    pos = 0
    while (match := _TAG.search(head, pos)) is not None:
        name = match[1]
        pos = _after(head, match.start()) if name in (b"!", b"?") else _end_of_tag(head, match.start())
        if pos <= 0:
            break
        if name.startswith(b"/"):
            if stack and stack[-1] == name[1:]:
                stack.pop()
        elif name not in (b"!", b"?") and not head.endswith(b"/>", 0, pos):
            stack.append(name)
    return b"".join(b"</" + name + b">" for name in reversed(stack))
