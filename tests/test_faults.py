"""Faults at any moment lose nothing and repeat nothing: numbered items in, set arithmetic out."""

from __future__ import annotations

import json
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from pipeline.core.model import FullText
from pipeline.core.policy import RingPolicy
from pipeline.store import audit, channels, feeds, subscriptions
from pipeline.store.tables import alerts, articles, deliveries, raw_items
from tests.house import House, wait_for
from tests.newswire import Wire
from tests.services import RedisServer
from tests.sites import Reply, Request, Site

#: Each feed publishes an item with each poll, a second apart: many feeds make a short run of many items.
FEEDS = 12
ITEMS = 16
HOPS = ("scheduler", "ingest", "deliver")


class World:
    """Growing feeds, one subscription, one receiver, and a Redis that may die."""

    def __init__(self, house: House, site: Site, redis: RedisServer) -> None:
        self.house, self.site, self.redis = house, site, redis
        self.wires = [Wire(f"wire{number}", ITEMS) for number in range(FEEDS)]
        site.answer("/hook", self._receive)
        now = datetime.now(UTC)
        with house.store.begin() as tx:
            channel = channels.add(
                tx, name="desk", url=site.url("/hook"), secret="whsec_" + "A" * 32, now=now
            )
            # The wires' reports are so alike that they are one event: each is to ring for itself.
            at_once = RingPolicy(follow_ups_s=0)
            subscriptions.add(
                tx, name="invasion", query="invasion", channel_ids=[channel], policy=at_once, now=now
            )
            for wire in self.wires:
                site.answer(f"/{wire.name}", wire)
                feeds.add(
                    tx,
                    url=site.url(f"/{wire.name}"),
                    interval_s=1,
                    every_s=1,
                    full_text=FullText.NEVER,
                    now=now,
                )

    @staticmethod
    def _receive(_request: Request) -> Reply:
        return Reply(204)

    def check(self, *, repeats: int = 0) -> None:
        """Wait until all is published and settled; every item, alert and delivery is there once."""
        wait_for(self._done, seconds=90, what="end of the run", house=self.house)
        with self.house.store.read() as tx:
            stored = Counter(tx.execute(select(articles.c.title)).scalars())
            rung = Counter(tx.execute(select(articles.c.title).join(alerts)).scalars())
            assert audit.check(tx) == []
        expected = set().union(*(wire.titles() for wire in self.wires))
        assert stored == dict.fromkeys(expected, 1)
        bells = set().union(*(wire.rings() for wire in self.wires))
        assert rung == dict.fromkeys(bells, 1)
        told: dict[str, set[str]] = {}
        hooks = self.site.seen("/hook")
        for request in hooks:
            title = json.loads(request.body)["data"]["article"]["title"]
            told.setdefault(title, set()).add(request.headers["webhook-id"])
        assert set(told) == bells
        assert all(len(ids) == 1 for ids in told.values()), "a repeat carries the same webhook-id"
        assert len(hooks) - len(told) <= repeats

    def _done(self) -> bool:
        if any(wire.published < wire.total for wire in self.wires):
            return False
        with self.house.store.read() as tx:
            stored = len(tx.execute(select(articles.c.id)).all())
            open_items = tx.execute(select(raw_items.c.id).where(raw_items.c.state == "new")).first()
            pending = tx.execute(select(deliveries.c.id).where(deliveries.c.state == "pending")).first()
        return stored >= FEEDS * ITEMS and open_items is None and pending is None


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A world whose Redis is its own, on both databases."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder, Site() as site:
        redis = RedisServer(Path(folder))
        redis.start()
        house = House(tmp_path, database_url, redis.url)
        try:
            yield World(house, site, redis)
        finally:
            house.close()
            redis.kill()


def test_processes_killed_at_any_moment_lose_and_repeat_nothing(world: World) -> None:
    """SIGKILL of scheduler, ingest and deliver workers, over and over, while numbered items run."""
    chance = random.Random(7)
    world.house.start(*HOPS)
    for count in range(2, 15, 3):
        seen = count * FEEDS
        wait_for(lambda seen=seen: _published(world) >= seen, seconds=60, what="progress", house=world.house)
        kind = chance.choice(HOPS)
        world.house.kill(kind, signal.SIGKILL)
        world.house.start(kind)
    for kind in HOPS:
        world.house.kill(kind, signal.SIGKILL)
        world.house.start(kind)
    world.check(repeats=2 * 4)


def test_redis_wiped_killed_and_started_empty_loses_nothing(world: World) -> None:
    """FLUSHALL, then Redis down for ten polls, then started empty: all is stored, rung and delivered once."""
    world.house.start(*HOPS)
    wait_for(lambda: _published(world) >= 2 * FEEDS, seconds=60, what="start", house=world.house)
    Redis.from_url(world.redis.url).flushall()
    wait_for(lambda: _published(world) >= 4 * FEEDS, seconds=60, what="progress", house=world.house)
    world.redis.kill()
    wait_for(
        lambda: _published(world) >= 14 * FEEDS, seconds=60, what="polls without Redis", house=world.house
    )
    world.redis.start()
    for kind in (
        "ingest",
        "deliver",
    ):  # a worker that found no Redis may have ended: its runner starts it again
        world.house.kill(kind, signal.SIGTERM)
        world.house.start(kind)
    world.check(repeats=8)


def test_polling_goes_on_while_workers_are_down(world: World) -> None:
    """Without workers items are fetched and kept; when the workers come, nothing is missed."""
    world.house.start("scheduler")
    wait_for(lambda: _published(world) >= ITEMS * FEEDS, seconds=60, what="all polls", house=world.house)
    world.house.start("ingest", "deliver")
    world.check()


def test_two_schedulers_and_four_ingest_workers_share_the_work(world: World) -> None:
    """Each poll has one scheduler, each item one article; no lock error and no deadlock reaches a log."""
    world.house.start("scheduler", count=2)
    world.house.start("ingest", count=4)
    world.house.start("deliver", count=2)
    world.check()
    logs = world.house.logs().lower()
    assert "locked" not in logs
    assert "deadlock" not in logs
    assert "traceback" not in logs


def _published(world: World) -> int:
    return sum(wire.published for wire in world.wires)
