"""What it costs to look an article's copies up among a million, and to keep its keys.

The window is filled with news-like texts of 60 words whose keys, articles and
stories are written straight into the tables.  What is timed is what ingest does for
copies and nothing else: keys of new texts, their holders, the comparison, and the
keys kept; a fifth of the new texts are copies of stored ones with a word in twenty
changed.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from benchmarks import cpu
from benchmarks.archive import empty
from benchmarks.stories import forge
from benchmarks.text import Writer
from pipeline.core.copies import Print, sketch
from pipeline.core.dedupe import Likeness
from pipeline.store import feeds
from pipeline.store.articles.copies import hold, neighbours
from pipeline.store.engine import Store, Tx
from pipeline.store.sql import insert_missing
from pipeline.store.tables import articles, copy_keys, stories

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=72)
FILLED, WORDS = 5_000, 60
#: Articles of one transaction, as ingest brings them, and how many are measured.
BATCH, MEASURED = 50, 5_000
COPIES = 0.2


def measure(database: str, *, count: int) -> dict[str, Any]:
    """CPU and wall time an article, in milliseconds; for PostgreSQL with that of its own process."""
    with empty(database) as store:
        begun = time.perf_counter()
        _fill(store, count)
        filled = time.perf_counter() - begun
        spent, wall, found = _look_up(store, list(_new(count)), count)
        return {
            "client": f"tocsin, {database}",
            "articles": count,
            "filled_s": round(filled, 1),
            "cpu_ms": round(1000 * spent / MEASURED, 3),
            "wall_ms": round(1000 * wall / MEASURED, 3),
            "copies": [found, round(COPIES * MEASURED)],
        }


def show(rows: Sequence[dict[str, Any]]) -> None:
    """A line for each database."""
    for row in rows:
        print(
            f"{row['client']}: {row['cpu_ms']:.3f} ms CPU an article ({row['wall_ms']:.3f} ms by the clock)"
            f" among {row['articles']:,}; {row['copies'][0]} of {row['copies'][1]} copies found"
        )


def _text(writer: Writer, number: int) -> Print:
    """The text of article ``number``, always the same."""
    writer.begin(number)
    return Print(writer.headline(), " ".join(writer.paragraphs(WORDS)), "")


def _new(count: int) -> Sequence[Print]:
    """New texts; a fifth are copies of stored ones."""
    chance, writer = random.Random(11), Writer(7)
    made = [_text(writer, count + 1 + number) for number in range(MEASURED)]
    for at in range(0, MEASURED, round(1 / COPIES)):
        made[at] = forge.copies()["edited"](chance, _text(writer, chance.randrange(1, count + 1))) or made[at]
    return made


def _fill(store: Store, count: int) -> None:
    writer = Writer(7)
    store.write(lambda tx: feeds.add(tx, url="https://wire.example/feed", interval_s=300, now=NOW))
    for first in range(1, count + 1, FILLED):
        numbers = range(first, min(first + FILLED, count + 1))
        told = {number: _text(writer, number) for number in numbers}
        store.write(lambda tx, told=told: _put(tx, told))  # type: ignore[misc]
    if not store.sqlite:
        with store.begin() as tx:
            tx.execute(text("ANALYZE"))


def _put(tx: Tx, told: dict[int, Print]) -> None:
    story = {"created_at": NOW, "last_seen_at": NOW, "article_count": 1, "source_count": 1}
    tx.many(insert(stories), [{"id": number, "event_id": number, **story} for number in told])
    tx.many(insert(articles), [_row(number, one) for number, one in told.items()])
    keys = {key: number for number, one in told.items() for key in sketch(one)}
    insert_missing(tx, copy_keys, [{"key": key, "article_id": one} for key, one in sorted(keys.items())])


def _row(number: int, one: Print) -> dict[str, Any]:
    return {
        "id": number,
        "title": one.title,
        "summary": one.summary,
        "html": "",
        "tags": [],
        "first_seen_at": NOW,
        "updated_at": NOW,
        "feed_id": 1,
        "story_id": number,
        "raw_item_id": number,
        "content_hash": b"",
    }


def _look_up(store: Store, new: Sequence[Print], count: int) -> tuple[float, float, int]:
    """CPU seconds, seconds, and how many copies were found."""
    found = 0
    with store.read() as tx:
        server = [] if store.sqlite else [tx.execute(text("SELECT pg_backend_pid()")).scalar_one()]
    roots = {"client": [os.getpid()], "server": server}
    before, begun = cpu.seconds(roots), time.perf_counter()
    for at in range(0, len(new), BATCH):
        batch = {count + 1 + at + n: one for n, one in enumerate(new[at : at + BATCH])}
        found += store.write(lambda tx, batch=batch: _ingest(tx, batch))  # type: ignore[misc]
    wall = time.perf_counter() - begun
    after = cpu.seconds(roots)
    return sum(after.values()) - sum(before.values()), wall, found


def _ingest(tx: Tx, batch: dict[int, Print]) -> int:
    keys = {number: sketch(one) for number, one in batch.items()}
    near = neighbours(tx, keys.values(), since=SINCE)
    likeness = Likeness(near.holders, near.texts)
    copies = {number: likeness.find(one, keys[number]) for number, one in batch.items()}
    held = {
        key: number for number, copy in copies.items() if copy is None or copy.fuller for key in keys[number]
    }
    hold(tx, held, near.holders)
    return sum(copy is not None for copy in copies.values())
