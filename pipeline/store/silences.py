"""Silences: when subscriptions rang last, and the silences that last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from pipeline.core.canary import HOUSE
from pipeline.store.engine import Tx
from pipeline.store.sql import word
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
