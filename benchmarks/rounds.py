"""Rounds of polls through the real scheduler and ingest workers, with what each costs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from benchmarks.crew import Crew, crew, wait_until
from benchmarks.site import SEED, SiteProcess
from benchmarks.text import WATCHED, Writer
from pipeline.core.model import FullText
from pipeline.store import feeds, subscriptions
from pipeline.store.engine import Tx
from pipeline.store.tables import intake

ROUND_S = 120.0  # the longest that one round may take
UNCHANGED = 4  # rounds of 304 that are measured together
CHANGED = 2  # rounds of 5 new entries
EDITIONS = 1 + CHANGED
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a kind of round took, over all its repetitions."""

    client: str
    round: str  # "all new", "304" or "5 new of 30"
    polls: int
    wall_s: float
    cpu_s: dict[str, float]  # by kind of process

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per poll of a feed."""
        return 1000 * sum(self.cpu_s.values()) / self.polls

    @property
    def feeds_per_s(self) -> float:
        return self.polls / self.wall_s

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "cpu_ms": round(self.cpu_ms, 3), "feeds_per_s": round(self.feeds_per_s, 1)}


def measure(database: str, site: SiteProcess, *, count: int, workers: int, queries: int) -> Iterator[Result]:
    """Each kind of round on one database; the feed after the last ``count`` only warms the processes up."""
    with crew(database) as hands:
        site.put_up(0)
        hands.store.write(lambda tx: _subscribe(tx, queries))
        hands.start("scheduler")
        hands.start("ingest", workers)
        hands.ready(workers)
        _add(hands, site, [count])
        _wait_polled(hands, datetime.min.replace(tzinfo=UTC), 1)
        rounds = _Rounds(hands, f"tocsin, {database}", count)
        yield rounds.run("all new", [lambda: _add(hands, site, range(count))])
        yield rounds.run("304", [lambda: _poll_all(hands)] * UNCHANGED)
        yield rounds.run(
            "5 new of 30", [_next_edition(hands, site, edition) for edition in range(1, EDITIONS)]
        )


@dataclass(frozen=True, slots=True)
class _Rounds:
    hands: Crew
    client: str
    count: int

    def run(self, name: str, starts: list[Callable[[], None]]) -> Result:
        wall = 0.0
        before = self.hands.cpu()
        for start in starts:
            asked_at, began = datetime.now(UTC), time.monotonic()
            start()
            _wait_polled(self.hands, asked_at, self.count)
            wall += time.monotonic() - began
        after = self.hands.cpu()
        spent = {kind: round(after[kind] - before[kind], 2) for kind in after}
        return Result(
            client=self.client, round=name, polls=self.count * len(starts), wall_s=round(wall, 3), cpu_s=spent
        )


def _wait_polled(hands: Crew, since: datetime, count: int) -> None:
    """Wait until ``count`` feeds have been polled after ``since``, and all that they brought is ingested."""
    polled = select(func.count()).where(intake.feeds.c.last_polled_at >= since)
    left = select(intake.raw_items.c.id).where(intake.raw_items.c.state == "new").limit(1)

    def done() -> bool:
        with hands.store.read() as tx:
            return int(tx.execute(polled).scalar_one()) >= count and tx.execute(left).first() is None

    wait_until(done, ROUND_S, "the feeds were not polled and ingested")


def _add(hands: Crew, site: SiteProcess, numbers: range | list[int]) -> None:
    now = datetime.now(UTC)

    def add(tx: Tx) -> None:
        for number in numbers:
            feeds.add(
                tx,
                url=site.feed_url(number),
                interval_s=_DAY_S,
                every_s=_DAY_S,
                full_text=FullText.NEVER,
                tags=(),
                now=now,
            )

    hands.store.write(add)


def _poll_all(hands: Crew) -> None:
    hands.store.write(lambda tx: feeds.poll_now(tx, None, datetime.now(UTC)))


def _next_edition(hands: Crew, site: SiteProcess, edition: int) -> Callable[[], None]:
    def start() -> None:
        site.put_up(edition)
        _poll_all(hands)

    return start


def _subscribe(tx: Tx, count: int) -> None:
    """The watched words, and combinations with rare words up to ``count`` queries."""
    words, chance = Writer(SEED).vocabulary, random.Random(SEED)
    rare = words[-25_000:]
    now = datetime.now(UTC)
    for number in range(count):
        if number < len(WATCHED):
            query = WATCHED[number]
        elif number % 5 < 3:
            query = f"{chance.choice(rare)} {chance.choice(words)}"
        else:
            one, two, three, four = chance.choices(rare, k=4)
            query = f'"{one} {two}" OR ({three} AND {four})'
        subscriptions.add(tx, name=f"query {number}", query=query, channel_ids=(), now=now)
