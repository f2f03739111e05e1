"""Counts and troubles, as `status` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much of everything there is."""

    feeds: dict[str, int]  # by state, and "failing" among the active ones
    items: dict[str, int]  # raw items kept, by state
    pages: dict[str, int]  # by state
    articles: int
    stories: int
    alerts: int
    backlog_alerts: int
    subscriptions: int
    deliveries: dict[str, int]  # pending, delivered, dead
    dead_letters: int  # open ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the operator should know, once for each cause."""

    cause: str
    subject: str
    text: str


def counts(tx: Tx) -> Counts:
    """All counts, of one moment."""
    raise NotImplementedError


def troubles(tx: Tx, *, failing_before: datetime) -> list[Trouble]:
    """Feeds that fail since before ``failing_before``, and open dead letters by stage."""
    raise NotImplementedError
