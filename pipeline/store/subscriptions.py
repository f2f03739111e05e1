"""Subscriptions: named queries and the channels that they ring."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, and_, bindparam, delete, func, insert, select, update

from pipeline.core.canary import HOUSE
from pipeline.core.errors import NotFoundError, UsageError
from pipeline.core.model import Subscription
from pipeline.core.policy import DEFAULT, RingPolicy, load, write
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks, number, word
from pipeline.store.tables import alerts, channels, meta, subscription_channels, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """A subscription as operators see it."""

    id: int
    name: str
    query: str
    state: str  # active, paused or removed
    managed: bool
    policy: RingPolicy
    channels: tuple[str, ...]  # names
    channel_ids: tuple[int, ...]
    alerts: int
    created_at: datetime
    updated_at: datetime
    pull_token: str = field(repr=False)  # who has it reads its alerts


_TOKEN_BYTES = 32
_ALIVE = and_(subscriptions.c.state != word("removed"), subscriptions.c.id != HOUSE)
_VERSION = meta.c.key == "subscription_version"
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_CHANNELS = (
    select(subscription_channels)
    .where(subscription_channels.c.subscription_id.in_(_ids))
    .order_by(subscription_channels.c.subscription_id, subscription_channels.c.channel_id)
)
_SHOWN = select(
    subscriptions,
    select(func.count())
    .select_from(alerts)
    .where(alerts.c.subscription_id == subscriptions.c.id)
    .scalar_subquery()
    .label("alerts"),
).where(_ALIVE)


def add(
    tx: Tx,
    *,
    name: str,
    query: str,
    channel_ids: Sequence[int] = (),
    policy: RingPolicy = DEFAULT,
    managed: bool = False,
    now: datetime,
) -> int:
    """A new subscription's id; the caller has read the query.

    Raises:
        UsageError: the name is taken, or it escalates where nothing could come of it.

    """
    _refuse_twice(tx, name)
    subscription_id = reserve(tx, "subscriptions")[0]
    row = {"id": subscription_id, "name": name, "query": query, "state": "active", "managed": managed}
    row |= {"pull_token": secrets.token_urlsafe(_TOKEN_BYTES), "policy": write(policy)}
    row |= {"version": next_version(tx), "created_at": now, "updated_at": now}
    tx.execute(insert(subscriptions), row)
    _ring(tx, subscription_id, channel_ids)
    _check_escalation(tx, subscription_id)
    return subscription_id


def edit(
    tx: Tx,
    subscription_id: int,
    *,
    now: datetime,
    name: str | None = None,
    query: str | None = None,
    channel_ids: Sequence[int] | None = None,
    policy: RingPolicy | None = None,
    managed: bool | None = None,
    new_pull_token: bool = False,
) -> None:
    """Change what is given; under another policy, alerts that are held are decided on anew.

    With a new token its pull channels have new addresses; the old ones lead nowhere from now on.

    Raises:
        NotFoundError: there is no such subscription.
        UsageError: the name is taken, or it escalates where nothing could come of it.

    """
    if name is not None:
        _refuse_twice(tx, name, but=subscription_id)
    given: dict[str, Any] = {"name": name, "query": query, "managed": managed}
    if new_pull_token:
        given["pull_token"] = secrets.token_urlsafe(_TOKEN_BYTES)
    if policy is not None:
        given["policy"] = write(policy)
        _look_again(tx, subscription_id, now)
    _change(tx, subscription_id, {key: value for key, value in given.items() if value is not None}, now)
    if channel_ids is not None:
        _ring(tx, subscription_id, channel_ids)
    if policy is not None or channel_ids is not None:
        _check_escalation(tx, subscription_id)


def find(tx: Tx, ref: str) -> SubscriptionRow:
    """The subscription with this name or id; removed ones are not found.

    Raises:
        NotFoundError: there is none.

    """
    ways = [subscriptions.c.name == ref]
    if (id_ := number(ref)) is not None:
        ways.append(subscriptions.c.id == id_)
    for way in ways:
        found = tx.execute(_SHOWN.where(way)).all()
        if found:
            return _rows(tx, found)[0]
    raise NotFoundError(f"there is no subscription {ref!r}")


def rows(tx: Tx, *, limit: int | None = None) -> list[SubscriptionRow]:
    """Subscriptions by name, without the removed ones."""
    return _rows(tx, tx.execute(_SHOWN.order_by(subscriptions.c.name).limit(limit)).all())


def set_state(tx: Tx, subscription_id: int, state: str, now: datetime) -> None:
    """``active`` or ``paused``.

    Raises:
        NotFoundError: there is no such subscription.

    """
    _change(tx, subscription_id, {"state": state}, now)


def remove(tx: Tx, subscription_id: int, now: datetime) -> None:
    """Remove a subscription; its alerts stay, those that are held are closed, its name is free.

    Raises:
        NotFoundError: there is no such subscription.

    """
    _change(tx, subscription_id, {"state": "removed", "managed": False}, now)
    _look_again(tx, subscription_id, now)


def version(tx: Tx) -> int:
    """The newest change's number; grows with every change of any subscription."""
    newest: int = tx.execute(select(meta.c.value).where(_VERSION)).scalar_one()
    return newest


def since(tx: Tx, version: int) -> list[Subscription]:
    """All that changed after ``version``, in order of change; paused and removed ones as inactive."""
    found = tx.execute(
        select(subscriptions).where(subscriptions.c.version > version).order_by(subscriptions.c.version)
    )
    return [
        Subscription(
            id=row.id, name=row.name, query=row.query, active=row.state == "active", version=row.version
        )
        for row in found
    ]


def channels_of(tx: Tx, subscription_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the channels that each subscription rings, in order; those without have none."""
    listed: dict[int, list[int]] = {}
    for part in chunks(sorted(set(subscription_ids))):
        for row in tx.execute(_CHANNELS, {"ids": part}):
            listed.setdefault(row.subscription_id, []).append(row.channel_id)
    return listed


def next_version(tx: Tx) -> int:
    """The number of a change; changes commit in the order of their numbers."""
    statement = update(meta).where(_VERSION).values(value=meta.c.value + 1).returning(meta.c.value)
    number: int = tx.execute(statement).scalar_one()
    return number


def _change(tx: Tx, subscription_id: int, values: dict[str, Any], now: datetime) -> None:
    changed = {**values, "version": next_version(tx), "updated_at": now}
    row = subscriptions.c.id == subscription_id
    if tx.execute(update(subscriptions).where(row, _ALIVE).values(**changed)).rowcount == 0:
        raise NotFoundError(f"there is no subscription {subscription_id}")


def _check_escalation(tx: Tx, subscription_id: int) -> None:
    """Another channel is one that exists and that the alert has not been told to already."""
    stored = tx.execute(select(subscriptions.c.policy).where(subscriptions.c.id == subscription_id)).scalar()
    escalation = load(stored or {}).escalation
    if escalation is None:
        return
    channel_id = tx.execute(
        select(channels.c.id).where(
            channels.c.name == escalation.channel, channels.c.state != word("removed")
        )
    ).scalar()
    if channel_id is None:
        raise UsageError(f"escalate: there is no channel {escalation.channel!r}")
    if channel_id in channels_of(tx, [subscription_id]).get(subscription_id, ()):
        raise UsageError(f"escalate: {escalation.channel!r} is told at once already; name another channel")


def _look_again(tx: Tx, subscription_id: int, now: datetime) -> None:
    """What is held has its time now: it is decided on again."""
    held = (alerts.c.subscription_id == subscription_id, alerts.c.disposition == word("held"))
    tx.execute(update(alerts).where(*held).values(held_until=now))


def _ring(tx: Tx, subscription_id: int, channel_ids: Sequence[int]) -> None:
    table = subscription_channels
    tx.execute(delete(table).where(table.c.subscription_id == subscription_id))
    tx.many(
        insert(table),
        [{"subscription_id": subscription_id, "channel_id": id_} for id_ in sorted(set(channel_ids))],
    )


def _refuse_twice(tx: Tx, name: str, *, but: int | None = None) -> None:
    held = tx.execute(
        select(subscriptions.c.id).where(subscriptions.c.name == name, _ALIVE)
    ).scalar_one_or_none()
    if held is not None and held != but:
        raise UsageError(f"there is a subscription called {name!r} already")


def _rows(tx: Tx, found: Sequence[Row[Any]]) -> list[SubscriptionRow]:
    rung = channels_of(tx, [row.id for row in found])
    names = {row.id: row.name for row in tx.execute(select(channels.c.id, channels.c.name))}
    return [
        SubscriptionRow(
            id=row.id,
            name=row.name,
            query=row.query,
            state=row.state,
            managed=row.managed,
            policy=load(row.policy),
            channels=tuple(names[id_] for id_ in rung.get(row.id, ())),
            channel_ids=tuple(rung.get(row.id, ())),
            alerts=row.alerts,
            created_at=row.created_at,
            updated_at=row.updated_at,
            pull_token=row.pull_token,
        )
        for row in found
    ]
