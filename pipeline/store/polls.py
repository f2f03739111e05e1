"""Polls: what a feed's answer brought is committed before anything is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.model import Document, Feed, Response
from pipeline.core.poll import Verdict
from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """A poll that has ended: what came, as far as it came, and the verdict on it."""

    feed: Feed
    response: Response | None
    document: Document | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What one poll left to be ingested; polls without new items have none."""

    feed_id: int
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRow:
    """A poll as operators see it."""

    id: int
    feed_id: int
    seq: int
    at: datetime
    outcome: str
    status: int | None
    bytes: int
    elapsed_ms: int
    seen: int
    new: int
    known: int
    rejected: int
    error: str


def commit(tx: Tx, results: Sequence[PollResult], now: datetime) -> list[Committed]:
    """Keep polls, their new items and their feeds' next state; the polls with new items, in order.

    A result whose claim is no longer the feed's newest is dropped as a whole: the
    newer poll sees the same items.
    """
    raise NotImplementedError


def rows(tx: Tx, *, feed_id: int | None = None, limit: int = 50) -> list[PollRow]:
    """The newest polls."""
    raise NotImplementedError
