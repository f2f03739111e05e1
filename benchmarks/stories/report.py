"""The figures of copies as a dictionary, and as lines to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any

from benchmarks.stories import corpus, measure
from benchmarks.stories.corpus import Item
from benchmarks.stories.judged import digest, verdicts
from benchmarks.stories.measure import Tally

WINDOW = timedelta(hours=72)
#: From so many words on a text can be known at all.
_TOLD = 15


def measured(*, each: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Merges of every collection and what was said of them; copies that people labelled, or made; traps."""
    sets = collections()
    figures: dict[str, Any] = {"merges": {}, "made": {}}
    for name, items in sets.items():
        say(f"{name}: {len(items)} texts, every two of them")
        figures["merges"][name] = judged(items)
    for name in ("stream", "ag_news", "bbc", "semeval"):
        say(f"{name}: {each} copies and traps of each kind")
        copies, traps = measure.forged(long_enough(sets[name]), each=each)
        figures["made"][name] = {"copies": _tallies(copies), "traps": _tallies(traps)}
    figures["labelled"] = labelled(corpus.live()[1], sets["scoop"], sets["bbc"])
    figures["total"] = total(figures)
    return figures


def collections() -> dict[str, list[Item]]:
    """Every collection of real texts."""
    return {
        "stream": corpus.stream(),
        "ag_news": corpus.ag_news(),
        "bbc": corpus.bbc(),
        "semeval": corpus.semeval(),
        "live": corpus.live()[0],
        "scoop": corpus.scoop(),
    }


def long_enough(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if len(item.print.main.forms) >= _TOLD]


def judged(items: Sequence[Item]) -> dict[str, Any]:
    """The merges among all pairs of ``items``: equal texts are one by themselves, the others were read."""
    said = verdicts()
    found = [(items[one.a], items[one.b], one.similarity) for one in measure.merges(items)]
    near = [(a, b, alike) for a, b, alike in found if not _equal(a, b)]
    return {
        "texts": len(items),
        "pairs": len(items) * (len(items) - 1) // 2,
        "equal": len(found) - len(near),
        "within_window": sum(corpus.near_in_time(a, b, WINDOW) for a, b, _ in near),
        "near": [
            {
                "similarity": round(alike, 3),
                "verdict": said.get(name := digest(a.print, b.print), "unread"),
                "digest": name,
                "a": _line(a),
                "b": _line(b),
            }
            for a, b, alike in sorted(near, key=lambda one: -one[2])
        ],
    }


def labelled(pairs: Sequence[corpus.Pair], scoop: Sequence[Item], bbc: Sequence[Item]) -> dict[str, Any]:
    """How many of the copies that people labelled are found, and of how many; likewise other pairs."""
    near = [pair for pair in pairs if pair.label == "near-duplicate"]
    others = [pair for pair in pairs if pair.label != "near-duplicate"]
    return {
        "live, near-duplicates": [_found(near), len(near)],
        "live, other pairs": [_found(others), len(others)],
        "scoop, same story": _within(scoop),
        "bbc, exact copies": _within(bbc),
    }


def total(figures: dict[str, Any]) -> dict[str, float]:
    """Recall over all copies made; precision over them, all traps, and all merges that were read."""
    kinds = [
        (kind, tally) for made in figures["made"].values() for kind in made for tally in made[kind].values()
    ]
    tried = sum(tally["tried"] for kind, tally in kinds if kind == "copies")
    right = sum(tally["found"] for kind, tally in kinds if kind == "copies")
    wrong = sum(tally["found"] for kind, tally in kinds if kind == "traps")
    read = [one["verdict"] for merges in figures["merges"].values() for one in merges["near"]]
    right_of_read = read.count("same")
    return {
        "copies": tried,
        "recall": right / tried,
        "traps": sum(tally["tried"] for kind, tally in kinds if kind == "traps"),
        "precision": (right + right_of_read) / (right + wrong + len(read)),
    }


def show(figures: dict[str, Any]) -> None:
    """Print every merge, and then the figures."""
    for name, merges in figures["merges"].items():
        for one in merges["near"]:
            print(f"{name}  {one['similarity']:.3f}  {one['verdict']}  {one['digest']}")
            print(f"  {one['a']}\n  {one['b']}")
    for name, merges in figures["merges"].items():
        verdicts_ = [one["verdict"] for one in merges["near"]]
        counts = ", ".join(
            f"{verdicts_.count(verdict)} {verdict}" for verdict in ("same", "different", "unread")
        )
        equal = f"{merges['equal']} merges of equal texts"
        print(f"{name}: {merges['texts']} texts, {equal}, {len(verdicts_)} of others: {counts}")
    for name, (found, tried) in figures["labelled"].items():
        print(f"{name}: {found} of {tried} found")
    for name, made in figures["made"].items():
        for kind, tallies in made.items():
            told = ", ".join(f"{way} {tally['found']}/{tally['tried']}" for way, tally in tallies.items())
            print(f"{name}, {kind} made and taken for copies: {told}")
    sum_ = figures["total"]
    print(f"recall {sum_['recall']:.4f} of {sum_['copies']} copies made")
    print(
        f"precision {sum_['precision']:.4f} over these, {sum_['traps']} traps and all merges that were read"
    )


def _within(items: Sequence[Item]) -> list[int]:
    """Pairs of one label: how many are found by their text or their address, and how many there are."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.label:
            groups[item.label].append(item)
    pairs = [pair for group in groups.values() for pair in combinations(group, 2)]
    found = sum((a.url and a.url == b.url) or measure.is_copy(a.print, b.print) for a, b in pairs)
    return [found, len(pairs)]


def _found(pairs: Sequence[corpus.Pair]) -> int:
    return sum(measure.is_copy(pair.a.print, pair.b.print) for pair in pairs)


def _equal(a: Item, b: Item) -> bool:
    return a.print.main.forms == b.print.main.forms and a.print.head.forms == b.print.head.forms


def _tallies(tallies: dict[str, Tally]) -> dict[str, dict[str, int]]:
    return {name: {"tried": tally.tried, "found": tally.found} for name, tally in tallies.items()}


def _line(item: Item) -> str:
    text = item.print.body if item.print.whole else item.print.summary
    return " ".join(f"{item.print.title} | {text}".split())[:300]
