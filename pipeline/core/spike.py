"""Spikes: an hour in which a subscription rings far more often than it usually does.

The usual rate is the mean of the hours of a week, without those that were
spikes themselves; and since news has its times of the day, that of the same
time on the days before where it is higher.  A subscription that rings rarely
has no spike before it has rung a few times, and one that is young has none.
"""

from __future__ import annotations

from collections.abc import Sequence

#: A week, in hours.
HOURS = 168
#: So many times the usual rate is a spike,
FACTOR = 3.0
#: if there were so many alerts in the hour;
LEAST = 5
#: and it is over when the hour has at most so many times the usual rate, or half of LEAST.
CALM = 1.5
#: Without so many hours to compare with, nothing is usual yet.
FEWEST_HOURS = 24

_DAY = 24


def usual(counts: Sequence[int]) -> float | None:
    """The usual alerts an hour; None where there are too few hours to tell.

    ``counts`` are those of the hours before the last one, the newest first; at
    most ``HOURS`` of them are looked at.
    """
    week = list(counts[:HOURS])
    if len(week) < FEWEST_HOURS:
        return None
    # The hour that is judged has the number -1 here: a day before it is 23.
    same = [
        week[day + shift]
        for day in range(_DAY - 1, len(week), _DAY)
        for shift in (-1, 0, 1)
        if day + shift < len(week)
    ]
    return max(_mean(week), _mean(same))


def spikes(count: int, rate: float, *, already: bool) -> bool:
    """Whether an hour of ``count`` alerts is (or, with ``already``, still is) a spike over the usual rate."""
    if already:
        return count > max(CALM * rate, LEAST / 2)
    return count >= max(FACTOR * rate, LEAST)


def _mean(counts: Sequence[int]) -> float:
    """The mean without hours that are spikes over it, however many there are."""
    kept = sorted(counts)
    total = sum(kept)
    while len(kept) > 1 and kept[-1] >= max(FACTOR * (total - kept[-1]) / (len(kept) - 1), LEAST):
        total -= kept.pop()
    return total / len(kept)
