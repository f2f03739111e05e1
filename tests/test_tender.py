"""The scheduler's ticks that keep the house: the heartbeat, and what the operator is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from config.settings import load
from pipeline.core.addresses import Allow
from pipeline.fetch import Fetcher
from pipeline.store import channels, processes
from pipeline.store.engine import Store
from pipeline.store.processes import Process
from pipeline.store.tables import deliveries, feeds
from tests import stock
from tests.sites import Reply, Site
from workers.context import Context, now
from workers.queues import HOPS, Queues
from workers.tender import Tender


@pytest.fixture
def site() -> Iterator[Site]:
    """Something outside that expects the heartbeat."""
    with Site() as opened:
        opened.answer("/beat", Reply(204))
        yield opened


@pytest.fixture
def context(tmp_path: Path, store: Store, database_url: str, redis_url: str, site: Site) -> Context:
    """A scheduler's context, with a heartbeat address and an operator's channel."""
    settings = load(
        {
            "TOCSIN_HOME": str(tmp_path),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TOCSIN_HEARTBEAT_URL": site.url("/beat"),
            "TOCSIN_OPERATOR_CHANNEL": "desk",
        }
    )
    process = Process(id="scheduler-1", kind="scheduler", pid=1, host="h", started_at=now())
    return Context(settings=settings, store=store, process=process)


@pytest.fixture
def workers(redis_url: str) -> Iterator[None]:
    """A worker for each hop, as Redis knows them."""
    born = [Queues(redis_url).worker(hop) for hop in HOPS]
    for worker in born:
        worker.register_birth()
    yield
    for worker in born:
        worker.register_death()


def tick(context: Context, *names: str) -> None:
    """Run these ticks, one after the other."""

    async def run() -> None:
        fetcher = Fetcher(
            Allow.parse("127.0.0.1"),
            timeout_s=5,
            body_limit=100_000,
            document_limit=100_000,
            user_agent="Tocsin/test",
            concurrency=2,
        )
        async with fetcher:
            with ThreadPoolExecutor(1) as aside:
                tender = Tender(context, fetcher, aside)
                for name in names:
                    await getattr(tender, name)()

    asyncio.run(run())


@pytest.mark.usefixtures("workers")
def test_the_heartbeat_is_called_while_all_is_well(context: Context, site: Site) -> None:
    """Scheduler, Redis, database and a worker for each hop are there, and no queue is old."""
    tick(context, "beat", "heartbeat")
    assert len(site.seen("/beat")) == 1


def test_without_workers_the_heartbeat_stops(context: Context, site: Site) -> None:
    """Silence is how whoever expects it learns that something is wrong."""
    tick(context, "beat", "heartbeat")
    assert site.seen("/beat") == []


@pytest.mark.usefixtures("workers")
def test_with_a_database_that_takes_no_writes_the_heartbeat_stops(context: Context, site: Site) -> None:
    """A beat that is not written, as on a full disk, is a scheduler that is not heard of."""
    context.store.write(lambda tx: processes.beat(tx, context.process, now() - timedelta(minutes=1)))
    tick(context, "heartbeat")
    assert site.seen("/beat") == []


def test_without_redis_the_heartbeat_stops_and_the_scheduler_goes_on(context: Context, site: Site) -> None:
    """The tick ends without an error."""
    settings = context.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    tick(
        Context(settings=settings, store=context.store, process=context.process), "beat", "heartbeat", "watch"
    )
    assert site.seen("/beat") == []


def test_the_operator_is_told_once_of_each_cause(context: Context, store: Store) -> None:
    """A feed that has failed for a day is a delivery on the operator's channel; it is not told twice."""
    channel = store.write(
        lambda tx: channels.add(tx, name="desk", url="https://d.test/", secret="whsec_" + "A" * 32, now=now())
    )
    feed = stock.add_feed(store)
    long_ago = now() - timedelta(days=2)
    store.write(
        lambda tx: tx.execute(
            update(feeds)
            .where(feeds.c.id == feed)
            .values(failures=9, failing_since=long_ago, last_error="timeout", last_success_at=long_ago)
        )
    )
    tick(context, "watch", "watch")
    with store.read() as tx:
        rows = tx.execute(deliveries.select()).all()
    assert [(row.channel_id, row.alert_id, row.state) for row in rows] == [(channel, None, "pending")]
