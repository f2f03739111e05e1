"""Feeds: added, edited, found, claimed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, insert, select, update

from pipeline.core import urls
from pipeline.core.canary import HOUSE
from pipeline.core.errors import NotFoundError, UsageError
from pipeline.core.model import Feed, FeedState, FullText, Parsed
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import number, word
from pipeline.store.tables import article_feeds, feeds

_ACTIVE = feeds.c.state == word("active")
_ALIVE = and_(feeds.c.state != word("removed"), feeds.c.id != HOUSE)

_DUE = (
    select(feeds.c.id)
    .where(_ACTIVE, feeds.c.next_poll_at <= bindparam("now", type_=feeds.c.next_poll_at.type))
    .order_by(feeds.c.next_poll_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
    .cte("due")
)
_CLAIM = (
    update(feeds)
    .where(feeds.c.id.in_(select(_DUE.c.id)))
    .values(seq=feeds.c.seq + 1, next_poll_at=bindparam("until"))
    .returning(
        feeds.c.id,
        feeds.c.url,
        feeds.c.title,
        feeds.c.seq,
        feeds.c.interval_s,
        feeds.c.etag,
        feeds.c.last_modified,
        feeds.c.known,
        feeds.c.failures,
        feeds.c.first_brought_seq,
        feeds.c.auth_user,
        feeds.c.auth_password,
        feeds.c.headers,
    )
)
_SHOWN = select(
    feeds,
    select(func.count())
    .select_from(article_feeds)
    .where(article_feeds.c.feed_id == feeds.c.id)
    .scalar_subquery()
    .label("articles"),
).order_by(feeds.c.id)
_FINGERPRINT = 16


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
    _refuse_twice(tx, url)
    feed_id = reserve(tx, "feeds")[0]
    row = {
        "id": feed_id,
        "title": title,
        "state": FeedState.ACTIVE.value,
        "managed": managed,
        "interval_s": interval_s,
        "full_text": full_text.value,
        "next_poll_at": now,
        "known": b"",
        "created_at": now,
        **_columns({"url": url, "tags": tags, "auth": auth, "headers": headers}),
    }
    tx.execute(insert(feeds), row)
    return feed_id


def edit(tx: Tx, feed_id: int, **changes: object) -> None:
    """Change columns of a feed: url, title, interval_s, full_text, tags, auth, headers, managed.

    A new URL is a new document: what was known of the old one is forgotten, a
    poll under way does not count, and the feed is due at once.

    Raises:
        NotFoundError: there is no such feed.
        UsageError: another feed has this URL.

    """
    before = tx.execute(select(feeds.c.url, feeds.c.created_at).where(feeds.c.id == feed_id, _ALIVE)).first()
    if before is None:
        raise NotFoundError(f"there is no feed {feed_id}")
    values = _columns(changes)
    if "url" in changes and changes["url"] != before.url:
        _refuse_twice(tx, str(changes["url"]))
        values |= {
            "etag": None,
            "last_modified": None,
            "known": b"",
            "seq": feeds.c.seq + 1,
            "failures": 0,
            "failing_since": None,
            "last_error": "",
            "next_poll_at": before.created_at,  # long past: due at once
        }
    if values:
        tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


def find(tx: Tx, ref: str) -> FeedRow:
    """The feed with this id, URL or title; removed ones are not found.

    Raises:
        NotFoundError: there is none, or the title is that of several.

    """
    ways = [feeds.c.url == ref, feeds.c.title == ref]
    if (id_ := number(ref)) is not None:
        ways.insert(0, feeds.c.id == id_)
    for way in ways:
        found = tx.execute(_SHOWN.where(way, _ALIVE).limit(2)).all()
        if len(found) > 1:
            raise NotFoundError(f"several feeds are called {ref!r}: use the id or the URL")
        if found:
            return _row(found[0])
    raise NotFoundError(f"there is no feed {ref!r}")


def rows(tx: Tx, *, states: Collection[FeedState] | None = None, limit: int | None = None) -> list[FeedRow]:
    """Feeds by id; by default all but the removed ones."""
    wanted = _ALIVE if states is None else feeds.c.state.in_([state.value for state in states])
    return [_row(row) for row in tx.execute(_SHOWN.where(wanted, feeds.c.id != HOUSE).limit(limit))]


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
    done = tx.execute(update(feeds).where(feeds.c.id == feed_id, _ALIVE).values(**values))
    if done.rowcount == 0:
        raise NotFoundError(f"there is no feed {feed_id}")


def poll_now(tx: Tx, feed_id: int | None, now: datetime) -> int:
    """Make one active feed, or all, due at once; how many."""
    statement = update(feeds).where(_ACTIVE).values(next_poll_at=now)
    if feed_id is not None:
        statement = statement.where(feeds.c.id == feed_id)
    return tx.execute(statement).rowcount


def claim(tx: Tx, *, now: datetime, limit: int, lease_s: float) -> list[Feed]:
    """The feeds longest due, given to this caller alone until the lease ends."""
    params = {"now": now, "most": limit, "until": now + timedelta(seconds=lease_s)}
    return [_claimed(row) for row in tx.execute(_CLAIM, params)]


def due_in(tx: Tx, now: datetime) -> float | None:
    """Seconds until the next feed is due, 0 when one is; None without active feeds."""
    first = tx.execute(
        select(feeds.c.next_poll_at).where(_ACTIVE).order_by(feeds.c.next_poll_at).limit(1)
    ).scalar_one_or_none()
    return None if first is None else max((first - now).total_seconds(), 0.0)


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


def _refuse_twice(tx: Tx, url: str) -> None:
    held = tx.execute(select(feeds.c.id).where(feeds.c.url == url, _ALIVE)).scalar_one_or_none()
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
        elif name in {"title", "interval_s", "full_text", "managed", "site_url", "language"}:
            values[name] = value
        else:
            raise TypeError(f"a feed has no {name} to change")
    return values


def _claimed(row: Row[Any]) -> Feed:
    known = row.known
    return Feed(
        id=row.id,
        url=row.url,
        title=row.title,
        seq=row.seq,
        interval_s=row.interval_s,
        etag=row.etag,
        last_modified=row.last_modified,
        known=frozenset(known[at : at + _FINGERPRINT] for at in range(0, len(known), _FINGERPRINT)),
        failures=row.failures,
        first=row.first_brought_seq is None,
        auth=None if row.auth_user is None else (row.auth_user, row.auth_password or ""),
        headers=tuple((name, value) for name, value in row.headers),
    )


def _row(row: Row[Any]) -> FeedRow:
    return FeedRow(
        id=row.id,
        url=row.url,
        title=row.title,
        site_url=row.site_url,
        language=row.language,
        state=FeedState(row.state),
        managed=row.managed,
        tags=tuple(row.tags),
        interval_s=row.interval_s,
        full_text=FullText(row.full_text),
        auth_user=row.auth_user,
        headers=tuple((name, value) for name, value in row.headers),
        next_poll_at=row.next_poll_at,
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        last_changed_at=row.last_changed_at,
        failures=row.failures,
        failing_since=row.failing_since,
        last_error=row.last_error,
        created_at=row.created_at,
        articles=row.articles,
    )
