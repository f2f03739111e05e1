"""Has a subscription been silent for longer than its habit explains?

What is usual comes from the fortnight before its last alert: how many alerts a
weekday and a day of the weekend bring (the median, so that one day of great
news makes nothing usual), and how they spread over the hours of the day.  From
both follows how many alerts the silent hours should have brought.  Were they
independent (a Poisson process), none would come with probability
exp(-expected), and each alert is a new beginning: silence is told when chance
would bring one like it less than once in 80 days, or once in 13 where it is
also much longer than any of the fortnight, as regular subscriptions are far
more regular than chance.  For four a day that is 5.8 and 4.0 expected alerts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log
from statistics import median

#: How far back what is usual is learned from, before the last alert.
LEARNED = timedelta(days=14)
#: A shorter history or fewer alerts make no habit.
YOUNGEST = timedelta(days=7)
FEWEST = 14
#: Fewer alerts a day, counted by median days, are none either.
RAREST_PER_DAY = 1.0
#: Nothing shorter is told: a night without news is no fault.
SHORTEST = timedelta(hours=6)
#: Chance alone may bring a silence that is told once in so many days.
RARE_DAYS = 80
#: The same for a silence that is LONGER times the longest of the fortnight.
LESS_RARE_DAYS = 13
LONGER = 1.5
#: Alerts that the spread over the hours is smoothed with, one for each hour.
_PRIOR = 24
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A silence that should be told."""

    since: datetime  # the last alert
    hours: float
    usual_per_day: float
    expected: float  # alerts that the silent hours should have brought


def find(alerts: Sequence[datetime], *, began: datetime, now: datetime) -> Silence | None:
    """The silence until ``now``, if it should be told.

    ``alerts`` are times of a subscription's live alerts, ascending; ``began`` is
    when its query came to be what it is: hours before it are no silence.
    """
    if not alerts:
        return None
    last = alerts[-1]
    learned = [at for at in alerts if at > last - LEARNED]
    span, gap = last - learned[0], now - max(last, began)
    if len(learned) < FEWEST or span < YOUNGEST or gap < SHORTEST:
        return None
    daily = _daily(learned)
    expected = _expected(learned, daily, max(began, last), now)
    per_day = (5 * daily[False] + 2 * daily[True]) / 7
    longest = max(after - before for before, after in pairwise(learned))
    rare_days = LESS_RARE_DAYS if gap >= longest * LONGER else RARE_DAYS
    if per_day < RAREST_PER_DAY or expected < log(per_day * rare_days):
        return None
    return Silence(since=last, hours=gap / _HOUR, usual_per_day=per_day, expected=expected)


def _daily(learned: Sequence[datetime]) -> dict[bool, float]:
    """The median of alerts a day: on weekdays (False), on days of the weekend (True).

    Days are counted back from the last alert, so that the day that is cut off is the oldest.
    """
    last = learned[-1]
    days = min(LEARNED // _DAY, max(1, (last - learned[0]) // _DAY))
    counts = Counter((last - at) // _DAY for at in learned)
    found: dict[bool, list[int]] = {False: [], True: []}
    for back in range(days):
        # The middle of a day that runs from alert to alert says which kind most of it is.
        found[_weekend(last - back * _DAY - _DAY / 2)].append(counts[back])
    either = [*found[False], *found[True]]
    return {kind: median(some or either) for kind, some in found.items()}


def _expected(learned: Sequence[datetime], daily: dict[bool, float], since: datetime, now: datetime) -> float:
    """How many alerts usually come between ``since`` and ``now``."""
    by_hour = Counter(at.hour for at in learned)
    share = [(by_hour[hour] + 1) / (len(learned) + _PRIOR) for hour in range(24)]
    total, at = 0.0, since
    while at < now:
        step = min(now, at.replace(minute=0, second=0, microsecond=0) + _HOUR)
        total += daily[_weekend(at)] * share[at.hour] * ((step - at) / _HOUR)
        at = step
    return total


def _weekend(at: datetime) -> bool:
    return at.weekday() >= 5
