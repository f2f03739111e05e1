"""Deliveries: the outbox; claimed by state and lease, settled, retried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, or_, select, update

from pipeline.core.canary import HOUSE
from pipeline.core.model import Channel, Sent
from pipeline.store import dead_letters, digests, gates, updates
from pipeline.store.alerts import AlertRow, show
from pipeline.store.channels import sender
from pipeline.store.digests import DigestRow
from pipeline.store.engine import Tx
from pipeline.store.notices import NoticeRow
from pipeline.store.sql import chunks, word
from pipeline.store.tables import channels, deliveries, notices
from pipeline.store.updates import UpdateRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One delivery to send now: an alert, an update of one, a digest or a notice.

    ``attempts`` includes this one.
    """

    id: int
    message_id: str
    attempts: int
    created_at: datetime  # when its tries began: when it was made, or last retried by hand
    have: frozenset[str]  # of several targets, those that took it
    probe: bool  # it shows whether a channel that failed works again
    well: bool  # nothing was amiss with the channel when this was claimed
    enqueued_at: datetime | None  # when it was last pushed
    channel: Channel
    alert: AlertRow | None
    update: UpdateRow | None  # of the alert
    digest: DigestRow | None
    notice: NoticeRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as operators see it."""

    id: int
    message_id: str
    alert_id: int | None
    notice_id: int | None
    digest_id: int | None
    update_id: int | None
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
_CHANNEL = (
    select(channels)
    .join(deliveries, deliveries.c.channel_id == channels.c.id)
    .where(
        deliveries.c.id == bindparam("delivery"),
        _PENDING,
        deliveries.c.next_attempt_at <= _now,
        _FREE,
        channels.c.state == word("active"),
    )
    .with_for_update(of=deliveries)
)
_CLAIM = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(attempts=deliveries.c.attempts + 1, lease_until=bindparam("until"))
    .returning(deliveries)
)
_DELIVERED = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), _PENDING)
    .values(
        state=word("delivered"),
        delivered_at=bindparam("now"),
        lease_until=None,
        enqueued_at=None,
        last_error="",
    )
)
_PUT_BACK = update(deliveries).where(deliveries.c.id == bindparam("delivery")).values(enqueued_at=None)
_ERROR_CHARS = 500
_DIGEST_ALERTS = 100  # that a message tells of


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
    """The delivery with this attempt counted; None unless it is pending, due, free and its channel open."""
    channel = tx.execute(_CHANNEL, {"delivery": delivery_id, "now": now}).first()
    if channel is None:
        return None
    probe = gates.enter(tx, channel, delivery_id, now=now, lease_s=lease_s)
    if probe is None:
        tx.execute(_PUT_BACK, {"delivery": delivery_id})
        return None
    until = now + timedelta(seconds=lease_s)
    row = tx.execute(_CLAIM, {"delivery": delivery_id, "until": until}).one()
    change = None if row.update_id is None else updates.show(tx, row.update_id)
    alert_id = row.alert_id if change is None else change.alert_id
    return Job(
        id=row.id,
        message_id=row.message_id,
        attempts=row.attempts,
        created_at=row.started_at,
        have=frozenset(row.have or ()),
        probe=probe,
        well=channel.failures == 0 and channel.open_until is None,
        enqueued_at=row.enqueued_at,
        channel=sender(channel),
        alert=None if alert_id is None else show(tx, alert_id),
        update=change,
        digest=None if row.digest_id is None else digests.show(tx, row.digest_id, limit=_DIGEST_ALERTS),
        notice=None if row.notice_id is None else _notice(tx, row.notice_id),
    )


def settle(tx: Tx, delivery_id: int, *, sent: Sent, next_attempt_at: datetime | None, now: datetime) -> None:
    """Note how an attempt ended: delivered, to be tried again, or (``next_attempt_at`` None) given up."""
    if sent.ok:
        tx.execute(_DELIVERED, {"delivery": delivery_id, "now": now})
        return
    values: dict[str, Any] = {
        "lease_until": None,
        "enqueued_at": None,
        "last_error": sent.error[:_ERROR_CHARS],
    }
    if sent.have:
        values |= {"have": sorted(sent.have)}
    if next_attempt_at is None:
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
    clear = deliveries.c.channel_id.in_(select(channels.c.id).where(gates.clear(now)))
    ids = _waiting(tx, clear, deliveries.c.next_attempt_at, now=now, before=before, limit=limit)
    for channel_id, few, probe in gates.narrow(tx, now):
        its = deliveries.c.channel_id == channel_id
        # What was tried least is the best probe: it may be the message that is at fault, not the channel.
        first = deliveries.c.attempts if probe else deliveries.c.id
        ids += _waiting(tx, its, first, now=now, before=before, limit=few)
    for part in chunks(ids):
        tx.execute(update(deliveries).where(deliveries.c.id.in_(part)).values(enqueued_at=now))
    return ids


def _waiting(
    tx: Tx, where: ColumnElement[bool], first: Column[Any], *, now: datetime, before: datetime, limit: int
) -> list[int]:
    statement = (
        select(deliveries.c.id)
        .where(
            _PENDING,
            deliveries.c.next_attempt_at <= _now,
            _FREE,
            or_(deliveries.c.enqueued_at.is_(None), deliveries.c.enqueued_at < before),
            where,
        )
        .order_by(first, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return list(tx.execute(statement, {"now": now}).scalars())


def retry(
    tx: Tx,
    *,
    ids: Iterable[int] | None = None,
    state: str = "dead",
    channel_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> int:
    """Make dead (or, with ``state`` pending, waiting) deliveries due at once; how many.

    ``ids``, ``channel_id``, ``since`` and ``until`` (when they were made) narrow
    them down.  What was delivered is never sent again, nor what a removed channel
    was to have.  A channel whose breaker is open is tried again too.
    """
    statement = select(deliveries.c.id, deliveries.c.channel_id).where(
        deliveries.c.state == ("pending" if state == "pending" else "dead"),
        deliveries.c.channel_id.in_(select(channels.c.id).where(channels.c.state != word("removed"))),
    )
    if ids is not None:
        statement = statement.where(deliveries.c.id.in_(list(ids)))
    if channel_id is not None:
        statement = statement.where(deliveries.c.channel_id == channel_id)
    if since is not None:
        statement = statement.where(deliveries.c.created_at >= since)
    if until is not None:
        statement = statement.where(deliveries.c.created_at <= until)
    rows = tx.execute(statement.order_by(deliveries.c.id).with_for_update(key_share=True)).all()
    found = [row.id for row in rows]
    gates.ask_again(tx, {row.channel_id for row in rows}, now)
    begin_anew(tx, found, now)
    return len(found)


def begin_anew(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Make deliveries due at once, whatever became of them; their messages keep their ids."""
    anew = {"state": "pending", "next_attempt_at": now, "enqueued_at": None, "started_at": now}
    for part in chunks(ids):
        tx.execute(update(deliveries).where(deliveries.c.id.in_(part)).values(**anew, delivered_at=None))
    dead_letters.replayed(tx, "deliver", ids)


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
        .where(deliveries.c.channel_id != HOUSE)
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
