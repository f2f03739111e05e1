"""What is found among all candidates, as the database would find them, and what it should have been."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from benchmarks.stories import forge
from benchmarks.stories.corpus import Item
from pipeline.core.copies import ENOUGH, Print, similarity, sketch

SEED = 2026


@dataclass(frozen=True, slots=True)
class Merge:
    """Two items that are taken for one text."""

    a: int
    b: int
    similarity: float


@dataclass(slots=True)
class Tally:
    """How often copies were found, and what was missed or taken wrongly."""

    tried: int = 0
    found: int = 0
    missed: list[tuple[Print, Print]] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.found / self.tried if self.tried else 0.0


def candidates(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Pairs that share enough keys, each once, whenever they were published."""
    holders: dict[int, list[int]] = defaultdict(list)
    sketches = [sketch(item.print) for item in items]
    for at, keys in enumerate(sketches):
        for key in keys:
            holders[key].append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for held in holders.values():
        shared.update(combinations(held, 2))
    for (a, b), count in sorted(shared.items()):
        if count >= ENOUGH:
            yield a, b


def merges(items: Sequence[Item]) -> list[Merge]:
    """Every two items that are taken for one text."""
    return [
        Merge(a, b, found)
        for a, b in candidates(items)
        if (found := similarity(items[a].print, items[b].print)) is not None
    ]


def is_copy(one: Print, other: Print) -> bool:
    """Whether the database would bring the two together, and they are taken for one text."""
    return len({*sketch(one)} & {*sketch(other)}) >= ENOUGH and similarity(one, other) is not None


def forged(
    items: Sequence[Item], *, each: int, seed: int = SEED
) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """Copies and traps made of ``each`` items each way; ``found`` counts those that are taken for copies."""
    return tuple(  # type: ignore[return-value]
        {name: _forge(items, name, forger, each, seed) for name, forger in forgers.items()}
        for forgers in (forge.copies(), forge.traps())
    )


def _forge(items: Sequence[Item], name: str, forger: forge.Forger, each: int, seed: int) -> Tally:
    chance = random.Random(f"{seed} {name}")
    tally = Tally()
    for item in chance.sample(list(items), len(items)):
        if tally.tried == each:
            break
        made = forger(chance, item.print)
        if made is None or not sketch(item.print):
            continue
        tally.tried += 1
        if is_copy(item.print, made):
            tally.found += 1
        else:
            tally.missed.append((item.print, made))
    return tally
