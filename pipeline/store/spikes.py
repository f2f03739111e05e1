"""Spikes: how often subscriptions rang, hour by hour, and the spikes that last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from pipeline.core.policy import load
from pipeline.store.engine import Tx
from pipeline.store.sql import word
from pipeline.store.tables import alerts, articles, feeds, notices, revisions, subscriptions

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A subscription that asks to be told of spikes."""

    id: int
    name: str
    query: str
    count: int  # alerts of the last hour
    hours: int  # whole hours that it is old
    lasting: bool  # a spike was told and is not over


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """An alert of the hour, as a spike lists it."""

    alert_id: int
    title: str
    url: str
    feed_title: str
    created_at: datetime
    words: tuple[str, ...]  # of the query, that it met


_OPEN = notices.c.resolved_at.is_(None)


def watched(tx: Tx, now: datetime, *, least: int) -> list[Watched]:
    """Subscriptions that may have a spike: of ``least`` alerts in the last hour, or with one that lasts."""
    rang = tx.execute(
        select(alerts.c.subscription_id, func.count().label("many"))
        .where(~alerts.c.backlog, alerts.c.created_at > now - HOUR, alerts.c.created_at <= now)
        .group_by(alerts.c.subscription_id)
    )
    count = Counter({row.subscription_id: row.many for row in rang})
    lasting = set(
        tx.execute(select(notices.c.subscription_id).where(notices.c.type == word("spike"), _OPEN)).scalars()
    )
    busy = lasting | {id_ for id_, many in count.items() if many >= least}
    found = tx.execute(select(subscriptions).where(subscriptions.c.id.in_(sorted(busy))))
    return [
        Watched(
            id=row.id,
            name=row.name,
            query=row.query,
            count=count[row.id],
            hours=(now - row.created_at) // HOUR,
            lasting=row.id in lasting,
        )
        for row in found
        if row.id in lasting or (row.state == "active" and load(row.policy).spikes)
    ]


def hourly(tx: Tx, subscription_id: int, now: datetime, *, hours: int) -> list[int]:
    """Alerts in each of so many hours before the last one, the newest first."""
    found = tx.execute(
        select(alerts.c.created_at).where(
            alerts.c.subscription_id == subscription_id,
            ~alerts.c.backlog,
            alerts.c.created_at > now - HOUR * (hours + 1),
            alerts.c.created_at <= now - HOUR,
        )
    ).scalars()
    counts = Counter((now - at) // HOUR for at in found)
    return [counts[hour] for hour in range(1, hours + 1)]


def headlines(tx: Tx, subscription_id: int, now: datetime, *, limit: int) -> list[Headline]:
    """The alerts of the last hour, the newest first."""
    found = tx.execute(
        select(
            alerts.c.id,
            func.coalesce(revisions.c.title, articles.c.title).label("title"),
            articles.c.url,
            feeds.c.title.label("feed_title"),
            alerts.c.created_at,
            alerts.c.matches,
        )
        .join_from(alerts, articles, articles.c.id == alerts.c.article_id)
        .join(feeds, feeds.c.id == articles.c.feed_id)
        .outerjoin(revisions, revisions.c.id == alerts.c.revision_id)
        .where(
            alerts.c.subscription_id == subscription_id,
            ~alerts.c.backlog,
            alerts.c.created_at > now - HOUR,
            alerts.c.created_at <= now,
        )
        .order_by(alerts.c.id.desc())
        .limit(limit)
    )
    return [
        Headline(
            alert_id=row.id,
            title=row.title,
            url=row.url,
            feed_title=row.feed_title,
            created_at=row.created_at,
            words=tuple(dict.fromkeys(match["term"] for match in row.matches)),
        )
        for row in found
    ]
