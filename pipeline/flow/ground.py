"""What every part of the spine stands on: the store, the policy, time, chance and the push."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from pipeline.core.errors import ServiceError
from pipeline.core.rhythm import Limits
from pipeline.core.turns import Courtesy
from pipeline.store.engine import Store

log = structlog.get_logger("tocsin")

T = TypeVar("T")


class Push(Protocol):
    """Puts ids on a hop's queue; raises ServiceError when it cannot."""

    def __call__(self, hop: str, ids: Sequence[int], *, feeds: Iterable[int] = ()) -> None: ...


class InStore(Protocol):
    """Runs a call in the thread that the store is used from, and waits for what it gives."""

    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an operator has set, as far as the pipeline asks; times in seconds, sizes in bytes."""

    lease_s: float
    fetch_concurrency: int
    items_per_document: int
    cpu_limit_s: float
    backlog_s: float
    story_window_s: float
    poll_lease_s: float  # longer than any fetch with its wait for a turn
    courtesy: Courtesy  # what each host has to bear
    robots: bool
    short_text_chars: int
    split: bool
    operator_channel: str | None
    public_url: str | None
    websub: bool  # whether hubs are asked to push
    limits: Limits = field(default_factory=Limits)
    silent_times: float = 5.0  # a feed is silent after so many times its usual time between items
    unconditional_every: int = 20  # polls of a feed that says "not modified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Handed to every function of the spine by the composition root."""

    store: Store
    policy: Policy
    clock: Callable[[], datetime]  # aware, UTC
    chance: Callable[[], float]  # uniform in [0, 1)
    push: Push
    limit: Callable[[float], AbstractContextManager[None]]  # bounds the CPU seconds of its block

    def hand_on(self, hop: str, ids: Sequence[int], *, feeds: Iterable[int] = ()) -> bool:
        """Push what was committed; without Redis it waits in the database for the sweeper."""
        if not ids:
            return True
        try:
            self.push(hop, ids, feeds=feeds)
        except ServiceError as exc:
            log.warning("push.failed", hop=hop, count=len(ids), cause=str(exc))
            return False
        return True
