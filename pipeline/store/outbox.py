"""The outbox: how deliveries come to be, in the transaction that tells what they are about."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.tables import deliveries

_MESSAGE_BYTES = 20
_INSERT = insert(deliveries)


def put(
    tx: Tx, wanted: Sequence[tuple[int | None, int | None, int]], *, now: datetime, enqueued: bool
) -> list[int]:
    """Ids of new deliveries, for each (alert or None, notice or None, channel).

    ``enqueued`` says that the caller pushes them as soon as they are committed.
    """
    ids = reserve(tx, "deliveries", len(wanted))
    tx.many(
        _INSERT,
        [
            {
                "id": id_,
                "message_id": f"msg_{secrets.token_urlsafe(_MESSAGE_BYTES)}",
                "alert_id": alert_id,
                "notice_id": notice_id,
                "channel_id": channel_id,
                "state": "pending",
                "next_attempt_at": now,
                "enqueued_at": now if enqueued else None,
                "created_at": now,
                "started_at": now,
            }
            for id_, (alert_id, notice_id, channel_id) in zip(ids, wanted, strict=True)
        ],
    )
    return ids
