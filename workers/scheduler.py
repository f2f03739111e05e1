"""Process: the scheduler.  A handful of fixed ticks; what is due stands in the database.

Any number of schedulers may run: each claim is one statement, and a claim that
its scheduler did not live to use comes back when its lease runs out.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
import uvloop
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from config.settings import Settings
from pipeline.flow import canary, rhythm
from pipeline.flow.pages import PageFetcher
from pipeline.flow.poll import Poller
from pipeline.flow.websub import Asker
from workers.context import Context, now, open_context, open_fetcher, user_agent
from workers.nest import Nest
from workers.tender import Tender

log = structlog.get_logger("tocsin")

#: New objects after which cycles are looked for.
GARBAGE = 50_000
BEAT_S = 5
REMIND_S = 5
#: Articles look after this by themselves; two that came at one moment may have missed each other.
SOURCES_S = 30
CLEAN_S = 30
MEND_S = 60
PURGE_S = 60
WATCH_S = 15
LISTEN_S = 600
HEARTBEAT_S = 60
HUBS_S = 2
CENSUS_S = 5
HASTEN_S = 15
#: Polls that run when the process is told to stop get this long to finish.
DRAIN_S = 35


def run(settings: Settings) -> int:
    """Poll until told to stop; polls under way are finished and committed first."""
    with open_context(settings, name="scheduler") as context:
        canary.settle(context.ground, context.settings.canary_s)
        rhythm.spread(context.ground)
        # A poll makes a hundred objects and hardly a cycle: to look for some each few polls costs a tenth.
        gc.freeze()
        gc.set_threshold(GARBAGE)
        uvloop.run(_serve(context))
    return 0


async def _serve(context: Context) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    nest = Nest(context.clock, user_agent(context.settings.contact))
    async with open_fetcher(context.settings) as fetcher, nest:
        with ThreadPoolExecutor(1, "store") as executor, ThreadPoolExecutor(1, "tend") as aside:
            poller = Poller(context.ground, fetcher, executor, canary=nest.get)
            pages = PageFetcher(context.ground, fetcher, executor)
            tender = Tender(context, fetcher, aside)
            running: set[asyncio.Task[None]] = set()
            ticks = _ticks(context.settings, poller, pages, tender, running)
            if context.ground.policy.websub:
                asker = Asker(context.ground, fetcher, aside, context.settings.web_url)
                _add(ticks, asker.tick, HUBS_S, running)
            committer = asyncio.create_task(poller.commit_forever())
            log.info("scheduler.started", process=context.process.id)
            await stop.wait()
            log.info("scheduler.stopping", polls=poller.running)
            ticks.pause()
            async with asyncio.timeout(DRAIN_S):
                # A shutdown would cancel ticks that have claimed and not yet begun to fetch.
                await finished(running)
                ticks.shutdown(wait=False)
                await poller.drain()
                await pages.drain()
            committer.cancel()
    log.info("scheduler.stopped")


def _ticks(
    settings: Settings,
    poller: Poller,
    pages: PageFetcher,
    tender: Tender,
    running: set[asyncio.Task[None]],
) -> AsyncIOScheduler:
    """The fixed ticks: late is better than never; ``running`` holds those under way."""
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    plan: list[tuple[Callable[[], Awaitable[object]], float]] = [
        (poller.tick, settings.tick_s),
        (pages.tick, settings.tick_s),
        (tender.due, settings.tick_s),
        (tender.release, settings.tick_s),
        (tender.remind, REMIND_S),
        (tender.count_sources, SOURCES_S),
        (tender.beat, BEAT_S),
        (tender.sweep, settings.sweep_s),
        (tender.mend, MEND_S),
        (tender.clean, CLEAN_S),
        (tender.purge, PURGE_S),
        (tender.watch, WATCH_S),
        (tender.spikes, WATCH_S),
        (tender.listen, LISTEN_S),
        (tender.census, CENSUS_S),
        (tender.hasten, HASTEN_S),
        (tender.heartbeat, HEARTBEAT_S),
    ]
    for tick, seconds in plan:
        _add(scheduler, tick, seconds, running)
    scheduler.start()
    return scheduler


def _add(
    scheduler: AsyncIOScheduler,
    tick: Callable[[], Awaitable[object]],
    seconds: float,
    running: set[asyncio.Task[None]],
) -> None:
    name = f"{type(tick.__self__).__name__}.{tick.__name__}"  # type: ignore[attr-defined]
    scheduler.add_job(steady(tick, name, running), "interval", seconds=seconds, id=name, next_run_time=now())


async def finished(running: set[asyncio.Task[None]]) -> None:
    """Wait until no tick runs, those included that were started this moment and have yet to begin."""
    await asyncio.sleep(0)
    while running:
        await asyncio.gather(*running)


def steady(
    tick: Callable[[], Awaitable[object]], name: str, running: set[asyncio.Task[None]]
) -> Callable[[], Awaitable[None]]:
    """The tick as a job, in ``running`` while it runs; its failure is logged, and the next one comes."""

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        task.add_done_callback(running.discard)
        try:
            await tick()
        except Exception:
            log.exception("tick.failed", tick=name)

    return run
