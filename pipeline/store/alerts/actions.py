"""What was done to alerts, by whom: a row for each, and none is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.tables import actions

#: Who acts when nobody does: a tick of the scheduler.
CLOCK = "tocsin"

_INSERT = insert(actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One thing that was done to an alert."""

    id: int
    alert_id: int
    at: datetime
    actor: str
    action: str  # acknowledge, assign, snooze, remind, mark, escalate, resend or close
    detail: str


def note(
    tx: Tx, alert_ids: Sequence[int], *, action: str, actor: str, detail: str = "", now: datetime
) -> None:
    """Write down that ``actor`` did this to these alerts."""
    ids = reserve(tx, "actions", len(alert_ids))
    tx.many(
        _INSERT,
        [
            {"id": id_, "alert_id": alert_id, "at": now, "actor": actor, "action": action, "detail": detail}
            for id_, alert_id in zip(ids, alert_ids, strict=True)
        ],
    )


def actions_of(tx: Tx, alert_id: int) -> list[ActionRow]:
    """What was done to an alert, in order."""
    found = tx.execute(select(actions).where(actions.c.alert_id == alert_id).order_by(actions.c.id))
    return [ActionRow(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy
