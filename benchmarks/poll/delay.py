"""How long items wait for a poll, in virtual time: intervals that follow rhythms, against others.

Every way of choosing intervals polls the same feeds over the same stream, as
often in all, and learns rates as the house does. The first days of the stream
are for learning and are not counted.
"""

from __future__ import annotations

import heapq
import json
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Protocol

from pipeline.core import rhythm
from pipeline.core.model import Rhythm
from pipeline.core.rhythm import Limits, Pacing

DAY_S = 86_400.0
_WEEK_S = 7 * DAY_S
_EPOCH = datetime(2021, 1, 1, tzinfo=UTC)
_CENSUS_S = 600.0
_FIRST_S = 60.0

#: Moments of publication by feed, ascending, in seconds.
Stream = Mapping[str, Sequence[float]]


class Way(Protocol):
    """A way of choosing intervals."""

    def take_census(self, rhythms: Iterable[Rhythm]) -> None: ...

    def interval_s(self, one: Rhythm) -> float: ...


@dataclass
class ByRhythm:
    """The house's."""

    limits: Limits
    pacing: Pacing = field(init=False)

    def __post_init__(self) -> None:
        self.pacing = Pacing(limits=self.limits)

    def take_census(self, rhythms: Iterable[Rhythm]) -> None:
        counted = Counter(rhythm.bucket(one.rate, one.asked_s) for one in rhythms if one.rate is not None)
        self.pacing = Pacing(limits=self.limits, stretch_s=rhythm.solve(counted, self.limits))

    def interval_s(self, one: Rhythm) -> float:
        return rhythm.interval(one, self.pacing)[0]


@dataclass
class Fixed:
    """One interval for all feeds."""

    every_s: float

    def take_census(self, rhythms: Iterable[Rhythm]) -> None:
        pass

    def interval_s(self, _one: Rhythm) -> float:
        return self.every_s


@dataclass
class InProportion:
    """Twice the rate, half the interval, within the same limits and at the same cost."""

    limits: Limits
    of_one_an_hour_s: float = 300.0

    def take_census(self, rhythms: Iterable[Rhythm]) -> None:
        rates = [one.rate for one in rhythms if one.rate is not None]
        low, high = 1e-3, 1e9
        for _ in range(50):
            middle = (low * high) ** 0.5
            if sum(1 / self._interval_s(rate, middle) for rate in rates) > len(rates) / self.limits.every_s:
                low = middle
            else:
                high = middle
        self.of_one_an_hour_s = high

    def interval_s(self, one: Rhythm) -> float:
        return self._interval_s(1.0 if one.rate is None else one.rate, self.of_one_an_hour_s)

    def _interval_s(self, rate: float, scale_s: float) -> float:
        least_s, most_s = self.limits.bounds
        return min(max(scale_s / max(rate, 1e-9), least_s), most_s)


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


def read(path: Path) -> Stream:
    """The stream of a file of dated entries; it has every other week only, which follow each other here."""
    begun: datetime | None = None
    stream: dict[str, list[float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        at = datetime.fromisoformat(entry["published"])
        begun = begun or at.replace(hour=0, minute=0, second=0)
        week, within_s = divmod((at - begun).total_seconds(), _WEEK_S)
        stream.setdefault(entry["source"], []).append(week // 2 * _WEEK_S + within_s)
    return {name: sorted(moments) for name, moments in stream.items()}


def simulate(
    stream: Stream,
    way: Way,
    *,
    learn_s: float,
    count_s: float,
    urgent: Collection[str] = (),
    only: Collection[str] | None = None,
) -> Waited:
    """Poll the feeds for ``learn_s`` and then for ``count_s``, which counts; items of ``only`` some feeds."""
    chance = random.Random(11)
    rhythms = {name: Rhythm(urgent=name in urgent) for name in stream}
    seen = dict.fromkeys(stream, 0)
    due = [(chance.random() * _FIRST_S, name) for name in stream]
    heapq.heapify(due)
    waits: list[float] = []
    polls, census_at = 0, 0.0
    while due[0][0] < learn_s + count_s:
        at, name = due[0]
        if at >= census_at:
            way.take_census(rhythms.values())
            census_at = at + _CENSUS_S
        before, moments, from_ = rhythms[name], stream[name], seen[name]
        seen[name] = bisect_right(moments, at)
        if at >= learn_s:
            polls += 1
            if only is None or name in only:
                waits += [at - moment for moment in moments[from_ : seen[name]] if moment >= learn_s]
        after = rhythms[name] = rhythm.heard(
            before, seen[name] - from_, whole=False, neutral=1.0, now=_EPOCH + timedelta(seconds=at)
        )
        wait_s = rhythm.wait_s(way.interval_s(after), first=before.rated_at is None, jitter=chance.random())
        heapq.heapreplace(due, (at + wait_s, name))
    return Waited(polls=polls, waits=waits)


def compare(stream: Stream, limits: Limits, *, learn_s: float, count_s: float) -> dict[str, Waited]:
    """The house's way, one fixed interval, and intervals in proportion, with as many polls each."""
    spans = {"learn_s": learn_s, "count_s": count_s}
    ours = simulate(stream, ByRhythm(limits), **spans)
    every_s = len(stream) * count_s / ours.polls
    same = Limits(every_s=every_s, least_s=limits.least_s, most_s=limits.most_s)
    return {
        "rhythm": ours,
        "fixed": simulate(stream, Fixed(every_s), **spans),
        "proportional": simulate(stream, InProportion(same), **spans),
    }
