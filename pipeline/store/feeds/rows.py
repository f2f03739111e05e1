"""Feeds as operators see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from pipeline.core.canary import HOUSE
from pipeline.core.errors import NotFoundError
from pipeline.core.model import FeedState, FullText, Rhythm
from pipeline.core.rhythm import SILENT, Why
from pipeline.store.engine import Tx
from pipeline.store.feeds.claim import ACTIVE, rhythm
from pipeline.store.sql import number, word
from pipeline.store.tables import article_feeds, feed_warnings, feeds, subscriptions

#: Neither removed nor the canary's.
ALIVE = and_(feeds.c.state != word("removed"), feeds.c.id != HOUSE)


def warned(word_: str) -> ColumnElement[bool]:
    """Whether a warning of this word stands for the feed."""
    return feeds.c.id.in_(select(feed_warnings.c.feed_id).where(feed_warnings.c.word == word_))


_SHOWN = select(
    feeds,
    select(func.count())
    .select_from(article_feeds)
    .where(article_feeds.c.feed_id == feeds.c.id)
    .scalar_subquery()
    .label("articles"),
    select(subscriptions.c.name)
    .where(subscriptions.c.id == feeds.c.urgent_for)
    .scalar_subquery()
    .label("urgent_name"),
    warned(SILENT).label("silent"),
).order_by(feeds.c.id)


_FAILING = or_(and_(ACTIVE, feeds.c.failures > 0), feeds.c.state == word("gone"))
_SILENT = and_(ACTIVE, feeds.c.failures == 0, warned(SILENT))


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
    rhythm: Rhythm
    why: Why  # what has set interval_s
    silent: bool  # answers well, and brings nothing for much longer than is usual
    urgent_for: str | None  # the name of the subscription that waits for it
    gaps: int  # polls before which items may have been missed


def find(tx: Tx, ref: str) -> FeedRow:
    """The feed with this id, URL or title; removed ones are not found.

    Raises:
        NotFoundError: there is none, or the title is that of several.

    """
    ways = [feeds.c.url == ref, feeds.c.title == ref]
    if (id_ := number(ref)) is not None:
        ways.insert(0, feeds.c.id == id_)
    for way in ways:
        found = tx.execute(_SHOWN.where(way, ALIVE).limit(2)).all()
        if len(found) > 1:
            raise NotFoundError(f"several feeds are called {ref!r}: use the id or the URL")
        if found:
            return _row(found[0])
    raise NotFoundError(f"there is no feed {ref!r}")


def rows(
    tx: Tx,
    *,
    states: Collection[FeedState] | None = None,
    failing: bool = False,
    silent: bool = False,
    limit: int | None = None,
    after_id: int = HOUSE,
) -> list[FeedRow]:
    """Feeds by id; by default all but the removed ones.

    ``failing`` (or gone) and ``silent`` ask for feeds that are one of what is asked
    for; ``after_id`` goes on behind a feed.
    """
    wanted = ALIVE if states is None else feeds.c.state.in_([state.value for state in states])
    unwell = [_FAILING] * failing + [_SILENT] * silent
    if unwell:
        wanted = and_(ALIVE, or_(*unwell))
    return [_row(row) for row in tx.execute(_SHOWN.where(wanted, feeds.c.id > after_id).limit(limit))]


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
        rhythm=rhythm(row),
        why=Why(row.why),
        silent=row.silent and row.failures == 0,
        urgent_for=row.urgent_name,
        gaps=row.gaps,
    )
