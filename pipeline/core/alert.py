"""What a match leads to: an alert that rings, or one that waits in the backlog.

One alert exists for a subscription and a story; the store's unique key keeps
it so.  What a feed's first poll brought is old news where its date says so: it
is matched and shown, and never delivered, and it leaves the slot of the live
alert free.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pipeline.core.model import Entry, Match, RawItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An alert that should exist; the store keeps one for each subscription and story."""

    subscription_id: int
    story_id: int
    article_id: int
    revision_id: int | None  # the version that matched, where it is not the current one
    backlog: bool
    matches: tuple[Match, ...]


def is_backlog(item: RawItem, entry: Entry, *, backlog_s: float) -> bool:
    """Whether an entry is old news: of the feed's first poll, and published over ``backlog_s`` before it.

    An undated entry is not known to be old, so it rings: a late alert can be
    put aside, a missed one cannot be had back.
    """
    if not item.first or entry.published_at is None:
        return False
    return entry.published_at < item.fetched_at - timedelta(seconds=backlog_s)


def wants_page(entry: Entry, mode: str, *, short_chars: int) -> bool:
    """Whether the article's page should be fetched: ``auto`` asks for it where the feed's text is short."""
    if not entry.url or mode == "never":
        return False
    return mode == "always" or len(entry.summary) + len(entry.body) < short_chars
