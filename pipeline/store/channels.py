"""Channels: where alerts go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.model import Channel
from pipeline.store.engine import Tx


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


def add(tx: Tx, *, name: str, url: str, secret: str = "", managed: bool = False, now: datetime) -> int:
    """A new channel's id.

    Raises:
        UsageError: the name is taken.

    """
    raise NotImplementedError


def edit(
    tx: Tx,
    id: int,
    *,
    name: str | None = None,
    url: str | None = None,
    secret: str | None = None,
    managed: bool | None = None,
) -> None:
    """Change what is given."""
    raise NotImplementedError


def find(tx: Tx, ref: str) -> ChannelRow:
    """The channel with this name or id; removed ones are not found.

    Raises:
        NotFoundError: there is none.

    """
    raise NotImplementedError


def rows(tx: Tx, *, limit: int | None = None) -> list[ChannelRow]:
    """Channels by name, without the removed ones."""
    raise NotImplementedError


def set_state(tx: Tx, id: int, state: str) -> None:
    """``active`` or ``paused``; what waits for a paused channel goes out when it is resumed."""
    raise NotImplementedError


def remove(tx: Tx, id: int, now: datetime) -> None:
    """Remove a channel; what waited for it is given up, with that cause."""
    raise NotImplementedError


def get(tx: Tx, ids: Iterable[int]) -> dict[int, Channel]:
    """Channels as senders need them, by id."""
    raise NotImplementedError
