"""Deliveries: the outbox; claimed by state and lease, settled, retried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from pipeline.core.model import Channel, Sent
from pipeline.store import dead_letters
from pipeline.store.alerts import AlertRow, show
from pipeline.store.channels import sender
from pipeline.store.engine import Tx
from pipeline.store.notices import NoticeRow
from pipeline.store.sql import chunks, word
from pipeline.store.tables import channels, deliveries, notices


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One delivery to send now: an alert or a notice; ``attempts`` includes this one."""

    id: int
    message_id: str
    attempts: int
    created_at: datetime  # when its tries began: when it was made, or last retried by hand
    channel: Channel
    alert: AlertRow | None
    notice: NoticeRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as operators see it."""

    id: int
    message_id: str
    alert_id: int | None
    notice_id: int | None
    channel: str
    channel_id: int
    state: str  # pending, delivered or dead
    attempts: int
    next_attempt_at: datetime
    last_error: str
    created_at: datetime
    delivered_at: datetime | None


_now = bindparam("now", type_=deliveries.c.created_at.type)
_PENDING = deliveries.c.state == word("pending")
_FREE = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= _now)
_OPEN_CHANNEL = deliveries.c.channel_id.in_(select(channels.c.id).where(channels.c.state == word("active")))

_CLAIM = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery"),
        _PENDING,
        deliveries.c.next_attempt_at <= _now,
        _FREE,
        _OPEN_CHANNEL,
    )
    .values(attempts=deliveries.c.attempts + 1, lease_until=bindparam("until"))
    .returning(deliveries)
)
_ERROR_CHARS = 500


def routes(tx: Tx, ids: Sequence[int]) -> dict[int, int]:
    """The channel of each pending delivery among ``ids``."""
    return {
        row.id: row.channel_id
        for part in chunks(sorted(set(ids)))
        for row in tx.execute(
            select(deliveries.c.id, deliveries.c.channel_id).where(deliveries.c.id.in_(part), _PENDING)
        )
    }


def claim(tx: Tx, delivery_id: int, *, now: datetime, lease_s: float) -> Job | None:
    """The delivery with this attempt counted; None unless it is pending, due, free, its channel active."""
    params = {"delivery": delivery_id, "now": now, "until": now + timedelta(seconds=lease_s)}
    row = tx.execute(_CLAIM, params).first()
    if row is None:
        return None
    channel = tx.execute(select(channels).where(channels.c.id == row.channel_id)).one()
    return Job(
        id=row.id,
        message_id=row.message_id,
        attempts=row.attempts,
        created_at=row.started_at,
        channel=sender(channel),
        alert=None if row.alert_id is None else show(tx, row.alert_id),
        notice=None if row.notice_id is None else _notice(tx, row.notice_id),
    )


def settle(tx: Tx, delivery_id: int, *, sent: Sent, next_attempt_at: datetime | None, now: datetime) -> None:
    """Note how an attempt ended: delivered, to be tried again, or (``next_attempt_at`` None) given up."""
    values: dict[str, Any] = {
        "lease_until": None,
        "enqueued_at": None,
        "last_error": sent.error[:_ERROR_CHARS],
    }
    if sent.ok:
        values |= {"state": "delivered", "delivered_at": now, "last_error": ""}
    elif next_attempt_at is None:
        values |= {"state": "dead"}
    else:
        values |= {"next_attempt_at": next_attempt_at}
    done = tx.execute(update(deliveries).where(deliveries.c.id == delivery_id, _PENDING).values(**values))
    if values.get("state") == "dead" and done.rowcount:
        dead_letters.put(tx, "deliver", {delivery_id: None}, cause=sent.error, now=now)


def due(tx: Tx, *, now: datetime, lease_s: float, enqueued_before: datetime, limit: int) -> list[int]:
    """Pending deliveries whose time has come and that no job holds, noted as enqueued now.

    A job holds what was enqueued after ``enqueued_before`` or less than ``lease_s`` ago.
    """
    before = min(enqueued_before, now - timedelta(seconds=lease_s))
    ids = list(
        tx.execute(
            select(deliveries.c.id)
            .where(
                _PENDING,
                deliveries.c.next_attempt_at <= _now,
                _FREE,
                or_(deliveries.c.enqueued_at.is_(None), deliveries.c.enqueued_at < before),
                _OPEN_CHANNEL,
            )
            .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True),
            {"now": now},
        ).scalars()
    )
    for part in chunks(ids):
        tx.execute(update(deliveries).where(deliveries.c.id.in_(part)).values(enqueued_at=now))
    return ids


def retry(
    tx: Tx,
    *,
    ids: Iterable[int] | None = None,
    state: str = "dead",
    channel_id: int | None = None,
    since: datetime | None = None,
    now: datetime,
) -> int:
    """Make dead (or, with ``state`` pending, waiting) deliveries due at once; how many.

    ``ids``, ``channel_id`` and ``since`` (when they were made) narrow them down.
    What was delivered is never sent again, nor what a removed channel was to have.
    """
    statement = select(deliveries.c.id).where(
        deliveries.c.state == ("pending" if state == "pending" else "dead"),
        deliveries.c.channel_id.in_(select(channels.c.id).where(channels.c.state != word("removed"))),
    )
    if ids is not None:
        statement = statement.where(deliveries.c.id.in_(list(ids)))
    if channel_id is not None:
        statement = statement.where(deliveries.c.channel_id == channel_id)
    if since is not None:
        statement = statement.where(deliveries.c.created_at >= since)
    found = tx.execute(statement.order_by(deliveries.c.id).with_for_update(key_share=True)).scalars().all()
    anew = {"state": "pending", "next_attempt_at": now, "enqueued_at": None, "started_at": now}
    for part in chunks(found):
        tx.execute(update(deliveries).where(deliveries.c.id.in_(part)).values(**anew))
    dead_letters.replayed(tx, "deliver", found)
    return len(found)


def rows(
    tx: Tx,
    *,
    state: str | None = None,
    alert_id: int | None = None,
    channel_id: int | None = None,
    limit: int | None = None,
    before_id: int | None = None,
) -> list[DeliveryRow]:
    """Deliveries, the newest first."""
    columns = [deliveries.c[name] for name in DeliveryRow.__dataclass_fields__ if name != "channel"]
    statement = (
        select(*columns, channels.c.name.label("channel"))
        .join(channels, channels.c.id == deliveries.c.channel_id)
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(deliveries.c.state == state)
    if alert_id is not None:
        statement = statement.where(deliveries.c.alert_id == alert_id)
    if channel_id is not None:
        statement = statement.where(deliveries.c.channel_id == channel_id)
    if before_id is not None:
        statement = statement.where(deliveries.c.id < before_id)
    return [DeliveryRow(**row._mapping) for row in tx.execute(statement)]  # noqa: SLF001 - public in SQLAlchemy


def _notice(tx: Tx, notice_id: int) -> NoticeRow:
    row = tx.execute(select(notices).where(notices.c.id == notice_id)).one()
    return NoticeRow(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy
