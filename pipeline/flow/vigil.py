"""Vigil: is every stage as quick as it should be?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipeline.core.latency import Histogram, Stage, quantile
from pipeline.store import latencies
from pipeline.store.engine import Tx
from pipeline.store.status import Trouble

#: Targets are held against this much of the past.
WINDOW = timedelta(minutes=10)
#: Fewer samples than this say nothing about how quick a stage is.
FEWEST = 20
#: The part of a stage's samples that should meet its target.
MOST = 0.95

#: How many seconds the 95th percentile of a stage may be; a stage without one is not judged.
Targets = Mapping[Stage, float]

_WHAT = {
    Stage.SEEN: "News is seen late after its publication. Are polls late, or do feeds publish late?",
    Stage.STORED: "New items wait for long before they are stored. Are there enough ingest workers?",
    Stage.ENQUEUED: "Deliveries wait for long before they reach their queue. Is Redis well?",
    Stage.DELIVERED: "Deliveries take long. Are there enough deliver workers, are receivers slow?",
}


def recent(tx: Tx, now: datetime) -> dict[Stage, Histogram]:
    """How long each stage took in the last minutes."""
    return latencies.histograms(tx, since=now - WINDOW)


def late(found: Mapping[Stage, Histogram], targets: Targets) -> list[Trouble]:
    """The stages whose recent 95th percentile is above its target, as troubles."""
    return [
        Trouble(
            cause=f"latency:{stage.value}",
            subject=f"The stage {stage.value} takes {worst:.1f} s",
            text=f"{_WHAT[stage]} 95 % of {found[stage].total} took up to {worst:.1f} s;"
            f" the target is {targets[stage]:g} s.",
        )
        for stage, worst in sorted(p95(found).items())
        if worst > targets.get(stage, float("inf"))
    ]


def p95(found: Mapping[Stage, Histogram]) -> dict[Stage, float]:
    """The 95th percentile of each stage that has enough samples to tell, in seconds."""
    worst = {stage: quantile(one, MOST) for stage, one in found.items() if one.total >= FEWEST}
    return {stage: value for stage, value in worst.items() if value is not None}
