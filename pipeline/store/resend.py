"""Resend: what told of an alert is sent once more, because somebody asked for it.

A delivery that exists is made due again and keeps its message's id, so that a
receiver that has it already can drop it.  Nothing else rings for it: no alert
is made, and the subscription's policy is not asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, select, update

from pipeline.core.errors import NotFoundError
from pipeline.store import outbox
from pipeline.store.alerts.actions import note
from pipeline.store.deliveries import begin_anew
from pipeline.store.engine import Tx
from pipeline.store.outbox import Parcel
from pipeline.store.sql import chunks, word
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import alerts, channels, deliveries

_OPEN = select(channels.c.id).where(channels.c.state != word("removed"))


#: What becomes of an alert that is to be sent again.
Outcome = Literal["sent again", "on its way", "held", "backlog", "no channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent:
    """What came of one alert, with the deliveries that are due for it now.

    What is held or backlog was never told, and is not told now.
    """

    alert_id: int
    outcome: Outcome
    delivery_ids: tuple[int, ...] = ()


def since(tx: Tx, subscription_id: int, when: datetime) -> list[int]:
    """Live alerts of a subscription that were made at ``when`` or later, the oldest first."""
    found = tx.execute(
        select(alerts.c.id)
        .where(alerts.c.subscription_id == subscription_id, alerts.c.created_at >= when, ~alerts.c.backlog)
        .order_by(alerts.c.id)
    )
    return list(found.scalars())


def resend(
    tx: Tx, alert_ids: Collection[int], *, channel_id: int | None = None, actor: str, now: datetime
) -> list[Resent]:
    """Send alerts again where they went before; with ``channel_id`` to that channel alone, old or new.

    An alert that went nowhere goes to the channels that its subscription rings by
    now.  One that a digest told of sends its digest again.  Each leaves an action.

    Raises:
        NotFoundError: one of the alerts does not exist; none is sent then.

    """
    done = [_resend(tx, row, channel_id, now) for row in _alerts(tx, sorted(set(alert_ids)))]
    for one in done:
        if one.delivery_ids:
            detail = "deliveries " + ", ".join(map(str, one.delivery_ids))
            note(tx, [one.alert_id], action="resend", actor=actor, detail=detail, now=now)
    return done


def _alerts(tx: Tx, ids: Sequence[int]) -> list[Row[Any]]:
    """The alerts, locked in order."""
    statement = select(alerts).order_by(alerts.c.id).with_for_update(key_share=True)
    rows = [row for part in chunks(ids) for row in tx.execute(statement.where(alerts.c.id.in_(part)))]
    for id_ in sorted(set(ids) - {row.id for row in rows}):
        raise NotFoundError(f"there is no alert {id_}")
    return rows


def _resend(tx: Tx, row: Row[Any], channel_id: int | None, now: datetime) -> Resent:
    if row.disposition in {"held", "backlog"}:
        return Resent(alert_id=row.id, outcome=row.disposition)
    again, on_its_way = _again(tx, row, channel_id, now)
    due = again or ([] if on_its_way else _anew(tx, row, channel_id, now))
    if due:
        return Resent(alert_id=row.id, outcome="sent again", delivery_ids=tuple(due))
    return Resent(alert_id=row.id, outcome="on its way" if on_its_way else "no channel")


def _again(tx: Tx, row: Row[Any], channel_id: int | None, now: datetime) -> tuple[list[int], bool]:
    """The ended deliveries that told of the alert, due now; and whether others are still on their way."""
    of = deliveries.c.alert_id == row.id
    if row.digest_id is not None:
        of = deliveries.c.digest_id == row.digest_id
    statement = select(deliveries.c.id, deliveries.c.state).where(of, deliveries.c.channel_id.in_(_OPEN))
    if channel_id is not None:
        statement = statement.where(deliveries.c.channel_id == channel_id)
    found = tx.execute(statement.order_by(deliveries.c.id).with_for_update(key_share=True)).all()
    ended = [one.id for one in found if one.state != "pending"]
    begin_anew(tx, ended, now)
    return ended, len(ended) < len(found)


def _anew(tx: Tx, row: Row[Any], channel_id: int | None, now: datetime) -> list[int]:
    """Deliveries to where the alert never went: ``channel_id``, or what its subscription rings by now."""
    if channel_id is None:
        if row.channels:
            return []  # those that it went to are removed
        wanted = channels_of(tx, [row.subscription_id]).get(row.subscription_id, [])
    else:
        wanted = [channel_id]
    made = outbox.put(
        tx, [Parcel(alert_id=row.id, channel_id=one) for one in wanted], now=now, enqueued=False
    )
    more = alerts.c.channels + len(made)
    tx.execute(update(alerts).where(alerts.c.id == row.id).values(channels=more))
    return made
