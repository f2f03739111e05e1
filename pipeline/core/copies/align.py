"""Two texts side by side: the stretches that they share, and what stands between.

Anchors are shingles that occur once in each text; the longest run of anchors that
come in the same order in both (patience diff, by Bram Cohen) is widened as far as
the words agree.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands at one place in each text, where they differ: from and to, in words."""

    a: tuple[int, int]
    b: tuple[int, int]


def gaps(a: Sequence[str], b: Sequence[str]) -> list[Gap]:
    """The gaps between shared stretches, in order; the first and the last are head and tail, maybe empty."""
    found: list[Gap] = []
    at_a = at_b = 0
    for i, j in _run(_anchors(a, b)):
        if i < at_a or j < at_b:
            continue  # within the stretch before
        start_a, start_b = i, j
        while start_a > at_a and start_b > at_b and a[start_a - 1] == b[start_b - 1]:
            start_a, start_b = start_a - 1, start_b - 1
        if start_a > at_a or start_b > at_b or not found:
            found.append(Gap((at_a, start_a), (at_b, start_b)))
        at_a, at_b = i, j
        while at_a < len(a) and at_b < len(b) and a[at_a] == b[at_b]:
            at_a, at_b = at_a + 1, at_b + 1
    found.append(Gap((at_a, len(a)), (at_b, len(b))))
    return found


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    in_b = _once(b)
    return [(i, in_b[shingle]) for shingle, i in _once(a).items() if shingle in in_b]


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Shingles that occur once, by their place."""
    places: dict[tuple[str, ...], int] = {}
    twice = set()
    for at, shingle in enumerate(zip(*(words[shift:] for shift in range(_WIDTH)), strict=False)):
        if shingle in places:
            twice.add(shingle)
        places[shingle] = at
    return {shingle: at for shingle, at in places.items() if shingle not in twice}


def _run(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that ascends in both; ``pairs`` ascend in the first."""
    ends: list[int] = []  # the smallest second place that a run of each length ends at
    last: list[int] = []  # the pair that ends it
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(j)
            last.append(at)
        else:
            ends[length], last[length] = j, at
    run: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]
