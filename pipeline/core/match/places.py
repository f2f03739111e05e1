"""Where several words stand as a query asks: next to each other, in order, or close together.

A place is the number of its first token and how many tokens it has.  All
functions take the places of each part, ascending, and give those of the whole,
one by one: who asks whether there is any needs only the first.  The part that
failed last is asked first, so that text and query made to be slow are not: a
place that leads nowhere costs a step or two, however many parts there are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

Place = tuple[int, int]


def adjacent(numbers: Sequence[Sequence[int]]) -> Iterator[int]:
    """The first tokens of the runs in which every part follows the one before it."""
    rarest = min(range(len(numbers)), key=lambda index: len(numbers[index]))
    if not numbers[rarest]:
        return
    sets = {id(each): set(each) for each in numbers}  # equal parts share one list
    others = [(index, sets[id(each)]) for index, each in enumerate(numbers) if index != rarest]
    for number in numbers[rarest]:
        start = number - rarest
        for at, (index, there) in enumerate(others):
            if start + index not in there:
                others.insert(0, others.pop(at))
                break
        else:
            yield start


def ordered(parts: Sequence[Sequence[Place]], span: int) -> Iterator[Place]:
    """Runs whose parts begin in the order given, the last less than ``span`` tokens after the first.

    Each place of the first part is followed by the next place of each other part,
    which is the shortest run that begins there.
    """
    firsts = [[first for first, _ in part] for part in parts]
    failed = len(parts) - 1
    for start, _ in parts[0]:
        if not _any_in(firsts[failed], start, start + span):
            continue
        last = start - 1
        for index, part in enumerate(firsts):
            at = bisect_right(part, last)
            if at == len(part) or part[at] >= start + span:
                failed = index
                break
            last = part[at]
        else:
            yield start, last + parts[-1][at][1] - start


def together(parts: Sequence[Sequence[Place]], span: int) -> Iterator[Place]:
    """Runs in which every part begins, the last less than ``span`` tokens after the first.

    None begins within the one before it.  Every run holds a place of the part
    that has fewest; around each of these the shortest run is looked for.
    """
    firsts = [[first for first, _ in part] for part in parts]
    rarest = min(range(len(parts)), key=lambda index: len(parts[index]))
    others = [index for index in range(len(parts)) if index != rarest]
    done = -1
    for number in firsts[rarest]:
        for at, index in enumerate(others):
            if not _any_in(firsts[index], number - span + 1, number + span):
                others.insert(0, others.pop(at))
                break
        else:
            run = _shortest(parts, firsts, number, span)
            if run is not None and run[0] > done:
                yield run
                done = sum(run) - 1


def _shortest(
    parts: Sequence[Sequence[Place]], firsts: Sequence[Sequence[int]], number: int, span: int
) -> Place | None:
    """The shortest run around a token, by one sweep with the latest place of each part."""
    near: list[tuple[int, int, int]] = []
    for index, part in enumerate(parts):
        low, high = bisect_left(firsts[index], number - span + 1), bisect_left(firsts[index], number + span)
        near += [(first, index, count) for first, count in part[low:high]]
    latest: dict[int, Place] = {}
    best: Place | None = None
    best_width = span
    for first, index, count in sorted(near):
        latest[index] = (first, count)
        if len(latest) == len(parts):
            start = min(latest.values())[0]
            if first - start < best_width and start <= number <= first:
                best_width = first - start
                best = (start, max(map(sum, latest.values())) - start)
    return best


def _any_in(numbers: Sequence[int], low: int, high: int) -> bool:
    at = bisect_left(numbers, low)
    return at < len(numbers) and numbers[at] < high
