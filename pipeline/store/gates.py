"""What a channel lets through: its own pace, and its circuit breaker.

Both stand in the channel's row, so that every worker on every machine sees
them.  A delivery that is not let through has not been tried: it waits, and no
attempt of it is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, update

from pipeline.core import retry
from pipeline.core.model import Sent
from pipeline.store.engine import Tx
from pipeline.store.sql import word
from pipeline.store.tables import channels, deliveries

_PENDING = deliveries.c.state == word("pending")
_ACTIVE = channels.c.state == word("active")


def clear(now: datetime) -> ColumnElement[bool]:
    """Channels that let everything through."""
    return and_(
        _ACTIVE,
        channels.c.pace_per_minute.is_(None),
        channels.c.failures < retry.BREAKER_FAILURES,
        or_(channels.c.open_until.is_(None), channels.c.open_until <= now),
    )


def narrow(tx: Tx, now: datetime) -> list[tuple[int, int, bool]]:
    """Channels that let only a few through now: each with how many, and whether that is a probe."""
    found = tx.execute(
        select(channels).where(
            _ACTIVE,
            or_(channels.c.pace_per_minute.is_not(None), channels.c.failures >= retry.BREAKER_FAILURES),
            or_(channels.c.open_until.is_(None), channels.c.open_until <= now),
        )
    )
    listed = []
    for row in found:
        if row.failures >= retry.BREAKER_FAILURES:
            listed.append((row.id, 1, True))
        elif row.paced_until is None or row.paced_until <= now + _leeway(row):
            listed.append((row.id, max(1, row.pace_per_minute // 60), False))
    return listed


def enter(tx: Tx, channel: Row[Any], delivery_id: int, *, now: datetime, lease_s: float) -> bool | None:
    """Let a delivery through its channel: None when it must wait, else whether it is a probe.

    A channel whose breaker has waited its time is probed by one delivery, which
    keeps the others out for as long as its lease runs.
    """
    if channel.open_until is not None and channel.open_until > now:
        return None
    if channel.pace_per_minute is not None and not _take_turn(tx, channel, delivery_id, now):
        return None
    if channel.failures < retry.BREAKER_FAILURES:
        return False
    return True if _change(tx, channel, open_until=now + timedelta(seconds=lease_s)) else None


def shut_until(tx: Tx, delivery_id: int, now: datetime) -> datetime | None:
    """Until when the breaker of a delivery's channel keeps everything out; None when it does not."""
    found: datetime | None = tx.execute(
        select(channels.c.open_until)
        .join(deliveries, deliveries.c.channel_id == channels.c.id)
        .where(deliveries.c.id == delivery_id, channels.c.open_until > now)
    ).scalar_one_or_none()
    return found


def leave(
    tx: Tx, channel_id: int, *, sent: Sent, probe: bool, now: datetime, jitter: float
) -> datetime | None:
    """Note how a channel did; returns until when its breaker keeps everything out, None when it does not."""
    row = tx.execute(select(channels).where(channels.c.id == channel_id).with_for_update()).one()
    if sent.ok or sent.have:
        if row.failures or row.open_until is not None:
            close(tx, channel_id, now)
        return None
    failures = row.failures
    # Those that were under way when the breaker opened tell nothing new.
    if failures < retry.BREAKER_FAILURES or probe:
        failures += 1
    rest_s = retry.rest(failures, jitter=jitter) if failures != row.failures else None
    waits = [row.open_until] if row.open_until is not None and not probe else []
    waits += [now + timedelta(seconds=rest_s)] if rest_s is not None else []
    waits += [now + timedelta(seconds=asked)] if (asked := retry.patience(sent.retry_after_s)) else []
    until = max(waits, default=None)
    tx.execute(
        update(channels).where(channels.c.id == channel_id).values(failures=failures, open_until=until)
    )
    return until if until is not None and until > now else None


def close(tx: Tx, channel_id: int, now: datetime) -> None:
    """The channel works again: what waited for it goes out now, in the order in which it came."""
    tx.execute(
        update(channels)
        .where(channels.c.id == channel_id)
        .values(failures=0, open_until=None, paced_until=None)
    )
    waiting = (deliveries.c.channel_id == channel_id, _PENDING, deliveries.c.lease_until.is_(None))
    tx.execute(update(deliveries).where(*waiting).values(next_attempt_at=now, enqueued_at=None))


def ask_again(tx: Tx, channel_ids: Iterable[int], now: datetime) -> None:
    """Somebody wants these channels tried now, whatever they have asked for."""
    tx.execute(
        update(channels)
        .where(channels.c.id.in_(sorted(set(channel_ids))), channels.c.open_until > now)
        .values(open_until=now)
    )


def _take_turn(tx: Tx, channel: Row[Any], delivery_id: int, now: datetime) -> bool:
    """The next turn of a paced channel, for the oldest delivery that is due.

    The generic cell rate algorithm (ITU-T I.371): one moment per channel says
    when the next is on time.
    """
    if channel.paced_until is not None and channel.paced_until > now + _leeway(channel):
        return False
    older = exists().where(
        deliveries.c.channel_id == channel.id,
        _PENDING,
        deliveries.c.id < delivery_id,
        deliveries.c.next_attempt_at <= now,
        or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now),
    )
    if tx.execute(select(older)).scalar_one():
        return False
    start = max(now, channel.paced_until or now)
    return _change(tx, channel, paced_until=start + _gap(channel))


def _change(tx: Tx, channel: Row[Any], **values: datetime) -> bool:
    """Write unless another worker did so since ``channel`` was read."""
    (name,) = values
    seen = channels.c[name].is_not_distinct_from(getattr(channel, name))
    mine = update(channels).where(channels.c.id == channel.id, seen).values(**values)
    return bool(tx.execute(mine).rowcount)


def _gap(channel: Row[Any]) -> timedelta:
    return timedelta(seconds=60 / channel.pace_per_minute)


def _leeway(channel: Row[Any]) -> timedelta:
    """More than one a second go out in handfuls, as what waits is looked at once a second."""
    return max(timedelta(0), timedelta(seconds=1) - _gap(channel))
