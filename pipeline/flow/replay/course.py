"""What a replay carries along on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.core.match import Percolator
from pipeline.core.policy import RingPolicy
from pipeline.core.replay import Ledger, Marks
from pipeline.flow.ground import Ground
from pipeline.store.replay import Span
from pipeline.store.subscriptions import SubscriptionRow


@dataclass(slots=True, kw_only=True)
class Course:
    """The ground it stands on, the span it goes through, and its accounts so far."""

    ground: Ground
    span: Span
    only: int | None  # the one subscription that is asked about; None: all
    percolator: Percolator
    subscriptions: dict[int, SubscriptionRow]
    policies: dict[int, RingPolicy]  # of subscriptions
    ledger: Ledger
    step: Callable[[int], None]  # told of so many items or articles that are done
    store: bool  # gained alerts are stored as backlog
    reached: Marks  # articles that a raw item leads to
    confirmed: Marks  # alerts that something would ring for
    gained: set[tuple[int, int, int]] = field(default_factory=set)  # subscription, story, slot
    fresh: set[tuple[int, bytes]] = field(default_factory=set)  # new articles: feed, entry key
    founded: int = -1  # the number that the next new story goes by
    broken: dict[int, str] = field(default_factory=dict)  # raw items that cannot be parsed: cause
    items: int = 0
    texts: int = 0
    slow: int = 0  # texts that could not be matched within their CPU limit
    stored: int = 0
    unstored: int = 0
