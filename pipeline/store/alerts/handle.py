"""What people do to alerts: acknowledge, assign, snooze, mark; each with a row that says who and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update

from pipeline.core.errors import NotFoundError, TakenError
from pipeline.store.alerts.actions import note
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import alerts

_keys: BindParameter[Any] = bindparam("keys", expanding=True)
_KNOWN = select(alerts.c.id).where(alerts.c.id.in_(_keys))
_MARK_WORDS = {True: "relevant", False: "not relevant", None: "no mark"}


def ack(tx: Tx, alert_id: int, *, by: str, now: datetime) -> None:
    """Acknowledge an alert: of two who do at once, one wins.

    Raises:
        NotFoundError: there is none.
        TakenError: somebody has acknowledged it already; says who, and since when.

    """
    won = tx.execute(
        update(alerts)
        .where(alerts.c.id == alert_id, alerts.c.state == word("new"))
        .values(state="acknowledged", handled_by=by, handled_at=now, snoozed_until=None)
    )
    if won.rowcount == 0:
        _refuse(tx, alert_id)
    note(tx, [alert_id], action="acknowledge", actor=by, now=now)


def assign(tx: Tx, alert_id: int, *, to: str, by: str, now: datetime) -> None:
    """Say whose an alert is; ``to`` "" says that it is nobody's.

    Raises:
        NotFoundError: there is none.

    """
    _change(tx, alert_id, assignee=to)
    note(tx, [alert_id], action="assign", actor=by, detail=f"to {to}" if to else "to nobody", now=now)


def snooze(tx: Tx, alert_id: int, *, until: datetime, by: str, now: datetime) -> None:
    """Have an alert come back at ``until``: it is new then, whatever it was, and its channels are reminded.

    Raises:
        NotFoundError: there is none.

    """
    _change(tx, alert_id, snoozed_until=until)
    note(tx, [alert_id], action="snooze", actor=by, detail=f"until {_minute(until)}", now=now)


def mark(tx: Tx, alert_ids: Collection[int], relevant: bool | None, *, by: str, now: datetime) -> None:
    """Note what a user says of alerts; None takes back what was said.

    Raises:
        NotFoundError: one of them does not exist; none is marked then.

    """
    ids = sorted(set(alert_ids))
    known = {id_ for part in chunks(ids) for id_ in tx.execute(_KNOWN, {"keys": part}).scalars()}
    for id_ in ids:
        if id_ not in known:
            raise NotFoundError(f"there is no alert {id_}")
    for part in chunks(ids):
        tx.execute(update(alerts).where(alerts.c.id.in_(part)).values(relevant=relevant))
    note(tx, ids, action="mark", actor=by, detail=_MARK_WORDS[relevant], now=now)


def _change(tx: Tx, alert_id: int, **values: Any) -> None:  # noqa: ANN401 - columns
    if tx.execute(update(alerts).where(alerts.c.id == alert_id).values(**values)).rowcount == 0:
        raise NotFoundError(f"there is no alert {alert_id}")


def _refuse(tx: Tx, alert_id: int) -> None:
    row = tx.execute(
        select(alerts.c.handled_by, alerts.c.handled_at).where(alerts.c.id == alert_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no alert {alert_id}")
    since = f" since {_minute(row.handled_at)}" if row.handled_at else ""
    raise TakenError(
        f"alert {alert_id} is acknowledged already: {row.handled_by or 'somebody'} has it{since}"
    )


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC"
