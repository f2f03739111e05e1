"""Feeds: added, edited, found, claimed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.model import Feed, FeedState, FullText, Parsed
from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed as operators see it; the password never leaves the store this way."""

    id: int
    url: str
    title: str
    site_url: str
    language: str | None
    state: FeedState
    managed: bool  # declared by a file
    tags: tuple[str, ...]
    interval_s: int
    full_text: FullText
    auth_user: str | None
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    next_poll_at: datetime
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_changed_at: datetime | None
    failures: int
    failing_since: datetime | None
    last_error: str
    created_at: datetime
    articles: int


def add(
    tx: Tx,
    *,
    url: str,
    title: str = "",
    interval_s: int,
    full_text: FullText = FullText.AUTO,
    tags: Sequence[str] = (),
    auth: tuple[str, str] | None = None,
    headers: Sequence[tuple[str, str]] = (),
    managed: bool = False,
    now: datetime,
) -> int:
    """A new feed's id; it is due at once.

    Raises:
        UsageError: a feed with this URL exists.

    """
    raise NotImplementedError


def edit(tx: Tx, id: int, **changes: object) -> None:
    """Change columns of a feed: url, title, interval_s, full_text, tags, auth, headers, managed."""
    raise NotImplementedError


def find(tx: Tx, ref: str) -> FeedRow:
    """The feed with this id, URL or title; removed ones are not found.

    Raises:
        NotFoundError: there is none, or the title is that of several.

    """
    raise NotImplementedError


def rows(tx: Tx, *, states: Collection[FeedState] | None = None, limit: int | None = None) -> list[FeedRow]:
    """Feeds by id; by default all but the removed ones."""
    raise NotImplementedError


def set_state(tx: Tx, id: int, state: FeedState) -> None:
    """Pause, resume or remove a feed; a resumed one is due at once."""
    raise NotImplementedError


def poll_now(tx: Tx, id: int | None, now: datetime) -> int:
    """Make one active feed, or all, due at once; how many."""
    raise NotImplementedError


def claim(tx: Tx, *, now: datetime, limit: int, lease_s: float) -> list[Feed]:
    """Due feeds, the longest due first, given to this caller alone until the lease ends."""
    raise NotImplementedError


def due_in(tx: Tx, now: datetime) -> float | None:
    """Seconds until the next feed is due, 0 when one is; None without active feeds."""
    raise NotImplementedError


def describe(tx: Tx, parsed: Iterable[Parsed]) -> None:
    """Fill in what feeds say of themselves (title, site, language) where nothing stands yet."""
    raise NotImplementedError
