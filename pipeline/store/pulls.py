"""What a subscription has told, in the order of telling: at once, on its release, or in a digest."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from pipeline.core.errors import NotFoundError
from pipeline.store.engine import Tx
from pipeline.store.sql import word
from pipeline.store.tables import alerts, digests, subscriptions


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """A live alert that is held no more, by when it was told and its id."""

    at: datetime
    alert_id: int
    subscription_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The subscription that a pull channel is of."""

    id: int
    name: str
    query: str
    created_at: datetime


_HOLDER = select(subscriptions).where(
    subscriptions.c.pull_token == bindparam("token"), subscriptions.c.state != word("removed")
)
_SENT = alerts.c.disposition == word("sent")
#: What was told at once; what was held and then told by itself; what a digest told.
_WAYS: tuple[tuple[ColumnElement[datetime], ColumnElement[bool]], ...] = (
    (alerts.c.created_at, _SENT & alerts.c.held_until.is_(None)),
    (alerts.c.held_until, _SENT & alerts.c.held_until.is_not(None)),
    (digests.c.created_at, alerts.c.disposition == word("digest")),
)


def since(tx: Tx, subscription_ids: Collection[int], moment: datetime) -> list[Told]:
    """What those subscriptions told from ``moment`` on, in order."""
    found = [
        Told(row.at, row.id, row.subscription_id)
        for at, way in _WAYS
        for row in tx.execute(_told(at, way, subscription_ids).where(at >= moment))
    ]
    return sorted(found)


def newest(tx: Tx, subscription_id: int, *, limit: int) -> list[Told]:
    """What a subscription told last, the newest first."""
    found = [
        Told(row.at, row.id, row.subscription_id)
        for at, way in _WAYS
        for row in tx.execute(
            _told(at, way, [subscription_id]).order_by(at.desc(), alerts.c.id.desc()).limit(limit)
        )
    ]
    return sorted(found, reverse=True)[:limit]


def told_at(tx: Tx, subscription_id: int, alert_id: int) -> datetime | None:
    """When an alert of the subscription was told; None when it was not, or is gone."""
    for at, way in _WAYS:
        moment: datetime | None = tx.execute(
            _told(at, way, [subscription_id]).where(alerts.c.id == alert_id)
        ).scalar_one_or_none()
        if moment is not None:
            return moment
    return None


def holder(tx: Tx, token: str) -> Holder:
    """The subscription whose pull channels have this token in their addresses.

    Raises:
        NotFoundError: there is none.

    """
    found = tx.execute(_HOLDER, {"token": token}).first() if token else None
    if found is None or not hmac.compare_digest(found.pull_token.encode(), token.encode()):
        raise NotFoundError("there is no such pull channel")
    return Holder(id=found.id, name=found.name, query=found.query, created_at=found.created_at)


def token(tx: Tx, subscription_id: int) -> str:
    """The secret part of a subscription's addresses; "" where it is removed."""
    found = select(subscriptions.c.pull_token).where(
        subscriptions.c.id == subscription_id, subscriptions.c.state != word("removed")
    )
    return tx.execute(found).scalar_one_or_none() or ""


def _told(
    at: ColumnElement[datetime], way: ColumnElement[bool], subscription_ids: Collection[int]
) -> Select[Any]:
    statement = select(at.label("at"), alerts.c.id, alerts.c.subscription_id).where(
        way, alerts.c.subscription_id.in_(subscription_ids)
    )
    if at is digests.c.created_at:
        statement = statement.join(digests, digests.c.id == alerts.c.digest_id)
    return statement
