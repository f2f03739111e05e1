"""Where several words stand as a query asks: next to each other, in order, or close together.

A place is the number of its first token and how many tokens it has.  All
functions take the places of each part, ascending, and give those of the whole.
Their time grows with the number of places, whatever the parts are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

Place = tuple[int, int]


def adjacent(numbers: Sequence[Sequence[int]]) -> list[int]:
    """The first tokens of the runs in which every part follows the one before it."""
    rarest = min(range(len(numbers)), key=lambda index: len(numbers[index]))
    starts = [number - rarest for number in numbers[rarest]]
    sets: dict[int, set[int]] = {}  # by the list's identity: equal parts share one
    for index, each in enumerate(numbers):
        if not starts:
            break
        if index != rarest:
            if (there := sets.get(id(each))) is None:
                there = sets[id(each)] = set(each)
            starts = [start for start in starts if start + index in there]
    return starts


def ordered(parts: Sequence[Sequence[Place]], span: int) -> list[Place]:
    """Runs whose parts begin in the order given, the last less than ``span`` tokens after the first.

    Each place of the first part is followed by the next place of each other part,
    which is the shortest run that begins there; of runs with one end the shortest is kept.
    """
    runs = [(first, first, count) for first, count in parts[0]]
    for part in parts[1:]:
        firsts = [first for first, _ in part]
        reached = [(start, bisect_right(firsts, last)) for start, last, _ in runs]
        runs = [(start, *part[at]) for start, at in reached if at < len(part)]
    # Starts ascend, so that the last run with an end is the shortest.
    found = {last: (start, last + count - start) for start, last, count in runs if last - start < span}
    return list(found.values())


def together(parts: Sequence[Sequence[Place]], span: int) -> list[Place]:
    """Runs in which every part begins, the last less than ``span`` tokens after the first.

    None overlaps another.  One sweep over all places, with the latest of each part:
    of runs that end at a place, the one with these is the shortest.
    """
    latest: dict[int, Place] = {}
    found: list[Place] = []
    for first, index, count in sorted(
        (first, index, count) for index, part in enumerate(parts) for first, count in part
    ):
        latest[index] = (first, count)
        if len(latest) == len(parts):
            start = min(latest.values())[0]
            if first - start < span and (not found or start >= sum(found[-1])):
                found.append((start, max(map(sum, latest.values())) - start))
    return found
