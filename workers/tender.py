"""The ticks of the scheduler that keep the house, around :mod:`pipeline.flow.tend`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import structlog

from pipeline.core.errors import FetchError, ServiceError
from pipeline.fetch import Fetcher
from pipeline.flow import canary, mend, release, remind, rhythm, silences, spikes, tend
from pipeline.flow.retain import Retainer
from pipeline.store.retention import Keep
from pipeline.store.status import Trouble
from workers import health
from workers.context import Context, targets

log = structlog.get_logger("tocsin")

T = TypeVar("T")

PURGE_PAUSE_S = 0.05
_FULL = Trouble(
    cause="size",
    subject="The database is larger than TOCSIN_MAX_SIZE",
    text="All that may go for its size is gone, and the last day alone is too much. Raise TOCSIN_MAX_SIZE.",
)


class Tender:
    """Beats, sweeps, cleans, purges and watches, in a thread beside the event loop."""

    def __init__(self, context: Context, fetcher: Fetcher, executor: Executor) -> None:
        self._context = context
        self._ground = context.ground
        self._queues = context.queues
        self._fetcher = fetcher
        self._executor = executor
        settings = context.settings
        self._retainer = Retainer(
            self._ground,
            Keep(
                raw_days=settings.raw_days,
                poll_days=settings.poll_days,
                article_days=settings.article_days,
                revision_days=settings.revision_days,
                audit_days=settings.audit_days,
                story_window_s=settings.story_window_s,
            ),
            settings.max_size_bytes,
        )

    async def beat(self) -> None:
        """Say that this scheduler lives."""
        await self._aside(lambda: tend.beat(self._ground, self._context.process))

    async def due(self) -> None:
        """Push deliveries whose time has come."""
        await self._aside(lambda: tend.push_due(self._ground, self._queues.oldest))

    async def release(self) -> None:
        """Tell what was held and has its time."""
        await self._aside(lambda: release.release(self._ground))

    async def count_sources(self) -> None:
        """Tell what waited for sources and has enough."""
        await self._aside(lambda: release.count_sources(self._ground))

    async def remind(self) -> None:
        """Bring back what was snoozed, and escalate what nobody acknowledged."""
        await self._aside(lambda: remind.remind(self._ground))

    async def sweep(self) -> None:
        """Push again what lost its job."""
        await self._aside(lambda: tend.sweep(self._ground, self._queues.oldest))

    async def mend(self) -> None:
        """Let nothing wait for a moment that a wrong clock has set."""
        await self._aside(lambda: mend.mend(self._ground))

    async def clean(self) -> None:
        """Let RQ forget the jobs of dead workers."""
        await self._aside(self._queues.clean)

    async def purge(self) -> None:
        """Forget what is older than it is kept, and what is too much, batch by batch."""
        if not await self._aside(self._retainer.steady):
            return
        await self._aside(self._retainer.begin)
        while await self._aside(self._retainer.round):  # noqa: ASYNC110 - a pause
            await asyncio.sleep(PURGE_PAUSE_S)

    async def watch(self) -> None:
        """Tell the operator of troubles."""
        await self._aside(self._watch)

    async def listen(self) -> None:
        """Tell subscriptions that are silent for longer than is usual."""
        await self._aside(lambda: silences.look(self._ground))

    async def spikes(self) -> None:
        """Tell subscriptions that ring far more often than they usually do."""
        await self._aside(lambda: spikes.look(self._ground))

    async def census(self) -> None:
        """Count the feeds by rhythm."""
        await self._aside(lambda: rhythm.count(self._ground))

    async def hasten(self) -> None:
        """Poll the feeds more often that urgent alerts came from."""
        await self._aside(lambda: rhythm.hasten(self._ground))

    async def heartbeat(self) -> None:
        """Call the operator's heartbeat address, but only while all is well."""
        url = self._context.settings.heartbeat_url
        if url is None:
            return
        faults = await self._aside(self._faults)
        if faults is None:  # the database or Redis is not there, which is logged
            return
        if faults:
            log.warning("heartbeat.withheld", faults=faults)
            return
        try:
            answer = await self._fetcher.get(url)
        except FetchError as exc:
            log.warning("heartbeat.failed", cause=str(exc))
            return
        log.debug("heartbeat", status=answer.status)

    def _watch(self) -> None:
        settings = self._context.settings
        flown = canary.look(
            self._ground,
            every_s=settings.canary_s,
            redis_answers=self._queues.ping(),
            since=self._context.process.started_at,
        )
        others = [*flown, *([_FULL] if self._retainer.full else [])]
        tend.watch(self._ground, self._old_queues(), targets(settings), others)

    def _faults(self) -> list[str]:
        return health.faults(
            self._context.store,
            self._queues,
            now=self._context.clock(),
            queue_target_s=self._context.settings.queue_target_s,
            targets=targets(self._context.settings),
            canary_s=self._context.settings.canary_s,
        )

    def _old_queues(self) -> list[tuple[str, float]]:
        target = self._context.settings.queue_target_s
        try:
            depths = self._queues.depths()
        except ServiceError as exc:
            log.warning("queues.unreachable", cause=str(exc))
            return []
        return [(hop, state.oldest_age_s) for hop, state in depths.items() if state.oldest_age_s > target]

    async def _aside(self, call: Callable[[], T]) -> T | None:
        """Run ``call`` in the thread; without Redis there is nothing to do but wait for it."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, call)
        except ServiceError as exc:
            log.warning("service.unreachable", cause=str(exc))
            return None
