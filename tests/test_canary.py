"""The canary: it goes the whole way unseen, and where a stage breaks, that stage is named."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from pipeline.core.addresses import Allow
from pipeline.core.canary import HOUSE, Flight, Traces, document, judge
from pipeline.flow import Poller, Sender, canary, replay, tend
from pipeline.flow.courier import Courier
from pipeline.flow.replay import Difference, Span
from pipeline.store import (
    alerts,
    articles,
    audit,
    channels,
    deliveries,
    feeds,
    notices,
    status,
    subscriptions,
)
from pipeline.store.engine import Store
from pipeline.store.tables import articles as articles_table
from pipeline.store.tables import entries, polls, raw_items, stories
from pipeline.store.tables import subscriptions as subscriptions_table
from tests.ground import Bench
from tests.house import House, wait_for
from tests.stock import T0
from workers.nest import Nest

EVERY_S = 120


class Flock:
    """A bench with a canary: each step of its way by itself."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.store = bench.store
        self.redis_answers = True
        canary.settle(bench.ground, EVERY_S)
        self._sender = Sender(
            bench.ground, lambda: Courier(allow=Allow.parse(""), timeout_s=5, user_agent="Tocsin/test")
        )

    def close(self) -> None:
        """End the sender."""
        self._sender.close()

    def poll(self) -> int:
        """Poll what is due, the canary's feed from its nest."""

        async def run() -> int:
            with ThreadPoolExecutor(1) as executor:
                async with (
                    Nest(lambda: self.bench.now, "Tocsin/test") as nest,
                    self.bench.fetcher() as fetcher,
                ):
                    poller = Poller(self.bench.ground, fetcher, executor, canary=nest.get)
                    count = await poller.tick()
                    await poller.drain()
            return count

        return asyncio.run(run())

    def deliver(self) -> None:
        """Send what waits in the deliver queue."""
        while self.bench.pushed["deliver"]:
            self._sender.deliver(self.bench.pushed["deliver"].pop(), patience_s=None)

    def look(self, since: datetime = T0) -> list[str]:
        """What the watch of a scheduler that started at ``since`` tells now, of the canary."""
        found = canary.look(self.bench.ground, every_s=EVERY_S, redis_answers=self.redis_answers, since=since)
        return [one.cause for one in found]

    def fly(self, *steps: str) -> None:
        """One round: these steps, and the time to the next one."""
        for step in steps:
            getattr(self.bench if step == "ingest" else self, step)()
        self.bench.pass_by(seconds=140)


@pytest.fixture
def flock(bench: Bench) -> Iterator[Flock]:
    """A canary that has gone the whole way twice."""
    with closing(Flock(bench)) as made:
        for _ in range(2):
            made.fly("poll", "ingest", "deliver", "look")
        yield made


WHOLE = ("poll", "ingest", "deliver")


@pytest.mark.parametrize(
    ("steps", "stage"),
    [((), "poll"), (("poll",), "ingest"), (("poll", "ingest"), "deliver")],
)
def test_stage_that_stops_is_named_within_five_minutes(
    flock: Flock, steps: tuple[str, ...], stage: str
) -> None:
    """Whichever process stops, right after a canary has arrived; it is well again after one whole way."""
    flock.bench.pass_by(seconds=-140)
    assert flock.look() == []
    started = flock.bench.now
    while not (told := flock.look()):
        flock.bench.pass_by(seconds=15)
        for step in steps:
            getattr(flock.bench if step == "ingest" else flock, step)()
        assert flock.bench.now - started < timedelta(minutes=5)
    assert told == [f"canary:{stage}"]
    flock.bench.pass_by(minutes=30)
    flock.fly(*WHOLE)
    flock.bench.pass_by(seconds=-140)
    assert flock.look() == []


@pytest.mark.parametrize("steps", [(), ("poll",)])
def test_a_time_in_which_nothing_ran_is_no_break(flock: Flock, steps: tuple[str, ...]) -> None:
    """A scheduler that starts after a stop counts what is overdue from its start on."""
    flock.fly(*steps)
    flock.bench.pass_by(minutes=30)
    started = flock.bench.now
    assert flock.look(started) == []
    flock.bench.pass_by(minutes=5)
    assert flock.look(started) == [f"canary:{'ingest' if steps else 'poll'}"]


def test_redis_that_is_away_is_named_wherever_the_canary_waits(flock: Flock) -> None:
    """Both queues are Redis'."""
    flock.redis_answers = False
    flock.fly("poll")
    assert flock.look() == ["canary:redis"]
    flock.bench.ingest()
    assert flock.look() == ["canary:redis"]


def test_lost_subscription_is_named(flock: Flock) -> None:
    """An article that is stored and rings nobody did not pass the match."""
    flock.bench.live.current(flock.store)
    flock.poll()
    with flock.store.begin() as tx:
        tx.execute(
            subscriptions_table.update()
            .where(subscriptions_table.c.id == HOUSE)
            .values(state="paused", version=10**6)
        )
    flock.fly("ingest")
    assert flock.look() == ["canary:match"]


def test_operator_is_told_of_the_stage(flock: Flock) -> None:
    """Once, by a notice on the operator's channel; it ends when the stage works."""
    store = flock.store
    store.write(lambda tx: channels.add(tx, name="desk", url="https://d.test/", secret="x", now=T0))
    flock.bench.with_policy(operator_channel="desk")
    flock.fly("poll", "ingest")
    found = canary.look(flock.bench.ground, every_s=EVERY_S, redis_answers=True, since=T0)
    with capture_logs() as logged:
        assert (
            tend.watch(flock.bench.ground, [], {}, found)
            == tend.watch(flock.bench.ground, [], {}, found)
            == ["canary:deliver"]
        )
    assert [line["cause"] for line in logged if line["event"] == "trouble"] == ["canary:deliver"]
    with store.read() as tx:
        (notice,) = notices.rows(tx)
        (told,) = deliveries.rows(tx)
    assert notice.subject == "The stage deliver is broken"
    assert (told.notice_id, told.channel) == (notice.id, "desk")
    flock.fly("deliver", *WHOLE)
    flock.bench.pass_by(seconds=-140)
    found = canary.look(flock.bench.ground, every_s=EVERY_S, redis_answers=True, since=T0)
    assert tend.watch(flock.bench.ground, [], {}, found) == []


def test_canary_is_in_no_list_count_or_search_and_leaves_nothing_behind(flock: Flock) -> None:
    """After many rounds as after one; the account adds up; nobody's subscription rings for it."""
    flock.bench.subscribe("lang:en OR canary")
    for _ in range(4):
        flock.fly("poll", "ingest", "deliver", "look")
    with flock.store.read() as tx:
        counts = status.counts(tx)
        assert (
            feeds.rows(tx),
            channels.rows(tx),
            alerts.rows(tx),
            articles.rows(tx),
            deliveries.rows(tx),
        ) == ([], [], [], [], [])
        assert [row.name for row in subscriptions.rows(tx)] == ["lang:en OR canary"]
        assert (counts.articles, counts.stories, counts.alerts, counts.subscriptions) == (0, 0, 0, 1)
        assert counts.feeds == {"failing": 0, "silent": 0}
        assert sum(counts.items.values()) == sum(counts.deliveries.values()) == 0
        assert audit.check(tx) == []
        for table in (articles_table, stories, entries, raw_items):
            assert len(tx.execute(table.select()).all()) == 1
        assert len(tx.execute(polls.select()).all()) <= 2
    differences: list[Difference] = []
    span = Span(since=flock.bench.now - timedelta(days=1), until=flock.bench.now)
    again = replay(flock.bench.ground, span, tell=differences.append)
    assert (again.items, again.texts, differences) == (0, 0, [])
    canary.settle(flock.bench.ground, 0)
    flock.bench.pass_by(hours=9)
    assert flock.poll() == 0
    assert flock.look() == []


def test_only_the_house_has_the_canary_channel() -> None:
    """Its address cannot be anybody else's."""
    from pipeline.channels import check_url
    from pipeline.core.errors import UsageError

    with pytest.raises(UsageError):
        check_url("canary:")


def test_flights_that_are_not_overdue_break_nothing() -> None:
    """What is on its way has time; what was lost before the last arrival is past."""
    young = Flight(fetched_at=T0, item="new", rang=False, delivered_at=None)
    home = Flight(fetched_at=T0 - timedelta(minutes=2), item="done", rang=True, delivered_at=T0)
    lost = Flight(fetched_at=T0 - timedelta(minutes=4), item="dead", rang=False, delivered_at=None)

    def stage(*flights: Flight, later_s: float = 30) -> str | None:
        traces = Traces(began=T0 - timedelta(days=1), polled_at=T0, flights=flights)
        found = judge(traces, every_s=EVERY_S, redis_answers=True, now=T0 + timedelta(seconds=later_s))
        return None if found is None else found.stage

    assert stage() is None
    assert stage(young, home, lost) is None
    assert stage(young, lost) == "ingest"
    assert stage(young, home, later_s=91) == "ingest"
    assert stage(later_s=500) == "poll"


def test_no_two_canaries_have_a_word_in_common() -> None:
    """So that none is a copy of another, nor of one event with it."""
    words = [
        set(document(number, T0).decode().split("<description>")[2].split("<")[0].split())
        for number in range(50)
    ]
    assert len(set().union(*words)) == sum(map(len, words))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_canary_flies_through_real_processes(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Scheduler, Redis, ingest and deliver workers, and `status` that finds nothing to complain of but pages."""
    home = tmp_path_factory.mktemp("house")
    with _house(House(home, database_url, redis_url, env={"TOCSIN_CANARY_S": "1"})) as house:
        house.start("scheduler", "ingest", "deliver")
        wait_for(lambda: _arrived(house.store), seconds=90, what="canary that arrived", house=house)
        assert "broken" not in house.run("status", check=False).stderr


@contextmanager
def _house(house: House) -> Iterator[House]:
    try:
        yield house
    finally:
        house.close()


def _arrived(store: Store) -> bool:
    from pipeline.store.canary import traces

    with store.read() as tx:
        found = traces(tx)
    return found is not None and any(one.delivered_at for one in found.flights)
