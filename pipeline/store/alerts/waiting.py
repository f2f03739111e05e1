"""What a decision on alerts rests on: what waits, what was told before, and how many sources there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, select, tuple_

from pipeline.core.policy import Because, Hold, RingPolicy, State, Waiting
from pipeline.store import events
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import alerts, digests, stories, subscriptions

_keys: BindParameter[Any] = bindparam("keys", expanding=True)
_subscription: BindParameter[Any] = bindparam("subscription")
_since = bindparam("since", type_=alerts.c.created_at.type)
_most: BindParameter[Any] = bindparam("most")
_HELD = alerts.c.disposition == word("held")
_SENT = alerts.c.disposition == word("sent")
_FOR_SOURCES = alerts.c.held_because == word("sources")

_LOCK = (
    select(subscriptions.c.id)
    .where(subscriptions.c.id.in_(_keys))
    .order_by(subscriptions.c.id)
    .with_for_update(key_share=True)
)
_EVENT = select(stories.c.id, stories.c.event_id).where(stories.c.id.in_(_keys))
_EVENTS = select(
    alerts.c.id,
    alerts.c.subscription_id,
    alerts.c.event_id,
    alerts.c.story_id,
    alerts.c.disposition,
    alerts.c.held_because,
    alerts.c.created_at,
).where(tuple_(alerts.c.subscription_id, alerts.c.event_id).in_(_keys), ~alerts.c.backlog)
_AHEAD = (
    select(alerts.c.held_because, alerts.c.held_until)
    .where(
        alerts.c.subscription_id == _subscription,
        _HELD,
        alerts.c.held_because.in_(
            [word(str(one)) for one in (Because.QUIET, Because.COOLDOWN, Because.RATE)]
        ),
    )
    .order_by(alerts.c.held_until)
    .limit(1)
)
# When messages went out: alerts at once, alerts that waited for sources, and digests.
_TOLD = (
    select(alerts.c.created_at.label("at"))
    .where(alerts.c.subscription_id == _subscription, _SENT, ~_FOR_SOURCES, alerts.c.created_at > _since)
    .order_by(alerts.c.created_at.desc())
    .limit(_most),
    select(alerts.c.held_until.label("at"))
    .where(alerts.c.subscription_id == _subscription, _SENT, _FOR_SOURCES, alerts.c.held_until > _since)
    .order_by(alerts.c.held_until.desc())
    .limit(_most),
    select(digests.c.created_at.label("at"))
    .where(digests.c.subscription_id == _subscription, digests.c.created_at > _since)
    .order_by(digests.c.created_at.desc())
    .limit(_most),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An alert to decide on, new or held."""

    id: int
    subscription_id: int
    story_id: int
    event_id: int
    since: datetime
    held: Because | None
    follow_up: bool


@dataclass(slots=True)
class _Event:
    """What a subscription knows of an event."""

    told: set[int] = field(default_factory=set)  # stories
    gathering: datetime | None = None


def lock(tx: Tx, ids: Iterable[int]) -> None:
    """Let no other transaction decide for these subscriptions before this one ends."""
    if not tx.sqlite:  # it has one writer at a time
        for part in chunks(sorted(set(ids))):
            tx.execute(_LOCK, {"keys": part}).all()


def events_of(tx: Tx, story_ids: Collection[int]) -> dict[int, int]:
    """The event of each story."""
    return {
        row.id: row.event_id
        for part in chunks(sorted(story_ids))
        for row in tx.execute(_EVENT, {"keys": part})
    }


def waiting(
    tx: Tx, candidates: Sequence[Candidate], policies: Mapping[int, RingPolicy]
) -> dict[int, list[Waiting]]:
    """The candidates of each subscription, as its policy asks about them."""
    known = _events(tx, {(one.subscription_id, one.event_id) for one in candidates})
    counted = {one.event_id for one in candidates if policies[one.subscription_id].min_sources > 1}
    sources = events.independent(tx, counted) if counted else {}
    found: dict[int, list[Waiting]] = defaultdict(list)
    for one in candidates:
        event = known.get((one.subscription_id, one.event_id), _Event())
        state = State(
            since=one.since,
            held=one.held,
            follow_up=one.follow_up or bool(event.told - {one.story_id}),
            gathering=event.gathering,
            sources=sources.get(one.event_id, 1),
        )
        found[one.subscription_id].append(Waiting(id=one.id, event_id=one.event_id, state=state))
    return found


def told(tx: Tx, subscription_id: int, policy: RingPolicy, now: datetime) -> list[datetime]:
    """When the subscription's channels were told, as far back as its policy asks, the newest first."""
    if not policy.paced:
        return []
    rate_s, count = (policy.rate.per_s, policy.rate.count) if policy.rate else (0, 1)
    since = now - timedelta(seconds=max(policy.cooldown_s, rate_s))
    params = {"subscription": subscription_id, "since": since, "most": count}
    found = [moment for statement in _TOLD for moment in tx.execute(statement, params).scalars()]
    return sorted(found, reverse=True)


def ahead(tx: Tx, subscription_id: int, policy: RingPolicy) -> Hold | None:
    """What the first of those waits for that are held for their time."""
    if not policy.paced:
        return None
    row = tx.execute(_AHEAD, {"subscription": subscription_id}).first()
    return None if row is None else Hold(Because(row.held_because), row.held_until)


def candidate(row: Row[Any]) -> Candidate:
    """A row of alerts that is held."""
    return Candidate(
        id=row.id,
        subscription_id=row.subscription_id,
        story_id=row.story_id,
        event_id=row.event_id,
        since=row.created_at,
        held=Because(row.held_because),
        follow_up=row.follow_up,
    )


def _events(tx: Tx, keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], _Event]:
    known: dict[tuple[int, int], _Event] = defaultdict(_Event)
    for part in chunks(sorted(keys)):
        for row in tx.execute(_EVENTS, {"keys": part}):
            event = known[row.subscription_id, row.event_id]
            if row.disposition in {"sent", "digest"}:
                event.told.add(row.story_id)
            elif row.held_because == Because.FOLLOW_UP:
                event.gathering = min(event.gathering or row.created_at, row.created_at)
    return known
