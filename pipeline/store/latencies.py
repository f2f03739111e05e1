"""How long stages took: counted in the transaction that ends the stage, so that no restart loses it.

Each process counts in a lane of its own, so that no two transactions wait for
one row; readers add the lanes up.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, delete, func, select

from pipeline.core.latency import Histogram, Sample, Stage, tally
from pipeline.store.engine import Tx
from pipeline.store.sql import insert
from pipeline.store.tables import latencies

#: Two processes in one lane count rightly too; they may only wait for each other.
_LANE = secrets.randbelow(1024)
#: Where the minutes that are folded together stand.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST = select(func.min(latencies.c.minute)).where(latencies.c.minute > _EPOCH)
#: Minutes that one transaction folds: there are a day of them when the clock was not believed for so long.
_AT_ONCE = timedelta(minutes=10)
_KEY = ("minute", "stage", "up_to_ms", "lane")


def count(tx: Tx, samples: Iterable[Sample], now: datetime) -> None:
    """Count ``samples``, which end now; as a transaction's last statement it holds their rows briefly."""
    rows = [
        {
            "minute": _minute(now),
            "stage": one.stage.value,
            "up_to_ms": one.up_to_ms,
            "lane": _LANE,
            "samples": one.count,
            "seconds": one.seconds,
        }
        for one in tally(samples)
    ]
    tx.many(_adding(tx.sqlite), rows)


def histograms(tx: Tx, *, since: datetime | None = None) -> dict[Stage, Histogram]:
    """The samples of each stage that has any: all ever counted, or those since the minute of ``since``."""
    statement = select(
        latencies.c.stage,
        latencies.c.up_to_ms,
        func.sum(latencies.c.samples).label("samples"),
        func.sum(latencies.c.seconds).label("seconds"),
    ).group_by(latencies.c.stage, latencies.c.up_to_ms)
    if since is not None:
        statement = statement.where(latencies.c.minute >= _minute(since))
    counts: dict[Stage, dict[int, int]] = {}
    seconds: dict[Stage, float] = {}
    for row in tx.execute(statement):
        stage = Stage(row.stage)
        counts.setdefault(stage, {})[row.up_to_ms] = int(row.samples)
        seconds[stage] = seconds.get(stage, 0.0) + row.seconds
    return {stage: Histogram(counts[stage], seconds[stage]) for stage in Stage if stage in counts}


def fold(tx: Tx, *, before: timedelta, now: datetime) -> int:
    """Put minutes older than ``before`` together, so that all ever counted takes few rows; how many went.

    The oldest few minutes go, so that nobody waits for long; 0 says that none is left.
    """
    first = tx.execute(_OLDEST).scalar_one()
    if first is None:
        return 0
    end = min(_minute(now - before), first + _AT_ONCE)
    old = latencies.c.minute < end, latencies.c.minute > _EPOCH
    gone = tx.execute(delete(latencies).where(*old).returning(latencies)).all()
    sums: dict[tuple[str, int], dict[str, Any]] = {}
    for row in gone:
        held = sums.setdefault(
            (row.stage, row.up_to_ms),
            {
                "minute": _EPOCH,
                "stage": row.stage,
                "up_to_ms": row.up_to_ms,
                "lane": 0,
                "samples": 0,
                "seconds": 0.0,
            },
        )
        held["samples"] += row.samples
        held["seconds"] += row.seconds
    tx.many(_adding(tx.sqlite), [sums[key] for key in sorted(sums)])
    return len(gone)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


@cache
def _adding(on_sqlite: bool) -> Executable:
    statement = insert(on_sqlite, latencies)
    added = {name: latencies.c[name] + statement.excluded[name] for name in ("samples", "seconds")}
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_=added)
