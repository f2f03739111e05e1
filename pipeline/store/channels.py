"""Channels: where alerts go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from pipeline.core.canary import HOUSE
from pipeline.core.errors import NotFoundError, UsageError
from pipeline.core.model import Channel
from pipeline.core.retry import BREAKER_FAILURES
from pipeline.store import gates
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import number, word
from pipeline.store.tables import channels, deliveries, subscription_channels


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel as operators see it."""

    id: int
    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    state: str  # active, paused or removed
    managed: bool
    created_at: datetime
    pace_per_minute: int | None  # None: as fast as it goes
    failures: int  # in a row
    open_until: datetime | None  # its breaker: nothing is sent before it

    @property
    def resting(self) -> bool:
        """Whether it failed so often that it is left alone, and probed now and then."""
        return self.failures >= BREAKER_FAILURES


_ALIVE = and_(channels.c.state != word("removed"), channels.c.id != HOUSE)
_PENDING = deliveries.c.state == word("pending")


def add(
    tx: Tx,
    *,
    name: str,
    url: str,
    secret: str = "",
    managed: bool = False,
    pace: int | None = None,
    now: datetime,
) -> int:
    """A new channel's id; ``pace`` is how many messages a minute it gets at most.

    Raises:
        UsageError: the name is taken.

    """
    _refuse_twice(tx, name)
    channel_id = reserve(tx, "channels")[0]
    row = {"id": channel_id, "name": name, "url": url, "secret": secret, "managed": managed}
    row |= {"state": "active", "pace_per_minute": pace, "created_at": now}
    tx.execute(insert(channels), row)
    return channel_id


def edit(
    tx: Tx,
    channel_id: int,
    *,
    name: str | None = None,
    url: str | None = None,
    secret: str | None = None,
    managed: bool | None = None,
    pace: int | None = None,
    now: datetime,
) -> None:
    """Change what is given; ``pace`` 0 is none.  A channel with a new address starts afresh.

    Raises:
        NotFoundError: there is no such channel.
        UsageError: the name is taken.

    """
    if name is not None:
        _refuse_twice(tx, name, but=channel_id)
    given = {"name": name, "url": url, "secret": secret, "managed": managed}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if pace is not None:
        values |= {"pace_per_minute": pace or None, "paced_until": None}
    _change(tx, channel_id, values)
    if url is not None or secret is not None:
        gates.close(tx, channel_id, now)


def find(tx: Tx, ref: str) -> ChannelRow:
    """The channel with this name or id; removed ones are not found.

    Raises:
        NotFoundError: there is none.

    """
    ways = [channels.c.name == ref]
    if (id_ := number(ref)) is not None:
        ways.append(channels.c.id == id_)
    for way in ways:
        row = tx.execute(select(channels).where(way, _ALIVE)).first()
        if row is not None:
            return _row(row)
    raise NotFoundError(f"there is no channel {ref!r}")


def rows(tx: Tx, *, limit: int | None = None) -> list[ChannelRow]:
    """Channels by name, without the removed ones."""
    statement = select(channels).where(_ALIVE).order_by(channels.c.name).limit(limit)
    return [_row(row) for row in tx.execute(statement)]


def set_state(tx: Tx, channel_id: int, state: str, *, now: datetime) -> None:
    """``active`` or ``paused``; what waits for a channel goes out when it is resumed, also after failures.

    Raises:
        NotFoundError: there is no such channel.

    """
    _change(tx, channel_id, {"state": state})
    if state == "active":
        gates.close(tx, channel_id, now)


def remove(tx: Tx, channel_id: int, now: datetime) -> None:
    """Remove a channel; what waits for it is given up, with that cause.

    Raises:
        NotFoundError: there is no such channel.

    """
    _change(tx, channel_id, {"state": "removed", "managed": False, "secret": ""})
    tx.execute(subscription_channels.delete().where(subscription_channels.c.channel_id == channel_id))
    tx.execute(
        update(deliveries)
        .where(deliveries.c.channel_id == channel_id, _PENDING)
        .values(
            state="dead", lease_until=None, last_error=f"the channel was removed at {now:%Y-%m-%d %H:%M} UTC"
        )
    )


def get(tx: Tx, ids: Iterable[int]) -> dict[int, Channel]:
    """Channels as senders need them, by id; removed ones are not among them."""
    found = tx.execute(select(channels).where(channels.c.id.in_(sorted(set(ids))), _ALIVE))
    return {row.id: sender(row) for row in found}


def sender(row: Row[Any]) -> Channel:
    """A row of the table as senders need it."""
    return Channel(id=row.id, name=row.name, url=row.url, secret=row.secret, paused=row.state == "paused")


def _change(tx: Tx, channel_id: int, values: dict[str, Any]) -> None:
    held = select(channels.c.id).where(channels.c.id == channel_id, _ALIVE)
    if tx.execute(held).first() is None:
        raise NotFoundError(f"there is no channel {channel_id}")
    if values:
        tx.execute(update(channels).where(channels.c.id == channel_id).values(**values))


def _refuse_twice(tx: Tx, name: str, *, but: int | None = None) -> None:
    held = tx.execute(select(channels.c.id).where(channels.c.name == name, _ALIVE)).scalar_one_or_none()
    if held is not None and held != but:
        raise UsageError(f"there is a channel called {name!r} already")


def _row(row: Row[Any]) -> ChannelRow:
    return ChannelRow(**{name: getattr(row, name) for name in ChannelRow.__dataclass_fields__})
