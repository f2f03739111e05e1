"""Feeds added and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from pipeline.core import urls
from pipeline.core.errors import NotFoundError, UsageError
from pipeline.core.model import FeedState, FullText, Parsed
from pipeline.core.rhythm import Why
from pipeline.store import hubs
from pipeline.store.engine import Tx
from pipeline.store.feeds.rows import ALIVE
from pipeline.store.ids import reserve
from pipeline.store.tables import feeds

_OWE = update(feeds).where(feeds.c.id == bindparam("feed")).values(owed=feeds.c.owed + bindparam("more"))

#: What was learned of a server says nothing of another.
_UNKNOWN = {"unmodified": 0, "whole_at": None, "strikes": 0, "doubted_until": None, "overlapped": False}


def add(
    tx: Tx,
    *,
    url: str,
    title: str = "",
    interval_s: int,
    every_s: int | None = None,
    full_text: FullText = FullText.AUTO,
    tags: Sequence[str] = (),
    auth: tuple[str, str] | None = None,
    headers: Sequence[tuple[str, str]] = (),
    managed: bool = False,
    now: datetime,
    due_at: datetime | None = None,
) -> int:
    """A new feed's id; it is due at ``due_at``, else at once.

    It is polled each ``every_s`` seconds, or else in its own rhythm, and each
    ``interval_s`` until that is known.

    Raises:
        UsageError: a feed with this URL exists.

    """
    _refuse_twice(tx, url)
    feed_id = reserve(tx, "feeds")[0]
    row = {
        "id": feed_id,
        "title": title,
        "state": FeedState.ACTIVE.value,
        "managed": managed,
        "interval_s": every_s or interval_s,
        "every_s": every_s,
        "why": (Why.UNKNOWN if every_s is None else Why.FIXED).value,
        "full_text": full_text.value,
        "next_poll_at": due_at or now,
        "known": b"",
        "created_at": now,
        **_columns({"url": url, "tags": tags, "auth": auth, "headers": headers}),
    }
    tx.execute(insert(feeds), row)
    return feed_id


def edit(tx: Tx, feed_id: int, **changes: object) -> None:
    """Change columns of a feed: url, title, every_s, full_text, tags, auth, headers, managed.

    A new URL is a new document: what was known of the old one is forgotten, its
    hub is left, a poll under way does not count, and the feed is due at once.  Where
    the old one was well, what the new one lists is taken as a new feed's is; where
    it failed, whatever is new in it may have been missed, and counts.

    Raises:
        NotFoundError: there is no such feed.
        UsageError: another feed has this URL.

    """
    before = tx.execute(
        select(feeds.c.url, feeds.c.created_at, feeds.c.failing_since).where(feeds.c.id == feed_id, ALIVE)
    ).first()
    if before is None:
        raise NotFoundError(f"there is no feed {feed_id}")
    values = _columns(changes)
    if "url" in changes and changes["url"] != before.url:
        _refuse_twice(tx, str(changes["url"]))
        hubs.leave(tx, feed_id, before.created_at)
        values |= {
            "etag": None,
            "last_modified": None,
            "known": b"",
            **_UNKNOWN,
            "moved_to": "",
            "moved_times": 0,
            "first_brought_seq": None if before.failing_since is None else feeds.c.first_brought_seq,
            "seq": feeds.c.seq + 1,
            "polled_until": None,
            "failures": 0,
            "failing_since": None,
            "last_error": "",
            "next_poll_at": before.created_at,  # long past: due at once
            "rate": None,
            "usual_s": None,
            "owed": 0,
            "asked_s": 0,
        }
    if values:
        tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


def set_state(tx: Tx, feed_id: int, state: FeedState) -> None:
    """Pause, resume or remove a feed; a resumed one is due at once.

    Raises:
        NotFoundError: there is no such feed.

    """
    values: dict[str, Any] = {"state": state.value}
    if state is FeedState.ACTIVE:
        values |= {"next_poll_at": feeds.c.created_at}
    if state is FeedState.REMOVED:
        values |= {"managed": False}
    done = tx.execute(update(feeds).where(feeds.c.id == feed_id, ALIVE).values(**values))
    if done.rowcount == 0:
        raise NotFoundError(f"there is no feed {feed_id}")


def describe(tx: Tx, parsed: Iterable[Parsed]) -> None:
    """Fill in what feeds say of themselves (title, site, language) where nothing stands yet."""
    said = {one.item.feed_id: one for one in parsed}
    blank = (feeds.c.title == "") | (feeds.c.site_url == "") | feeds.c.language.is_(None)
    found = tx.execute(
        select(feeds.c.id, feeds.c.title, feeds.c.site_url, feeds.c.language)
        .where(feeds.c.id.in_(sorted(said)), blank)
        .order_by(feeds.c.id)
        .with_for_update(key_share=True)
    ).all()
    for row in found:
        one = said[row.id]
        values = {
            "title": row.title or one.feed_title,
            "site_url": row.site_url or one.feed_site_url,
            "language": row.language or one.feed_language,
        }
        if values != {"title": row.title, "site_url": row.site_url, "language": row.language}:
            tx.execute(update(feeds).where(feeds.c.id == row.id).values(**values))


def owe(tx: Tx, found: Mapping[int, int]) -> None:
    """Note, by feed, how many items ingest found beyond those that polls counted; below 0: short of them."""
    rows = [{"feed": feed_id, "more": more} for feed_id, more in sorted(found.items()) if more]
    tx.many(_OWE, rows)


def _refuse_twice(tx: Tx, url: str) -> None:
    held = tx.execute(select(feeds.c.id).where(feeds.c.url == url, ALIVE)).scalar_one_or_none()
    if held is not None:
        raise UsageError(f"feed {held} has this URL already")


def _columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as callers name them, as columns."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "auth":
            values["auth_user"], values["auth_password"] = value or (None, None)
        elif name == "headers":
            values["headers"] = [list(pair) for pair in value]
        elif name == "tags":
            values["tags"] = list(value)
        elif name == "url":
            values |= {"url": value, "host": urls.host(value)}
        elif name == "every_s":
            values |= {"every_s": value, "why": Why.UNKNOWN.value}
            if value is not None:
                values |= {"interval_s": value, "why": Why.FIXED.value}
        elif name in {"title", "full_text", "managed", "site_url", "language"}:
            values[name] = value
        else:
            raise TypeError(f"a feed has no {name} to change")
    return values
