"""Alerts: one for each subscription and story, with the deliveries that tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.core.alert import Wish
from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What came to be: ids of new alerts, and of their deliveries."""

    alert_ids: tuple[int, ...]
    delivery_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert with all that rendering it needs; title, summary and body are those that matched."""

    id: int
    state: str  # new or acknowledged
    backlog: bool
    created_at: datetime
    subscription_id: int
    subscription_name: str
    query: str
    story_id: int
    article_count: int
    source_count: int
    article_id: int
    revision_id: int | None
    url: str
    title: str
    summary: str
    body: str
    author: str
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    feed_id: int
    feed_title: str
    feed_url: str
    matches: tuple[Mapping[str, Any], ...]  # each as Match.as_json gives it


def ring(tx: Tx, wishes: Sequence[Wish], now: datetime) -> Rung:
    """Make the alerts that do not exist yet, and deliveries to their subscriptions' channels.

    Of several wishes for one subscription and story the first counts, a live one
    before backlog; backlog alerts have no deliveries.
    """
    raise NotImplementedError


def rows(
    tx: Tx,
    *,
    subscription_id: int | None = None,
    backlog: bool | None = None,
    state: str | None = None,
    story_id: int | None = None,
    limit: int | None = None,
    before_id: int | None = None,
) -> list[AlertRow]:
    """Alerts, the newest first; ``backlog`` None means both kinds."""
    raise NotImplementedError


def show(tx: Tx, id: int) -> AlertRow:
    """One alert.

    Raises:
        NotFoundError: there is none.

    """
    raise NotImplementedError


def ack(tx: Tx, id: int) -> None:
    """Note that somebody has seen the alert.

    Raises:
        NotFoundError: there is none.

    """
    raise NotImplementedError
