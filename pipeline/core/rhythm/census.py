"""The stretch that makes all feeds together cost what their mean interval allows.

Feeds are counted in buckets by their rate and by what their publishers ask for,
so that a hundred thousand feeds need no more room than a few hundred counts,
and any number of processes can go on with a census where another left it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import log2, sqrt

from pipeline.core.model import Rhythm
from pipeline.core.rhythm.interval import RAREST, Limits, Pacing, interval

#: A bucket's rate and the seconds that the publishers of its feeds ask for.
Bucket = tuple[int, int]

_PER_OCTAVE = 8  # buckets of rates between one and twice it: the interval is right to 2 %
_ASKED_STEP_S = 15
_HALVINGS = 40


def bucket(rate: float, asked_s: int) -> Bucket:
    """The bucket of a feed with ``rate`` items an hour."""
    return round(_PER_OCTAVE * log2(max(rate, RAREST))), -(-asked_s // _ASKED_STEP_S)


def solve(counted: Mapping[Bucket, int], limits: Limits) -> float | None:
    """The stretch at which the counted feeds cost one poll each ``limits.every_s``; None without feeds.

    The cost falls with the stretch, so it is found by halving.  Where the
    limits allow no such cost, the nearest that they do.
    """
    feeds = sum(counted.values())
    if not feeds:
        return None
    budget = feeds / limits.every_s
    least_s, most_s = limits.bounds
    rates = [_rate(one) for one in counted]
    low, high = least_s * sqrt(min(rates)), most_s * sqrt(max(rates))
    for _ in range(_HALVINGS):
        middle = sqrt(low * high)
        if _cost(counted, Pacing(limits=limits, stretch_s=middle)) > budget:
            low = middle
        else:
            high = middle
    return high


def _cost(counted: Mapping[Bucket, int], pacing: Pacing) -> float:
    """Polls a second of all counted feeds."""
    blank = Rhythm()
    return sum(
        count / interval(replace(blank, rate=_rate(one), asked_s=one[1] * _ASKED_STEP_S), pacing)[0]
        for one, count in counted.items()
    )


def _rate(one: Bucket) -> float:
    return float(2.0 ** (one[0] / _PER_OCTAVE))
