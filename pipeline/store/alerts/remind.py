"""What time does to alerts: the snoozed come back, and the urgent that nobody acknowledged are escalated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from pipeline.core.policy import Escalation, load
from pipeline.store import notices, outbox
from pipeline.store.alerts.actions import CLOCK, note
from pipeline.store.engine import Tx
from pipeline.store.outbox import Parcel
from pipeline.store.sql import word
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import (
    actions,
    alerts,
    articles,
    channels,
    deliveries,
    digests,
    subscriptions,
)

#: Alerts that one call wakes.
LIMIT = 200
#: What was told longer ago than this is not escalated any more, as when an old policy gets an escalation.
TOO_LATE = timedelta(days=1)
#: How long an alert may have waited for its sources before it was told.
_LONGEST_WAIT = timedelta(days=7)

_now = bindparam("now", type_=alerts.c.snoozed_until.type)
_SNOOZED = (
    select(
        alerts.c.id,
        alerts.c.subscription_id,
        alerts.c.article_id,
        articles.c.title,
        articles.c.url,
        subscriptions.c.name,
        subscriptions.c.state,
    )
    .join(articles, articles.c.id == alerts.c.article_id)
    .join(subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .where(alerts.c.snoozed_until.is_not(None), alerts.c.snoozed_until <= _now)
    .order_by(alerts.c.snoozed_until)
    .limit(LIMIT)
    .with_for_update(of=alerts, skip_locked=True, key_share=True)
)
_WOKEN = (
    select(func.max(actions.c.at))
    .where(actions.c.alert_id == alerts.c.id, actions.c.action == word("remind"))
    .scalar_subquery()
)
_UNHANDLED = (
    select(
        alerts.c.id,
        # When it was told: with its digest, when it had its sources, or at once; or when it came back.
        func.coalesce(_WOKEN, digests.c.created_at, alerts.c.held_until, alerts.c.created_at).label("told"),
    )
    .outerjoin(digests, digests.c.id == alerts.c.digest_id)
    .where(
        alerts.c.subscription_id == bindparam("subscription"),
        alerts.c.created_at > bindparam("since", type_=alerts.c.created_at.type),
        alerts.c.priority == word("urgent"),
        alerts.c.state == word("new"),
        alerts.c.disposition.in_([word("sent"), word("digest")]),
        alerts.c.snoozed_until.is_(None),
        alerts.c.escalated_at.is_(None),
    )
    .order_by(alerts.c.id)
    .with_for_update(of=alerts, skip_locked=True, key_share=True)
)
_ESCALATING = select(subscriptions.c.id, subscriptions.c.policy).where(
    subscriptions.c.state == word("active"), subscriptions.c.policy["escalate"].as_string().is_not(None)
)


def wake(tx: Tx, now: datetime) -> list[int]:
    """Make alerts whose snooze is over new again; ids of the reminders to their subscriptions' channels."""
    found = tx.execute(_SNOOZED, {"now": now}).all()
    if not found:
        return []
    ids = [row.id for row in found]
    anew = {"state": "new", "snoozed_until": None, "handled_by": "", "handled_at": None}
    tx.execute(update(alerts).where(alerts.c.id.in_(ids)).values(**anew))
    note(tx, ids, action="remind", actor=CLOCK, now=now)
    rung = channels_of(tx, {row.subscription_id for row in found if row.state != "removed"})
    return [id_ for row in found for id_ in _remind(tx, row, rung.get(row.subscription_id, []), now)]


def _remind(tx: Tx, row: Row[Any], channel_ids: Sequence[int], now: datetime) -> list[int]:
    return notices.tell(
        tx,
        kind="reminder",
        cause=f"reminder:{row.id}",
        subject=f"reminder: {row.name}: {row.title}",
        text=f"Alert {row.id} was snoozed until now, and is new again.\n{row.title}",
        data={
            "alert": {"id": row.id},
            "subscription": {"id": row.subscription_id, "name": row.name},
            "article": {"id": row.article_id, "url": row.url, "title": row.title},
        },
        subscription_id=row.subscription_id,
        channel_ids=channel_ids,
        now=now,
    )


def escalate(tx: Tx, now: datetime) -> list[int]:
    """Send urgent alerts that nobody acknowledged in time to another channel, once; ids of the deliveries."""
    delivery_ids: list[int] = []
    for row in tx.execute(_ESCALATING).all():
        escalation = load(row.policy).escalation
        if escalation is not None:
            delivery_ids += _escalate(tx, row.id, escalation, now)
    return delivery_ids


def _escalate(tx: Tx, subscription_id: int, escalation: Escalation, now: datetime) -> list[int]:
    before = now - timedelta(seconds=escalation.after_s)
    params = {"subscription": subscription_id, "since": before - TOO_LATE - _LONGEST_WAIT}
    found = tx.execute(_UNHANDLED, params).all()
    ids = [row.id for row in found if before - TOO_LATE < row.told <= before]
    if not ids:
        return []
    tx.execute(update(alerts).where(alerts.c.id.in_(ids)).values(escalated_at=now))
    channel_id = tx.execute(
        select(channels.c.id).where(
            channels.c.name == escalation.channel, channels.c.state != word("removed")
        )
    ).scalar()
    if channel_id is None:
        note(tx, ids, action="escalate", actor=CLOCK, detail=f"no channel {escalation.channel}", now=now)
        return []
    note(tx, ids, action="escalate", actor=CLOCK, detail=f"to {escalation.channel}", now=now)
    had = tx.execute(
        select(deliveries.c.alert_id).where(
            deliveries.c.alert_id.in_(ids), deliveries.c.channel_id == channel_id
        )
    ).scalars()
    fresh = sorted(set(ids) - set(had))
    tx.execute(update(alerts).where(alerts.c.id.in_(fresh)).values(channels=alerts.c.channels + 1))
    parcels = [Parcel(alert_id=id_, channel_id=channel_id) for id_ in fresh]
    return outbox.put(tx, parcels, now=now, enqueued=True)
