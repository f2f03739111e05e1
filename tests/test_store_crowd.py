"""Many processes at one store: every slot, item and story is somebody's once, and no lock error shows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from pipeline.store import audit, feeds, tables
from pipeline.store.engine import Store
from tests import crowd, stock
from tests.stock import T0

FEEDS = 48
ROOT = Path(__file__).resolve().parent.parent


def _together(url: str, *roles: str) -> list[list[Any]]:
    """What each of the processes reports that begin at the same moment."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.crowd", role, url, str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, role in enumerate(roles)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=90) for process in running]
    assert [errors for _, errors in ended] == [""] * len(roles)
    return [json.loads(output) for output, _ in ended]


def test_two_schedulers_and_four_workers_share_the_work(store: Store, database_url: str) -> None:
    """Each slot is polled once, each item taken once, one article a URL, one alert a story; it adds up."""
    channel_id = stock.add_channel(store)
    for name in ("a", "b"):
        stock.add_subscription(store, name, channel_ids=[channel_id])
    store.write(
        lambda tx: [feeds.add(tx, url=f"https://f{n}.example/", interval_s=300, now=T0) for n in range(FEEDS)]
    )
    slots = [tuple(slot) for report in _together(database_url, "schedule", "schedule") for slot in report]
    assert len(slots) == len(set(slots)) == FEEDS
    with store.read() as tx:
        items = set(tx.execute(select(tables.raw_items.c.id)).scalars())
    assert len(items) == len(slots) * 3

    taken = [id_ for report in _together(database_url, *["ingest"] * 4) for id_ in report]
    assert sorted(taken) == sorted(items)
    with store.read() as tx:
        assert audit.check(tx) == []
        assert _number(tx, tables.articles) == crowd.SHARED + len(items)
        assert set(tx.execute(select(tables.raw_items.c.state)).scalars()) == {"done"}
        assert _number(tx, tables.alerts) == 2 * _number(tx, tables.stories)

    claimed = [id_ for report in _together(database_url, *["deliver"] * 3) for id_ in report]
    with store.read() as tx:
        assert sorted(claimed) == sorted(tx.execute(select(tables.deliveries.c.id)).scalars())
        assert set(tx.execute(select(tables.deliveries.c.attempts)).scalars()) == {1}
        assert audit.check(tx) == []


def test_houses_that_print_one_text_at_the_same_moment_are_one_story(store: Store, database_url: str) -> None:
    """Each of four processes brings a version of its own of twelve texts; each text is a story that rings once."""
    stock.add_subscription(store)
    stock.add_feed(store)
    stock.bring(store, [f"{n}" for n in range(crowd.SHARED * crowd.VERSIONS)])
    reasons = Counter(one for told in _together(database_url, *["copy"] * crowd.VERSIONS) for one in told)
    assert reasons == {"founder": crowd.SHARED, "similarity": crowd.SHARED * (crowd.VERSIONS - 1)}
    with store.read() as tx:
        assert set(tx.execute(select(tables.stories.c.article_count)).scalars()) == {crowd.VERSIONS}
        assert _number(tx, tables.stories) == _number(tx, tables.alerts) == crowd.SHARED
        assert audit.check(tx) == []


def test_two_page_fetchers_keep_to_the_limit_of_a_host(store: Store, database_url: str) -> None:
    """However many schedulers ask, a host has no more pages under way than allowed, and none is given twice."""
    stock.add_feed(store)
    (item,) = stock.take(store, stock.bring(store, ["all"]))
    entries = [stock.entry(f"e{n}", url=f"https://h{n % 5}.example/{n}") for n in range(40)]
    stock.ingest(store, [stock.parsed(item, *entries)], pages=True)
    claimed = [id_ for report in _together(database_url, "fetch", "fetch", "fetch") for id_ in report]
    with store.read() as tx:
        under_way = tx.execute(
            select(tables.pages.c.host, func.count()).where(tables.pages.c.lease_until > T0).group_by("host")
        ).all()
    assert len(claimed) == len(set(claimed)) == 10
    assert {number for _, number in under_way} == {2}


def _number(tx: Any, table: Any) -> int:
    number: int = tx.execute(select(func.count()).select_from(table)).scalar_one()
    return number
