"""How long each stage takes: samples become histogram counts, and counts become quantiles.

The stages of an article's way to who is told, each from the end of the one before::

    published ── seen ──▶ fetched ── stored ──▶ committed ── enqueued ──▶ pushed ── delivered ──▶ accepted

A delivery that its receiver took at a later attempt counts as ``retried``
instead: how long that takes is the receiver's doing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What a sample measures."""

    SEEN = "seen"  # published to first seen, live news only: what the feed and the poll interval cost
    STORED = "stored"  # first seen (the poll's fetch) to the commit of its article
    ENQUEUED = "enqueued"  # a delivery made to pushed on its queue
    DELIVERED = "delivered"  # pushed to accepted, at the first attempt
    RETRIED = "retried"  # made to accepted, at a later attempt


#: Upper ends of the buckets, in milliseconds; what takes longer than the last but one is in the last.
BOUNDS_MS = (
    *(50, 100, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, 30_000),
    *(60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000),
    2**31 - 1,
)
ENDLESS_MS = BOUNDS_MS[-1]


@dataclass(frozen=True, slots=True)
class Sample:
    """One article or delivery through one stage; a clock that runs behind makes it 0, not less."""

    stage: Stage
    seconds: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Samples of one stage within one bucket."""

    stage: Stage
    up_to_ms: int  # the bucket's upper end
    count: int
    seconds: float  # in sum


@dataclass(frozen=True, slots=True)
class Histogram:
    """Samples of one stage: by upper end of the bucket in milliseconds, ascending, not cumulated."""

    counts: Mapping[int, int]
    seconds: float

    @property
    def total(self) -> int:
        """How many samples."""
        return sum(self.counts.values())


def tally(samples: Iterable[Sample]) -> list[Tally]:
    """The samples counted by stage and bucket, in that order."""
    found: dict[tuple[Stage, int], tuple[int, float]] = {}
    for one in samples:
        seconds = max(0.0, one.seconds)
        bound = BOUNDS_MS[min(bisect_left(BOUNDS_MS, seconds * 1000), len(BOUNDS_MS) - 1)]
        count, total = found.get((one.stage, bound), (0, 0.0))
        found[one.stage, bound] = (count + 1, total + seconds)
    return [Tally(stage, bound, *found[stage, bound]) for stage, bound in sorted(found)]


def quantile(histogram: Histogram, q: float) -> float | None:
    """The ``q`` quantile in seconds, as Prometheus' ``histogram_quantile`` estimates it; None of nothing.

    Within a bucket samples are taken as evenly spread; in the endless one the
    estimate is where it begins.
    """
    rank = q * histogram.total
    if not histogram.total:
        return None
    below = 0
    for bound, count in sorted(histogram.counts.items()):
        if count and below + count >= rank:
            start = _before(bound)
            if bound == ENDLESS_MS:
                return start / 1000
            return (start + (bound - start) * (rank - below) / count) / 1000
        below += count
    raise AssertionError("unreachable")


def _before(bound: int) -> int:
    """Where the bucket that ends at ``bound`` begins."""
    index = bisect_left(BOUNDS_MS, bound)
    return BOUNDS_MS[index - 1] if index else 0
