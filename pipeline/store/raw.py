"""Raw items: taken under a lease, finished, released or buried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.model import RawItem
from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The account of one item: entries = articles + updates + duplicates + dead."""

    item_id: int
    entries: int
    articles: int
    updates: int
    duplicates: int
    dead: int
    reasons: tuple[str, ...] = ()  # one for each dead entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An open item that no live job holds."""

    id: int
    feed_id: int
    attempts: int


def take(tx: Tx, ids: Sequence[int], *, now: datetime, lease_s: float, replay: bool = False) -> list[RawItem]:
    """Those of ``ids`` that are open and in nobody's hands, by id, with this attempt counted.

    With ``replay`` it takes dead ones instead, which begin anew with their first attempt.
    """
    raise NotImplementedError


def finish(tx: Tx, rows: Iterable[Finished]) -> None:
    """Close items with their account; one that is closed already keeps its own."""
    raise NotImplementedError


def bury(tx: Tx, ids: Sequence[int], *, cause: str, now: datetime) -> None:
    """Close items as dead, each with a dead letter that names the cause."""
    raise NotImplementedError


def release(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Give items back before their lease ends, to be enqueued by the caller."""
    raise NotImplementedError


def lost(tx: Tx, *, now: datetime, lease_s: float, enqueued_before: datetime, limit: int) -> list[Lost]:
    """Open items without a live lease, enqueued before ``enqueued_before`` and over ``lease_s`` ago."""
    raise NotImplementedError


def requeued(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Note that items were enqueued again."""
    raise NotImplementedError
