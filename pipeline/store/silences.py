"""Silences: when subscriptions rang last, and the silences that last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from pipeline.core.canary import HOUSE
from pipeline.store import outbox
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.outbox import Parcel
from pipeline.store.sql import insert_missing, word
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import alerts, notices, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A subscription that has not rung for a while."""

    id: int
    name: str
    query: str
    last: datetime  # live alert
    changed_at: datetime


_OPEN = notices.c.resolved_at.is_(None)
_SILENCE = notices.c.type == word("silence")
_LIVE = ~alerts.c.backlog


def quiet(tx: Tx, *, since: datetime, before: datetime) -> list[Quiet]:
    """Active subscriptions whose last live alert is of that time, and of whose silence nobody was told."""
    last = (
        select(func.max(alerts.c.created_at))
        .where(alerts.c.subscription_id == subscriptions.c.id, _LIVE)
        .scalar_subquery()
    )
    told = select(notices.c.subscription_id).where(_SILENCE, _OPEN)
    found = tx.execute(
        select(subscriptions, last.label("last"))
        .where(
            subscriptions.c.state == word("active"),
            subscriptions.c.id != HOUSE,
            subscriptions.c.id.not_in(told),
            last.between(since, before),
        )
        .order_by(subscriptions.c.id)
    )
    return [
        Quiet(id=row.id, name=row.name, query=row.query, last=row.last, changed_at=row.updated_at)
        for row in found
    ]


def rang(tx: Tx, subscription_id: int, *, since: datetime) -> list[datetime]:
    """When a subscription rang, live, ascending."""
    found = select(alerts.c.created_at).where(
        alerts.c.subscription_id == subscription_id, _LIVE, alerts.c.created_at > since
    )
    return list(tx.execute(found.order_by(alerts.c.created_at)).scalars())


def tell(
    tx: Tx, one: Quiet, *, subject: str, text: str, data: Mapping[str, Any], now: datetime
) -> Sequence[int] | None:
    """Tell a subscription's channels of its silence, once while it lasts; ids of the deliveries.

    None where another scheduler has told it at this moment.
    """
    notice_id = reserve(tx, "notices")[0]
    row = {"id": notice_id, "cause": f"silence:{one.id}", "subject": subject, "text": text}
    row |= {"type": "silence", "data": data, "subscription_id": one.id, "created_at": now}
    insert_missing(tx, notices, [row])
    if tx.execute(select(notices.c.id).where(notices.c.id == notice_id)).first() is None:
        return None
    channel_ids = channels_of(tx, [one.id]).get(one.id, ())
    parcels = [Parcel(notice_id=notice_id, channel_id=channel_id) for channel_id in channel_ids]
    return outbox.put(tx, parcels, now=now, enqueued=True)


def end(tx: Tx, now: datetime) -> list[int]:
    """Close the silences that are over, as their subscriptions rang or are not active; ids of those."""
    again = (
        select(alerts.c.id)
        .where(
            alerts.c.subscription_id == notices.c.subscription_id,
            _LIVE,
            alerts.c.created_at > notices.c.created_at,
        )
        .exists()
    )
    active = select(subscriptions.c.id).where(subscriptions.c.state == word("active"))
    over = again | notices.c.subscription_id.not_in(active)
    statement = update(notices).where(_SILENCE, _OPEN, over).values(resolved_at=now)
    return sorted(tx.execute(statement.returning(notices.c.subscription_id)).scalars())
