"""Feeds that have not changed, through the real scheduler at a steady rate: CPU, memory, lateness."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from benchmarks.crew import Crew, crew, wait_until
from benchmarks.poll import site
from pipeline.core.urls import host
from pipeline.store.engine import Tx
from pipeline.store.tables import feeds, polls

EVERY_S = 300
_WARM_S = 5.0
_LATE_S = 60.0
_PART = 2_000


def measure(database: str, *, per_second: float, seconds: float, hosts: int) -> dict[str, Any]:
    """So many polls a second for so long, all answered 304; the feeds are on so many hosts."""
    count = round(per_second * EVERY_S)
    with site.running() as port, crew(database, **_options(per_second)) as hands:
        fill(hands, count, port=port, hosts=min(hosts, count))
        hands.start("scheduler")
        wait_until(lambda: _polled(hands) > per_second, _LATE_S, "the scheduler did not begin")
        time.sleep(_WARM_S)
        cpu, polled, began = hands.cpu(), _polled(hands), time.monotonic()
        time.sleep(seconds)
        spent, done, took = hands.cpu(), _polled(hands) - polled, time.monotonic() - began
        pid = hands.roots["scheduler"][0]
        by_process = {kind: round(1000 * (spent[kind] - cpu[kind]) / done, 3) for kind in spent}
        return {
            "database": database,
            "feeds": count,
            "hosts": min(hosts, count),
            "wanted_per_s": per_second,
            "kept_per_s": round(done / took, 1),
            "cpu_ms": round(sum(by_process.values()), 3),
            "cpu_ms_by_process": by_process,
            "scheduler_mb": round(_peak_kb(pid) / 1024, 1),
            "late_s": round(_late_s(hands), 1),
            "outcomes": _outcomes(hands),
        }


def _options(per_second: float) -> Mapping[str, str]:
    return {
        "TOCSIN_FETCH_ALLOW": "127.0.0.0/8",
        "TOCSIN_POLL_EVERY_S": str(EVERY_S),
        "TOCSIN_TICK_S": "0.5",
        "TOCSIN_FETCH_CONCURRENCY": str(max(100, round(per_second))),
    }


def fill(hands: Crew, count: int, *, port: int, hosts: int) -> None:
    """So many feeds that were polled before, due one after the other over the next interval."""
    now = datetime.now(UTC)

    def rows(tx: Tx, part: range) -> None:
        tx.many(
            insert(feeds), [_row(number, count, site.url(port, number - 1, hosts), now) for number in part]
        )

    for start in range(1, count + 1, _PART):
        part = range(start, min(start + _PART, count + 1))
        hands.store.write(lambda tx, part=part: rows(tx, part))  # type: ignore[misc]
    if not hands.store.sqlite:  # PostgreSQL would do so by itself within a minute
        with hands.store.begin() as tx:
            tx.execute(text("ANALYZE feeds"))


def _row(number: int, count: int, url: str, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "url": url,
        "host": host(url),
        "title": f"Wire {number}",
        "state": "active",
        "tags": [],
        "interval_s": EVERY_S,
        "full_text": "never",
        "headers": [],
        "etag": site.ETAG,
        "rate": 1.0,
        "watched_s": 43_200.0,
        "last_success_at": now,
        "last_polled_at": now,
        "first_brought_seq": 1,
        "whole_at": now,
        "seq": 1,
        "next_poll_at": now + timedelta(seconds=EVERY_S * number / count),
        "known": bytes(30 * 16),
        "created_at": now - timedelta(days=1),
    }


def _polled(hands: Crew) -> int:
    with hands.store.read() as tx:
        return int(tx.execute(select(func.coalesce(func.max(polls.c.id), 0))).scalar_one())


def _late_s(hands: Crew) -> float:
    """How long the longest due feed has waited."""
    with hands.store.read() as tx:
        first: datetime = tx.execute(select(func.min(feeds.c.next_poll_at))).scalar_one()
    return max((datetime.now(UTC) - first).total_seconds(), 0.0)


def _outcomes(hands: Crew) -> dict[str, int]:
    with hands.store.read() as tx:
        found = tx.execute(select(polls.c.outcome, func.count()).group_by(polls.c.outcome))
        return dict(map(tuple, found))


def _peak_kb(pid: int) -> int:
    """The most memory that a process has had, in kilobytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise SystemExit(f"bench: process {pid} has ended")
