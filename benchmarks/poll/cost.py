"""What the database takes for a poll: claimed, judged unchanged, committed; with few feeds and with many."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import cpu
from benchmarks.crew import Crew, crew
from benchmarks.poll import site
from benchmarks.poll.unchanged import EVERY_S, fill
from pipeline.core.model import Feed, Response
from pipeline.core.poll import judge
from pipeline.core.rhythm import Pacing
from pipeline.store import feeds, polls
from pipeline.store.polls import PollResult

_BATCH = 100  # polls that are claimed, and committed, together
_ROUNDS = 40
_WARM = 5


def measure(database: str, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Milliseconds of a poll, on the clock and of CPU (ours and the database's), by number of feeds."""
    return [_measure(database, size) for size in sizes]


def _measure(database: str, size: int) -> dict[str, Any]:
    with crew(database) as hands:
        fill(hands, size, port=80, hosts=size)
        step = timedelta(seconds=EVERY_S * _BATCH / size)  # in which so many fall due
        now = datetime.now(UTC)
        moments = [now + number * step for number in range(1, _WARM + _ROUNDS + 1)]
        for moment in moments[:_WARM]:
            _round(hands, moment)
        servers = {"postgres": hands.roots.get("postgres", [])}
        before, own, began = cpu.seconds(servers)["postgres"], time.process_time(), time.perf_counter()
        count = sum(_round(hands, moment) for moment in moments[_WARM:])
        took = time.perf_counter() - began
        spent = time.process_time() - own + cpu.seconds(servers)["postgres"] - before
    return {
        "database": database,
        "feeds": size,
        "ms": round(1000 * took / count, 3),
        "cpu_ms": round(1000 * spent / count, 3),
    }


def _round(hands: Crew, now: datetime) -> int:
    """Poll what is due by ``now``; how many feeds that was."""
    claimed = hands.store.write(lambda tx: feeds.claim(tx, now=now, limit=_BATCH, lease_s=60.0))
    results = [_unchanged(feed, now) for feed in claimed]
    hands.store.write(lambda tx: polls.commit(tx, results, now))
    return len(results)


def _unchanged(feed: Feed, now: datetime) -> PollResult:
    answer = Response(
        status=304,
        url=feed.url,
        headers={"etag": site.ETAG, "cache-control": "max-age=60"},
        body=b"",
        complete=True,
        fetched_at=now,
        elapsed_s=0.1,
    )
    verdict = judge(feed, answer, None, now=now, jitter=0.5, pacing=Pacing())
    return PollResult(feed=feed, response=answer, document=None, verdict=verdict)
