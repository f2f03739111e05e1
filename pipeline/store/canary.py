"""The canary's rows: set free, found again by its traces, and cleared away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from pipeline.core.canary import CHANNEL_URL, FEED_URL, HOUSE, QUERY, Flight, Traces
from pipeline.core.model import FullText
from pipeline.store import dead_letters, retention
from pipeline.store.engine import Tx
from pipeline.store.sql import insert_missing, word
from pipeline.store.subscriptions import next_version
from pipeline.store.tables import (
    alerts,
    channels,
    deliveries,
    entries,
    feeds,
    polls,
    raw_items,
    subscription_channels,
    subscriptions,
)

#: Flights that are looked at, and kept.
_LOOKED_AT = 50
_FEED = feeds.c.id == HOUSE
_OF_ITEM = and_(entries.c.feed_id == HOUSE, entries.c.raw_item_id == raw_items.c.id)
_RANG = and_(alerts.c.article_id == entries.c.article_id, alerts.c.subscription_id == HOUSE)


def free(tx: Tx, *, every_s: int, now: datetime) -> None:
    """Let a canary fly every ``every_s`` seconds."""
    insert_missing(tx, channels, [_channel(now)])
    if tx.execute(select(subscriptions.c.id).where(subscriptions.c.id == HOUSE)).first() is None:
        insert_missing(tx, subscriptions, [_subscription(next_version(tx), now)])
        pair = {"subscription_id": HOUSE, "channel_id": HOUSE}
        insert_missing(tx, subscription_channels, [pair])
    insert_missing(tx, feeds, [_feed(every_s, now)])
    tx.execute(
        update(feeds).where(_FEED, feeds.c.every_s != every_s).values(interval_s=every_s, every_s=every_s)
    )
    # One that was caged begins anew: it is not overdue for the time in between.
    paused = feeds.c.state != word("active")
    anew = {"state": "active", "next_poll_at": now, "created_at": now, "last_success_at": None}
    tx.execute(update(feeds).where(_FEED, paused).values(**anew))


def cage(tx: Tx) -> None:
    """Let no canary fly any more."""
    tx.execute(update(feeds).where(_FEED).values(state="paused"))


def traces(tx: Tx) -> Traces | None:
    """What the canaries have left; None while none flies."""
    feed = tx.execute(select(feeds).where(_FEED, feeds.c.state == word("active"))).first()
    if feed is None:
        return None
    found = tx.execute(
        select(
            raw_items.c.fetched_at,
            raw_items.c.state,
            func.max(alerts.c.id).label("alert"),
            func.max(deliveries.c.delivered_at).label("delivered_at"),
        )
        .outerjoin(entries, _OF_ITEM)
        .outerjoin(alerts, _RANG)
        .outerjoin(deliveries, deliveries.c.alert_id == alerts.c.id)
        .where(raw_items.c.id.in_(_newest()))
        .group_by(raw_items.c.id)
        .order_by(raw_items.c.id.desc())
    )
    flights = tuple(
        Flight(
            fetched_at=row.fetched_at,
            item=row.state,
            rang=row.alert is not None,
            delivered_at=row.delivered_at,
        )
        for row in found
    )
    return Traces(began=feed.created_at, polled_at=feed.last_success_at, flights=flights)


def clear(tx: Tx) -> int:
    """Forget the canaries that arrived, all but the last one, and those older than it; how many."""
    last = tx.execute(
        select(func.max(raw_items.c.id))
        .join(entries, _OF_ITEM)
        .join(alerts, alerts.c.article_id == entries.c.article_id)
        .join(deliveries, deliveries.c.alert_id == alerts.c.id)
        .where(raw_items.c.id.in_(_newest()), deliveries.c.delivered_at.is_not(None))
    ).scalar_one_or_none()
    old = (
        select(raw_items.c.id)
        .join(polls, polls.c.id == raw_items.c.poll_id)
        .where(polls.c.feed_id == HOUSE, raw_items.c.id < (last or 0))
    )
    items = list(tx.execute(old).scalars())
    if not items:
        return 0
    of_old = entries.c.feed_id == HOUSE, entries.c.raw_item_id.in_(items)
    retention.forget(tx, tx.execute(select(entries.c.article_id).where(*of_old)).scalars().all())
    tx.execute(delete(entries).where(*of_old))
    gone = delete(raw_items).where(raw_items.c.id.in_(items)).returning(raw_items.c.poll_id)
    emptied = tx.execute(gone).scalars().all()
    dead_letters.expired(tx, "ingest", items)
    tx.execute(delete(polls).where(polls.c.feed_id == HOUSE, polls.c.id <= max(emptied)))
    return len(items)


def _newest() -> Any:  # noqa: ANN401 - SQLAlchemy's own
    """Ids of the canaries' newest raw items, by the polls that brought them: those have an index."""
    return (
        select(raw_items.c.id)
        .join(polls, polls.c.id == raw_items.c.poll_id)
        .where(polls.c.feed_id == HOUSE, polls.c.new > 0)
        .order_by(polls.c.seq.desc())
        .limit(_LOOKED_AT)
    )


def _channel(now: datetime) -> dict[str, Any]:
    return {"id": HOUSE, "name": "canary:", "url": CHANNEL_URL, "state": "active", "created_at": now}


def _subscription(version: int, now: datetime) -> dict[str, Any]:
    named = {"id": HOUSE, "name": "canary:", "query": QUERY, "state": "active", "version": version}
    return {**named, "created_at": now, "updated_at": now}


def _feed(every_s: int, now: datetime) -> dict[str, Any]:
    return {
        "id": HOUSE,
        "url": FEED_URL,
        "host": "canary.invalid",
        "title": "Canary",
        "state": "active",
        "tags": [],
        "interval_s": every_s,
        "every_s": every_s,
        "why": "fixed",
        "full_text": FullText.NEVER.value,
        "headers": [],
        "next_poll_at": now,
        "known": b"",
        "created_at": now,
    }
