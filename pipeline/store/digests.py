"""Digests: several alerts of a subscription in one message, or the follow-ups of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from pipeline.core.errors import NotFoundError
from pipeline.store import outbox
from pipeline.store.alerts import AlertRow, rows
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.outbox import Parcel
from pipeline.store.tables import articles, digests, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """A digest with its alerts, the oldest first."""

    id: int
    kind: str  # digest or follow_up
    event_id: int | None  # of a follow-up
    headline: str  # the event's; "" of a digest
    subscription_id: int
    subscription_name: str
    query: str
    created_at: datetime
    count: int  # of all its alerts
    alerts: tuple[AlertRow, ...]  # the first of them


def put(
    tx: Tx,
    *,
    subscription_id: int,
    event_id: int | None,
    alerts: int,
    channel_ids: Sequence[int],
    now: datetime,
) -> tuple[int, list[int]]:
    """The id of a new digest of so many alerts, of one event where one is given, and of its deliveries."""
    digest_id = reserve(tx, "digests")[0]
    row = {
        "id": digest_id,
        "subscription_id": subscription_id,
        "kind": "digest" if event_id is None else "follow_up",
        "event_id": event_id,
        "alerts": alerts,
        "channels": len(channel_ids),
        "created_at": now,
    }
    tx.execute(insert(digests), row)
    parcels = [Parcel(digest_id=digest_id, channel_id=channel_id) for channel_id in channel_ids]
    return digest_id, outbox.put(tx, parcels, now=now, enqueued=True)


def show(tx: Tx, digest_id: int, *, limit: int | None = None) -> DigestRow:
    """One digest, with ``limit`` of its alerts at most.

    Raises:
        NotFoundError: there is none.

    """
    row = tx.execute(
        select(digests, subscriptions.c.name, subscriptions.c.query)
        .join(subscriptions, subscriptions.c.id == digests.c.subscription_id)
        .where(digests.c.id == digest_id)
    ).first()
    if row is None:
        raise NotFoundError(f"there is no digest {digest_id}")
    return DigestRow(
        id=row.id,
        kind=row.kind,
        event_id=row.event_id,
        headline="" if row.event_id is None else _headline(tx, row.event_id),
        subscription_id=row.subscription_id,
        subscription_name=row.name,
        query=row.query,
        created_at=row.created_at,
        count=row.alerts,
        alerts=tuple(rows(tx, digest_id=digest_id, limit=limit, oldest_first=True)),
    )


def _headline(tx: Tx, event_id: int) -> str:
    """The title under which the event was first told: that of the story that founded it."""
    first = select(articles.c.title).where(articles.c.story_id == event_id).order_by(articles.c.id).limit(1)
    return str(tx.execute(first).scalar_one_or_none() or "")
