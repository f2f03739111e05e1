"""The composition root: settings become a context, and nothing else builds things."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

from config.settings import Settings
from pipeline.core.addresses import Allow
from pipeline.core.errors import ServiceError
from pipeline.core.latency import Stage
from pipeline.core.rhythm import Limits
from pipeline.core.turns import NEAR_S, Courtesy
from pipeline.fetch import Fetcher
from pipeline.flow.courier import Courier
from pipeline.flow.deliver import Sender
from pipeline.flow.ground import Ground, Policy
from pipeline.flow.percolate import LivePercolator
from pipeline.flow.vigil import Targets
from pipeline.store.engine import Store
from pipeline.store.engine import open as open_store
from pipeline.store.processes import Process
from workers.limits import cpu_limit
from workers.queues import Queues

VERSION = "0.1.0"

NO_REDIS = (
    "REDIS_URL is not set, and no Redis of `./run up` runs on this data folder; set REDIS_URL or start `up`"
)


def now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


def user_agent(contact: str) -> str:
    """How we call ourselves, with where to reach the operator."""
    return f"Tocsin/{VERSION} (+{contact})" if contact else f"Tocsin/{VERSION}"


@dataclass(frozen=True)
class Context:
    """What a process or a command works with; parts that need Redis are made when first asked for."""

    settings: Settings
    store: Store
    process: Process

    @staticmethod
    def clock() -> datetime:
        """Now, aware, UTC."""
        return now()

    @cached_property
    def queues(self) -> Queues:
        """The queues.

        Raises:
            ServiceError: there is no Redis.

        """
        url = self.settings.find_redis()
        if url is None:
            raise ServiceError(NO_REDIS)
        return Queues(url)

    @cached_property
    def ground(self) -> Ground:
        """What the spine stands on."""
        return Ground(
            store=self.store,
            policy=_policy(self.settings),
            clock=now,
            chance=random.random,
            push=self._push,
            limit=cpu_limit,
        )

    @cached_property
    def percolator(self) -> LivePercolator:
        """The percolator of this process."""
        return LivePercolator()

    @cached_property
    def sender(self) -> Sender:
        """The sender of this process."""
        return Sender(self.ground, partial(open_courier, self.settings))

    def _push(self, hop: str, ids: Sequence[int], *, feeds: Iterable[int] = ()) -> None:
        self.queues.push(hop, ids, feeds=feeds)

    def close(self) -> None:
        """Wait for running sends, then close what was opened."""
        if "sender" in self.__dict__:
            self.sender.close()
        self.store.close()


@contextmanager
def open_context(settings: Settings, *, name: str) -> Iterator[Context]:
    """Open the database for one process or command called ``name``.

    Raises:
        ServiceError: the database cannot be reached, or the data folder cannot be made.

    """
    settings.make_home()
    process = Process(
        id=f"{name}-{socket.gethostname()}-{os.getpid()}",
        kind=name,
        pid=os.getpid(),
        host=socket.gethostname(),
        started_at=now(),
    )
    context = Context(settings=settings, store=open_store(settings.database_url), process=process)
    try:
        yield context
    finally:
        context.close()


def open_fetcher(settings: Settings) -> Fetcher:
    """The fetcher of feeds and pages, for use as an async context manager."""
    return Fetcher(
        Allow.parse(settings.fetch_allow, option="TOCSIN_FETCH_ALLOW"),
        timeout_s=settings.fetch_timeout_s,
        body_limit=settings.body_limit_bytes,
        document_limit=settings.document_limit_bytes,
        user_agent=user_agent(settings.contact),
        concurrency=settings.fetch_concurrency,
    )


def open_courier(settings: Settings) -> Courier:
    """Every kind of channel, as the operator allows them."""
    return Courier(
        allow=Allow.parse(settings.channel_allow, option="TOCSIN_CHANNEL_ALLOW"),
        timeout_s=settings.send_timeout_s,
        user_agent=user_agent(settings.contact),
    )


def targets(settings: Settings) -> Targets:
    """How quick each stage should be, in seconds; an option that is 0 sets no target."""
    wanted = {
        Stage.SEEN: settings.target_seen_s,
        Stage.STORED: settings.target_stored_s,
        Stage.ENQUEUED: settings.target_enqueued_s,
        Stage.DELIVERED: settings.target_delivered_s,
    }
    return {stage: seconds for stage, seconds in wanted.items() if seconds}


def _policy(settings: Settings) -> Policy:
    return Policy(
        lease_s=settings.lease_s,
        fetch_concurrency=settings.fetch_concurrency,
        items_per_document=settings.items_per_document,
        cpu_limit_s=settings.cpu_limit_s,
        backlog_s=settings.backlog_s,
        story_window_s=settings.story_window_s,
        poll_lease_s=max(settings.lease_s, settings.fetch_timeout_s + _waiting_s(settings)),
        courtesy=Courtesy(at_once=settings.host_at_once, gap_s=settings.host_gap_s),
        robots=settings.robots,
        short_text_chars=settings.short_text_chars,
        split=settings.split,
        operator_channel=settings.operator_channel,
        public_url=settings.public_url,
        silent_times=settings.feed_silent_times,
        limits=limits(settings),
        unconditional_every=settings.poll_unconditional_every,
        websub=_is_pushed_to(settings),
    )


def _waiting_s(settings: Settings) -> float:
    """How long a poll may wait for its start, and its answer to be committed."""
    return min(settings.host_gap_s * settings.host_at_once, NEAR_S) + 0.5


def _is_pushed_to(settings: Settings) -> bool:
    """Whether hubs are asked to push."""
    return settings.websub and settings.public_url is not None


def limits(settings: Settings) -> Limits:
    """What the operator has set of how often feeds are polled."""
    return Limits(
        every_s=settings.poll_every_s,
        least_s=settings.poll_min_s,
        most_s=settings.poll_max_s,
        courtesy_s=settings.poll_courtesy_s,
        urgent_s=settings.poll_urgent_s,
        backup_s=settings.websub_backup_s if _is_pushed_to(settings) else 0.0,
    )
