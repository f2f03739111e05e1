"""Alerts as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from pipeline.core.canary import HOUSE
from pipeline.core.errors import NotFoundError
from pipeline.store import events
from pipeline.store.engine import Tx
from pipeline.store.events import Spread
from pipeline.store.tables import alerts, articles, feeds, revisions, stories, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert with all that rendering it needs; title, summary and body are those that matched."""

    id: int
    state: str  # new or acknowledged
    relevant: bool | None  # as marked; None: it is not
    backlog: bool
    priority: str  # urgent, normal or low
    disposition: str  # sent, held, digest or backlog
    held_because: str  # why it waits or waited; "": it never did
    held_until: datetime | None  # when that is looked at again; None: no time is known
    follow_up: bool  # the subscription was told of another story of its event before
    digest_id: int | None
    handled_by: str  # who acknowledged it
    handled_at: datetime | None
    assignee: str
    snoozed_until: datetime | None
    escalated_at: datetime | None
    created_at: datetime
    subscription_id: int
    subscription_name: str
    query: str
    event_id: int
    story_id: int
    article_count: int
    source_count: int
    independent_sources: int  # of the event, that do not copy one another
    copies: int  # of the event: articles that print what another did
    article_id: int
    revision_id: int | None
    url: str
    title: str
    summary: str
    body: str  # "" in lists
    author: str
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    feed_id: int
    feed_title: str
    feed_url: str
    matches: tuple[Mapping[str, Any], ...]  # each as Match.as_json gives it


_OWN = set(alerts.c.keys()) - {"event_id"}  # the story knows which event it is of
_SHOWN = (
    select(
        *(alerts.c[name] for name in AlertRow.__dataclass_fields__ if name in _OWN),
        stories.c.event_id,
        subscriptions.c.name.label("subscription_name"),
        subscriptions.c.query,
        stories.c.article_count,
        stories.c.source_count,
        articles.c.url,
        func.coalesce(revisions.c.title, articles.c.title).label("title"),
        func.coalesce(revisions.c.summary, articles.c.summary).label("summary"),
        articles.c.author,
        articles.c.language,
        articles.c.published_at,
        articles.c.first_seen_at,
        articles.c.feed_id,
        feeds.c.title.label("feed_title"),
        feeds.c.url.label("feed_url"),
    )
    .join_from(alerts, subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .join(stories, stories.c.id == alerts.c.story_id)
    .join(articles, articles.c.id == alerts.c.article_id)
    .join(feeds, feeds.c.id == articles.c.feed_id)
    .outerjoin(revisions, revisions.c.id == alerts.c.revision_id)
)
_BODY = func.coalesce(revisions.c.body, articles.c.body).label("body")


def rows(
    tx: Tx,
    *,
    subscription_id: int | None = None,
    backlog: bool | None = None,
    state: str | None = None,
    story_id: int | None = None,
    relevant: bool | None = None,
    digest_id: int | None = None,
    disposition: str | None = None,
    limit: int | None = None,
    before_id: int | None = None,
    oldest_first: bool = False,
) -> list[AlertRow]:
    """Alerts, the newest first unless told; None means all, as does ``relevant`` None: marked or not."""
    order = alerts.c.id if oldest_first else alerts.c.id.desc()
    statement = _SHOWN.where(alerts.c.subscription_id != HOUSE).order_by(order).limit(limit)
    if digest_id is not None:
        statement = statement.where(alerts.c.digest_id == digest_id)
    if subscription_id is not None:
        statement = statement.where(alerts.c.subscription_id == subscription_id)
    if backlog is not None:
        statement = statement.where(alerts.c.backlog == backlog)
    if state is not None:
        statement = statement.where(alerts.c.state == state)
    if story_id is not None:
        statement = statement.where(alerts.c.story_id == story_id)
    if relevant is not None:
        statement = statement.where(alerts.c.relevant == relevant)
    if disposition is not None:
        statement = statement.where(alerts.c.disposition == disposition)
    if before_id is not None:
        statement = statement.where(alerts.c.id < before_id)
    return _rows(tx, tx.execute(statement).all())


def show(tx: Tx, alert_id: int) -> AlertRow:
    """One alert, with the body that matched.

    Raises:
        NotFoundError: there is none.

    """
    statement: Select[Any] = _SHOWN.add_columns(_BODY).where(alerts.c.id == alert_id)
    found = _rows(tx, tx.execute(statement).all())
    if not found:
        raise NotFoundError(f"there is no alert {alert_id}")
    return found[0]


def judged(tx: Tx, subscription_id: int, *, limit: int) -> list[AlertRow]:
    """A subscription's alerts with the bodies that matched: marked ones first, the newest first of each."""
    statement = _SHOWN.add_columns(_BODY).where(alerts.c.subscription_id == subscription_id)
    statement = statement.order_by(alerts.c.relevant.is_(None), alerts.c.id.desc()).limit(limit)
    return _rows(tx, tx.execute(statement).all())


def _rows(tx: Tx, found: Sequence[Row[Any]]) -> list[AlertRow]:
    """Alerts with who tells of their events."""
    spread = events.spread(tx, {row.event_id for row in found})
    return [_row(row, spread[row.event_id]) for row in found]


def _row(row: Row[Any], spread: Spread) -> AlertRow:
    columns: dict[str, Any] = {"body": "", **row._mapping}  # noqa: SLF001 - public in SQLAlchemy
    columns["matches"] = tuple(row.matches)
    return AlertRow(**columns, independent_sources=spread.independent, copies=spread.copies)
