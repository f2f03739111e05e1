"""The outbox: how deliveries come to be, in the transaction that tells what they are about."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, update

from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks
from pipeline.store.tables import deliveries

_MESSAGE_BYTES = 20
_INSERT = insert(deliveries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What goes to a channel: exactly one of the others."""

    channel_id: int
    alert_id: int | None = None
    notice_id: int | None = None
    digest_id: int | None = None
    update_id: int | None = None


def put(tx: Tx, wanted: Sequence[Parcel], *, now: datetime, enqueued: bool) -> list[int]:
    """Ids of new deliveries, one for each parcel.

    ``enqueued`` says that the caller pushes them as soon as they are committed.
    """
    ids = reserve(tx, "deliveries", len(wanted))
    tx.many(
        _INSERT,
        [
            {
                "id": id_,
                "message_id": f"msg_{secrets.token_urlsafe(_MESSAGE_BYTES)}",
                **asdict(one),
                "state": "pending",
                "next_attempt_at": now,
                "enqueued_at": now if enqueued else None,
                "created_at": now,
                "started_at": now,
            }
            for id_, one in zip(ids, wanted, strict=True)
        ],
    )
    return ids


def leave(tx: Tx, ids: Sequence[int]) -> None:
    """Leave new deliveries to the scheduler's next look: the caller does not push them."""
    for part in chunks(ids):
        tx.execute(update(deliveries).where(deliveries.c.id.in_(part)).values(enqueued_at=None))
