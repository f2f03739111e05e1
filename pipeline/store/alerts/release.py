"""Release: decide again on alerts that are held, and tell those whose time has come.

Each subscription is one decision, under its lock: of two schedulers one
releases, and the other finds nothing left to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select, update

from pipeline.core.policy import Disposed, RingPolicy, dispose, load
from pipeline.store import digests, events, outbox, updates
from pipeline.store.alerts.actions import CLOCK, note
from pipeline.store.alerts.waiting import Candidate, candidate, lock, told, waiting
from pipeline.store.engine import Tx
from pipeline.store.outbox import Parcel
from pipeline.store.sql import chunks, word
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import alerts, stories, subscriptions

_keys: BindParameter[Any] = bindparam("keys", expanding=True)
_now = bindparam("now", type_=alerts.c.held_until.type)
_HELD = alerts.c.disposition == word("held")
_DUE = alerts.c.held_until <= _now
_SHORT = alerts.c.held_because == word("sources")

_DUE_SUBSCRIPTIONS = (
    select(alerts.c.subscription_id)
    .join(subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .where(_HELD, _DUE, subscriptions.c.state != word("paused"))
    .group_by(alerts.c.subscription_id)
    .order_by(func.min(alerts.c.held_until))
    .limit(bindparam("most"))
)
_TAKE = (
    select(subscriptions.c.id, subscriptions.c.state, subscriptions.c.policy)
    .where(subscriptions.c.id.in_(_keys))
    .order_by(subscriptions.c.id)
    .with_for_update(skip_locked=True, key_share=True)
)
_DUE_ALERTS = (
    select(alerts)
    .where(alerts.c.subscription_id.in_(_keys), _HELD, _DUE)
    .order_by(alerts.c.id)
    .with_for_update(key_share=True)
)
_SHORT_EVENTS = select(alerts.c.event_id).where(_SHORT, _HELD).distinct()
_EVENTS_PAGE = (
    _SHORT_EVENTS.where(alerts.c.event_id > bindparam("after"))
    .order_by(alerts.c.event_id)
    .limit(bindparam("most"))
)
_EVENTS_OF_STORIES = _SHORT_EVENTS.join(stories, stories.c.event_id == alerts.c.event_id).where(
    stories.c.id.in_(_keys)
)
_SHORT_ALERTS = (
    select(alerts.c.id, alerts.c.subscription_id, alerts.c.event_id, subscriptions.c.policy)
    .join(subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .where(alerts.c.event_id.in_(_keys), _SHORT, _HELD, subscriptions.c.state == word("active"))
)
_STILL_SHORT = (
    select(alerts)
    .where(alerts.c.id.in_(_keys), _SHORT, _HELD)
    .order_by(alerts.c.id)
    .with_for_update(key_share=True)
)


def due(tx: Tx, now: datetime, *, most: int) -> list[int]:
    """Ids of subscriptions that have alerts whose time has come, the longest due first."""
    return list(tx.execute(_DUE_SUBSCRIPTIONS, {"now": now, "most": most}).scalars())


def release(tx: Tx, subscription_ids: Collection[int], now: datetime) -> list[int]:
    """Decide again on the due alerts of these subscriptions; ids of the deliveries that came of it.

    What another transaction releases at this moment is left to it.  The alerts of
    a removed subscription are closed: in a digest that goes to nobody.
    """
    taken = {row.id: row for row in tx.execute(_TAKE, {"keys": sorted(subscription_ids)})}
    if not taken:
        return []
    found: dict[int, list[Candidate]] = defaultdict(list)
    for row in tx.execute(_DUE_ALERTS, {"keys": sorted(taken), "now": now}):
        found[row.subscription_id].append(candidate(row))
    for id_ in [id_ for id_ in found if taken[id_].state == "removed"]:
        _close(tx, id_, [one.id for one in found.pop(id_)], now)
    return _decide(tx, found, {id_: load(taken[id_].policy) for id_ in found}, now)


def short_of_sources(tx: Tx, *, after: int, most: int) -> list[int]:
    """Ids of events whose alerts wait for more sources, from above ``after`` on."""
    return list(tx.execute(_EVENTS_PAGE, {"after": after, "most": most}).scalars())


def gained(tx: Tx, story_ids: Collection[int]) -> list[int]:
    """Ids of events of these stories whose alerts wait for more sources."""
    return [
        id_
        for part in chunks(sorted(story_ids))
        for id_ in tx.execute(_EVENTS_OF_STORIES, {"keys": part}).scalars()
    ]


def sufficed(tx: Tx, event_ids: Collection[int], now: datetime) -> list[int]:
    """Decide on alerts of these events that have enough sources; ids of the deliveries that came of it."""
    if not event_ids:
        return []
    sources = events.independent(tx, event_ids)
    rows = [row for part in chunks(sorted(event_ids)) for row in tx.execute(_SHORT_ALERTS, {"keys": part})]
    policies = {row.subscription_id: load(row.policy) for row in rows}
    ids = [
        row.id for row in rows if sources.get(row.event_id, 0) >= policies[row.subscription_id].min_sources
    ]
    lock(tx, {row.subscription_id for row in rows if row.id in set(ids)})
    found: dict[int, list[Candidate]] = defaultdict(list)
    for part in chunks(sorted(ids)):
        for row in tx.execute(_STILL_SHORT, {"keys": part}):
            found[row.subscription_id].append(candidate(row))
    return _decide(tx, found, policies, now)


def _decide(
    tx: Tx, found: Mapping[int, Sequence[Candidate]], policies: Mapping[int, RingPolicy], now: datetime
) -> list[int]:
    channels = channels_of(tx, found)
    delivery_ids: list[int] = []
    states = waiting(tx, [one for each in found.values() for one in each], policies)
    for id_, policy in sorted(policies.items()):
        if id_ in states:
            done = dispose(policy, states[id_], told=told(tx, id_, policy, now), now=now)
            delivery_ids += _write(tx, id_, done, policy=policy, channel_ids=channels.get(id_, []), now=now)
    return delivery_ids


def _write(
    tx: Tx,
    subscription_id: int,
    done: Disposed,
    *,
    policy: RingPolicy,
    channel_ids: Sequence[int],
    now: datetime,
) -> list[int]:
    """Note what became of each alert, with the priority it has by now, and send what is told."""
    rank = {"priority": str(policy.priority)}
    _change(tx, done.sent, **rank, disposition="sent", held_until=now, channels=len(channel_ids))
    parcels = [Parcel(alert_id=id_, channel_id=channel) for id_ in done.sent for channel in channel_ids]
    delivery_ids = outbox.put(tx, parcels, now=now, enqueued=True)
    for group in done.gathered:
        digest_id, ids = digests.put(
            tx,
            subscription_id=subscription_id,
            event_id=group.event_id,
            alerts=len(group.ids),
            channel_ids=channel_ids,
            now=now,
        )
        _change(tx, group.ids, **rank, disposition="digest", digest_id=digest_id)
        delivery_ids += ids
    told_now = [*done.sent, *(id_ for group in done.gathered for id_ in group.ids)]
    delivery_ids += updates.release(tx, told_now, now)
    for id_, hold in done.held.items():
        _change(tx, [id_], **rank, held_because=str(hold.because), held_until=hold.until)
    _change(tx, sorted(done.follow_ups), follow_up=True)
    return delivery_ids


def _close(tx: Tx, subscription_id: int, ids: Sequence[int], now: datetime) -> None:
    digest_id, _ = digests.put(
        tx, subscription_id=subscription_id, event_id=None, alerts=len(ids), channel_ids=(), now=now
    )
    _change(tx, ids, disposition="digest", digest_id=digest_id)
    note(tx, ids, action="close", actor=CLOCK, detail="its subscription was removed", now=now)


def _change(tx: Tx, ids: Sequence[int], **values: Any) -> None:  # noqa: ANN401 - columns
    for part in chunks(ids):
        tx.execute(update(alerts).where(alerts.c.id.in_(part)).values(**values))
