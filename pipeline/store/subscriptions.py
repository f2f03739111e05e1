"""Subscriptions: named queries and the channels that they ring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.model import Subscription
from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """A subscription as operators see it."""

    id: int
    name: str
    query: str
    state: str  # active, paused or removed
    managed: bool
    channels: tuple[str, ...]  # names
    channel_ids: tuple[int, ...]
    alerts: int
    created_at: datetime
    updated_at: datetime


def add(
    tx: Tx, *, name: str, query: str, channel_ids: Sequence[int] = (), managed: bool = False, now: datetime
) -> int:
    """A new subscription's id.

    Raises:
        UsageError: the name is taken.

    """
    raise NotImplementedError


def edit(
    tx: Tx,
    id: int,
    *,
    now: datetime,
    name: str | None = None,
    query: str | None = None,
    channel_ids: Sequence[int] | None = None,
    managed: bool | None = None,
) -> None:
    """Change what is given."""
    raise NotImplementedError


def find(tx: Tx, ref: str) -> SubscriptionRow:
    """The subscription with this name or id; removed ones are not found.

    Raises:
        NotFoundError: there is none.

    """
    raise NotImplementedError


def rows(tx: Tx, *, limit: int | None = None) -> list[SubscriptionRow]:
    """Subscriptions by name, without the removed ones."""
    raise NotImplementedError


def set_state(tx: Tx, id: int, state: str, now: datetime) -> None:
    """``active`` or ``paused``."""
    raise NotImplementedError


def remove(tx: Tx, id: int, now: datetime) -> None:
    """Remove a subscription; its alerts stay, its name is free."""
    raise NotImplementedError


def version(tx: Tx) -> int:
    """The newest change's number; grows with every change of any subscription."""
    raise NotImplementedError


def since(tx: Tx, version: int) -> list[Subscription]:
    """All that changed after ``version``, in order of change; paused and removed ones as inactive."""
    raise NotImplementedError


def channels_of(tx: Tx, subscription_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the channels that each subscription rings."""
    raise NotImplementedError
