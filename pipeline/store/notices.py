"""Notices to the operator: each cause is told once while it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.outbox import Parcel, put
from pipeline.store.sql import insert_missing
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import notices


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice."""

    id: int
    cause: str
    subject: str
    text: str
    created_at: datetime
    resolved_at: datetime | None
    type: str  # notice, spike, silence or reminder
    data: Mapping[str, Any] | None
    subscription_id: int | None  # whose channels it goes to; None: the operator's


_OPEN = notices.c.resolved_at.is_(None)


def open(  # noqa: A001 - read as notices.open
    tx: Tx, *, cause: str, subject: str, text: str, channel_id: int | None, now: datetime
) -> int | None:
    """Open a notice, with a delivery where there is a channel; None when the cause is open already."""
    if tx.execute(select(notices.c.id).where(notices.c.cause == cause, _OPEN)).first() is not None:
        return None
    notice_id = reserve(tx, "notices")[0]
    row = {"id": notice_id, "cause": cause, "subject": subject, "text": text, "created_at": now}
    tx.execute(insert(notices), row)
    if channel_id is not None:
        put(tx, [Parcel(notice_id=notice_id, channel_id=channel_id)], now=now, enqueued=False)
    return notice_id


def tell(
    tx: Tx,
    *,
    kind: str,
    cause: str,
    subject: str,
    text: str,
    data: Mapping[str, Any],
    subscription_id: int,
    channel_ids: Sequence[int],
    now: datetime,
) -> list[int]:
    """Tell a subscription's channels of something that is over as it is told; ids of the deliveries."""
    notice_id = reserve(tx, "notices")[0]
    row = {"id": notice_id, "cause": cause, "subject": subject, "text": text, "type": kind, "data": data}
    row |= {"subscription_id": subscription_id, "created_at": now, "resolved_at": now}
    tx.execute(insert(notices), row)
    return _send(tx, notice_id, channel_ids, now)


def begin(
    tx: Tx,
    *,
    kind: str,
    cause: str,
    subject: str,
    text: str = "",
    data: Mapping[str, Any],
    subscription_id: int,
    now: datetime,
) -> list[int] | None:
    """Tell a subscription's channels of something that lasts, once while it does; ids of the deliveries.

    None where another process has told it at this moment.
    """
    notice_id = reserve(tx, "notices")[0]
    row = {"id": notice_id, "cause": cause, "subject": subject, "text": text, "type": kind, "data": data}
    row |= {"subscription_id": subscription_id, "created_at": now}
    insert_missing(tx, notices, [row])
    if tx.execute(select(notices.c.id).where(notices.c.id == notice_id)).first() is None:
        return None
    channel_ids = channels_of(tx, [subscription_id]).get(subscription_id, ())
    return _send(tx, notice_id, channel_ids, now)


def resolve(tx: Tx, cause: str, now: datetime) -> None:
    """The cause has ended; when it comes back, it is told again."""
    tx.execute(update(notices).where(notices.c.cause == cause, _OPEN).values(resolved_at=now))


def open_causes(tx: Tx, kind: str = "notice") -> set[str]:
    """Causes of one type of notice that last."""
    return set(tx.execute(select(notices.c.cause).where(_OPEN, notices.c.type == kind)).scalars())


def rows(tx: Tx, *, limit: int | None = None) -> list[NoticeRow]:
    """Notices, the newest first."""
    found = tx.execute(select(notices).order_by(notices.c.id.desc()).limit(limit))
    return [NoticeRow(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy


def _send(tx: Tx, notice_id: int, channel_ids: Iterable[int], now: datetime) -> list[int]:
    parcels = [Parcel(notice_id=notice_id, channel_id=channel_id) for channel_id in channel_ids]
    return put(tx, parcels, now=now, enqueued=True)
