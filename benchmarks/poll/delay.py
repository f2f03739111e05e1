"""How long items wait for a poll, in virtual time: intervals that follow rhythms, against others.

Every way of choosing intervals polls the same feeds, over the same stream, as
often in all. The first part of the stream is for learning and is not counted.
"""

from __future__ import annotations

import heapq
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from pipeline.core import rhythm
from pipeline.core.model import Rhythm
from pipeline.core.rhythm import Limits, Pacing

_EPOCH = datetime(2021, 1, 1, tzinfo=UTC)
_CENSUS_S = 60.0

#: What decides the interval of a feed: it gets the feed's name, its rhythm and the stretch.
Decide = Callable[[str, Rhythm, Pacing], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """How long items waited for the poll that saw them, in seconds, and how many polls that took."""

    polls: int
    waits: Sequence[float]

    @property
    def mean_s(self) -> float:
        return sum(self.waits) / len(self.waits)

    def percentile(self, percent: int) -> float:
        return quantiles(self.waits, n=100, method="inclusive")[percent - 1]


def simulate(
    stream: Mapping[str, Sequence[float]],
    limits: Limits,
    *,
    counted_from_s: float,
    until_s: float,
    urgent: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
) -> Waited:
    """Poll the feeds of ``stream`` (moments of publication, ascending, in seconds) each in its rhythm.

    What is seen from ``counted_from_s`` on counts; of the feeds in ``only``, where it is given.
    """
    chance = random.Random(11)
    rhythms = {name: Rhythm(urgent=name in urgent) for name in stream}
    due = [(chance.random() * 60.0, name) for name in stream]
    heapq.heapify(due)
    seen = dict.fromkeys(stream, 0)
    pacing, census_at = Pacing(limits=limits), 0.0
    waits: list[float] = []
    polls = 0
    while due and due[0][0] < until_s:
        at, name = heapq.heappop(due)
        if at >= census_at:
            pacing, census_at = _census(rhythms.values(), limits), at + _CENSUS_S
        moments = stream[name]
        upto = bisect_right(moments, at)
        brought, seen_before = upto - seen[name], seen[name]
        seen[name] = upto
        if at >= counted_from_s:
            polls += 1
            if only is None or name in only:
                waits += [at - moment for moment in moments[seen_before:upto] if moment >= counted_from_s]
        before = rhythms[name]
        after = rhythm.heard(
            before, brought, whole=False, neutral=pacing.neutral, now=_EPOCH + timedelta(seconds=at)
        )
        rhythms[name] = after
        interval_s, _ = rhythm.interval(after, pacing)
        wait_s = rhythm.wait_s(interval_s, first=before.rated_at is None, jitter=chance.random())
        heapq.heappush(due, (at + wait_s, name))
    return Waited(polls=polls, waits=waits)


def _census(rhythms: object, limits: Limits) -> Pacing:
    counted = Counter(rhythm.bucket(one.rate, one.asked_s) for one in rhythms if one.rate is not None)
    return Pacing(limits=limits, stretch_s=rhythm.solve(counted, limits))
