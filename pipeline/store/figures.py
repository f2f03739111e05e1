"""What is counted for machines that watch: more by kind than `status` shows, each with few values."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from pipeline.core.latency import Histogram, Stage
from pipeline.store import latencies, status
from pipeline.store.dead_letters import STAGES
from pipeline.store.engine import Tx
from pipeline.store.sql import word
from pipeline.store.status import Counts
from pipeline.store.tables import dead_letters, deliveries, feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One moment of the database."""

    counts: Counts
    waiting: dict[int, int]  # pending deliveries by the id of their channel
    dead_letters: dict[str, int]  # open ones, by what failed
    gaps: int  # polls before which items may have been missed, since ever
    latencies: dict[Stage, Histogram]  # of all that was ever counted


def take(tx: Tx) -> Figures:
    """All figures, of one moment."""
    waiting = (
        select(deliveries.c.channel_id, func.count())
        .where(deliveries.c.state == word("pending"))
        .group_by(deliveries.c.channel_id)
        .order_by(deliveries.c.channel_id)
    )
    dead = (
        select(dead_letters.c.stage, func.count())
        .where(dead_letters.c.state == word("open"))
        .group_by(dead_letters.c.stage)
        .order_by(dead_letters.c.stage)
    )
    return Figures(
        counts=status.counts(tx),
        waiting=dict(map(tuple, tx.execute(waiting))),
        # A series that began with its first dead letter would show no rise.
        dead_letters={**dict.fromkeys(STAGES, 0), **dict(map(tuple, tx.execute(dead)))},
        gaps=tx.execute(select(func.coalesce(func.sum(feeds.c.gaps), 0))).scalar_one(),
        latencies=latencies.histograms(tx),
    )
