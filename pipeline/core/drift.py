"""A document that has nothing in common with the one before: news, or old news under new names.

After a change of a site's software all that a feed lists may have new guids,
links or dates.  What is recognised all the same is nothing new.  What is not
counts as a flood where it cannot be what happened since the last poll: it is
older than what the feed told before, or all its addresses have another shape and
it is more than the feed ever brought at once.  Everything else is news, however
much of it there is; only something may have been missed between the two documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pipeline.core.model import Entry

#: Fewer strange entries are no flood, and fewer than ``_GAP`` no gap.
FLOOD = 5
_GAP = 3
_MOST = 0.8
# Few items may all be late by chance; of many that is no chance any more.
_MANY = 10
_LATE = timedelta(days=1)
_USUAL = 3  # times what it ever brought at once
_OPENING = 120  # characters of a text by which it is known


class Drift(StrEnum):
    """What a document without anything in common with the one before is."""

    NONE = "none"  # the feed has only written its items anew, or there is too little to tell
    GAP = "gap"  # all is news, and some may have been missed
    OLD = "old"  # a flood of what is older than what the feed told before
    MOVED = "moved"  # a flood of what has addresses of another shape
    UNDATED = "undated"  # a flood of what has no date

    @property
    def flood(self) -> bool:
        """Whether it is put into quarantine."""
        return self in (Drift.OLD, Drift.MOVED, Drift.UNDATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article that the feed has told."""

    article_id: int
    url: str
    title: str
    opening: str  # of its text
    content_hash: bytes
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of a feed before a document; ``told`` are its newest articles."""

    told: Sequence[Told] = ()
    most: int = 0  # items that one poll brought at most, its first one apart
    overlapped: bool = False  # its documents had something in common before
    newest: datetime | None = None  # publication of what it told, as far as that was not ahead of its time

    def by_title(self) -> Mapping[str, list[Told]]:
        """The articles by their titles as they are compared."""
        found: dict[str, list[Told]] = {}
        for one in self.told:
            found.setdefault(_plain(one.title), []).append(one)
        return found


def recognised(entries: Iterable[Entry], past: Past) -> dict[bytes, int]:
    """Articles of the feed that entries with new names are, by the entries' keys.

    The same title alone is not enough: many a column has the same one each day.  Nor
    is the beginning of its text, where it is dated after all that the feed had told:
    many a warning begins with the same words each time.
    """
    titles = past.by_title()
    found = {}
    for entry in entries:
        at, newest = entry.published_at, past.newest
        later = at is not None and newest is not None and at > newest
        alike = (one for one in titles.get(_plain(entry.title), ()) if _same(entry, one, later=later))
        if (one := next(alike, None)) is not None:
            found[entry.key] = one.article_id
    return found


def judge(strange: Sequence[Entry], past: Past, *, seen: int, brought: int, pushed: bool = False) -> Drift:
    """What a document is, by those of its entries that were not recognised.

    ``seen`` entries were looked at; ``brought`` items came with the whole document,
    of which they may be a part. One that was ``pushed`` may list only what is new,
    and may come after one that is newer: it has no gap, and is no flood for being late.
    """
    if not past.overlapped or len(strange) * 2 < max(seen, 1):
        return Drift.NONE
    if brought >= FLOOD and (kind := _flood(strange, past, brought, pushed=pushed)) is not None:
        return kind
    gap = len(strange) == seen and brought >= _GAP and not pushed
    return Drift.GAP if gap else Drift.NONE


def _flood(strange: Sequence[Entry], past: Past, brought: int, *, pushed: bool) -> Drift | None:
    dates = [entry.published_at for entry in strange if entry.published_at is not None]
    enough = _MOST * len(strange)
    late = timedelta() if brought >= _MANY and brought > past.most and not pushed else _LATE
    if past.newest is not None and sum(date < past.newest - late for date in dates) >= enough:
        return Drift.OLD
    if brought > past.most and _moved(strange, past):
        return Drift.MOVED
    undated = len(strange) - len(dates) >= enough
    if undated and past.newest is None and brought > _USUAL * max(past.most, 1):
        return Drift.UNDATED
    return None


def _moved(strange: Sequence[Entry], past: Past) -> bool:
    """Whether no entry has an address of a shape that the feed's addresses had."""
    before = {_shape(one.url) for one in past.told}
    now = {_shape(entry.url) for entry in strange}
    return bool(before) and bool(now) and before.isdisjoint(now)


def _shape(url: str) -> tuple[str, str, int]:
    """What the addresses of one site's articles have in common: scheme, host and depth."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower(), parts.path.strip("/").count("/")


def _same(entry: Entry, one: Told, *, later: bool) -> bool:
    if entry.content_hash == one.content_hash:
        return True
    if entry.published_at is not None and entry.published_at == one.published_at:
        return True
    if later:
        return False
    opening = opening_of(entry.summary, entry.body)
    return bool(opening) and opening == one.opening


def opening_of(summary: str, body: str) -> str:
    """How a text begins, as it is compared."""
    return _plain((summary or body)[: _OPENING * 2])[:_OPENING]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
