"""``./run bench backtest``: how long a query takes on a large archive, on either database.

The archive is made of news-like texts of about 60 words, written straight into
the tables and the index with the analyser's own terms; what is timed is
``flow.backtest`` as the command calls it, its dictionaries loaded before.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert

from benchmarks.text import Writer
from pipeline.core.analyse import analyse
from pipeline.flow import backtest
from pipeline.store import engine, feeds, search
from pipeline.store.engine import Store, Tx
from pipeline.store.tables import article_feeds, articles, languages, stories
from tests.services import postgresql

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAYS = 30
BATCH = 5_000
#: A usual query is a few words, one of them not common; watched words stand in a hundredth of the texts.
QUERIES = (
    "invasion",
    "invasion AND sanctions",
    'invasion NOT "home invasion"',
    "sanction* OR reservist",
    '"invasion border"~10',
    "title:invasion",
    "government AND minister AND talks",
)


def measure(database: str, *, count: int) -> dict[str, Any]:
    """Fill an archive of ``count`` articles and time each query; seconds of wall time and of CPU."""
    with empty(database) as store:
        begun = time.perf_counter()
        _fill(store, count)
        filled = time.perf_counter() - begun
        backtest(store, "warm", days=1, now=NOW)
        return {
            "client": f"tocsin, {database}",
            "articles": count,
            "filled_s": round(filled, 1),
            "queries": [_timed(store, query) for query in QUERIES],
        }


def _timed(store: Store, query: str) -> dict[str, Any]:
    runs = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        found = backtest(store, query, days=DAYS, now=NOW)
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    best = min(runs)
    return {
        "query": query,
        "candidates": found.candidates,
        "alerts": found.alerts,
        "wall_s": round(best[0], 2),
        "cpu_s": round(best[1], 2),
    }


@contextmanager
def empty(database: str) -> Iterator[Store]:
    with TemporaryDirectory(prefix="tocsin-bench-") as folder:
        if database == "sqlite":
            store = engine.open(f"sqlite:///{Path(folder) / 'archive.sqlite3'}")
            store.migrate()
            yield store
            store.close()
            return
        with postgresql() as url:
            store = engine.open(url)
            store.migrate()
            yield store
            store.close()


def _fill(store: Store, count: int) -> None:
    store.write(_begin)
    writer, chance = Writer(7), random.Random(7)
    step = timedelta(days=DAYS) / (count + 1)
    for first in range(1, count + 1, BATCH):
        numbers = range(first, min(first + BATCH, count + 1))
        rows = [_row(number, writer, chance, NOW - step * (count + 1 - number)) for number in numbers]
        store.write(lambda tx, rows=rows: _put(tx, rows))  # type: ignore[misc]


def _begin(tx: Tx) -> None:
    feeds.add(tx, url="https://wire.example/feed", title="Wire", interval_s=300, now=NOW)
    tx.execute(insert(languages), {"language": "en"})


def _row(number: int, writer: Writer, chance: random.Random, at: datetime) -> dict[str, Any]:
    title, *summary = writer.headline(), *writer.paragraphs(chance.randint(30, 70))
    return {
        "id": number,
        "url": f"https://wire.example/{number}",
        "url_key": blake2b(str(number).encode(), digest_size=16).digest(),
        "title": title,
        "summary": " ".join(summary),
        "body": "",
        "html": "",
        "author": "",
        "language": "en",
        "tags": [],
        "published_at": at,
        "first_seen_at": at,
        "updated_at": at,
        "feed_id": 1,
        "story_id": number,
        "raw_item_id": number,
        "content_hash": blake2b(title.encode(), digest_size=16).digest(),
        "backlog": False,
    }


def _put(tx: Tx, rows: list[dict[str, Any]]) -> None:
    told = [
        {"id": row["id"], "created_at": NOW, "last_seen_at": NOW, "article_count": 1, "source_count": 1}
        for row in rows
    ]
    tx.many(insert(stories), told)
    tx.many(insert(articles), rows)
    tx.many(insert(article_feeds), [{"article_id": row["id"], "feed_id": 1} for row in rows])
    terms = {row["id"]: analyse(row["title"], row["summary"], "", "en").terms for row in rows}
    search.put(tx, terms, new=True)


def show(rows: list[dict[str, Any]]) -> None:
    """A line for each query."""
    for row in rows:
        print(f"{row['client']}, {row['articles']:,} articles, filled in {row['filled_s']} s")
        for one in row["queries"]:
            counts = f"{one['candidates']:>7,} candidates {one['alerts']:>7,} alerts"
            print(f"  {one['query']:<36}{counts}  {one['wall_s']:>6.2f} s  {one['cpu_s']:>6.2f} s CPU")
