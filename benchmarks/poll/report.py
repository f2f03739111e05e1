"""All figures of the poll bench, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.poll import cost, delay, unchanged
from benchmarks.poll.delay import Stream, Waited
from pipeline.core.rhythm import Limits

PARTS = ("delay", "cost", "unchanged")
CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "articles"
_STREAM = "rss_stream_2021-22.jsonl"
_LEARN_S = 2 * delay.DAY_S
_COUNT_S = 4 * delay.DAY_S
_BUSIEST = 2


def measured(
    databases: Sequence[str],
    *,
    parts: Sequence[str],
    rows: Sequence[int],
    per_second: float,
    seconds: float,
    hosts: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """The figures of ``parts``, by part."""
    found: dict[str, Any] = {}
    if "delay" in parts and (CORPUS / _STREAM).exists():
        say("six days of a real stream, in virtual time")
        found["delay"] = _delays(delay.read(CORPUS / _STREAM))
    elif "delay" in parts:
        say(f"no {CORPUS / _STREAM}: delays are left out")
    for database in databases:
        if "cost" in parts:
            say(f"{database}: what the database takes for a poll")
            found.setdefault("cost", []).extend(cost.measure(database, rows))
        if "unchanged" in parts:
            say(f"{database}: {per_second:g} polls a second for {seconds:g} s")
            taken = unchanged.measure(database, per_second=per_second, seconds=seconds, hosts=hosts)
            found.setdefault("unchanged", []).append(taken)
    return found


def show(found: dict[str, Any]) -> None:
    """The figures for people."""
    for row in found.get("delay", ()):
        print(
            f"{row['way']:<42} {row['polls']:>8} polls  {row['items']:>4} items  mean {row['mean_s']:>6.1f} s"
            f"  p50 {row['p50_s']:>4.0f} s  p95 {row['p95_s']:>4.0f} s  {row['of_fixed']:.2f} of fixed"
        )
    for row in found.get("cost", ()):
        print(
            f"{row['database']:<12} {row['feeds']:>7} feeds  claim and commit of an unchanged poll"
            f" {row['ms']:.3f} ms, CPU {row['cpu_ms']:.3f} ms"
        )
    for row in found.get("unchanged", ()):
        parts = "  ".join(f"{kind} {spent:.3f}" for kind, spent in row["cpu_ms_by_process"].items())
        print(
            f"{row['database']:<12} {row['feeds']:>7} feeds on {row['hosts']} hosts: {row['kept_per_s']} of"
            f" {row['wanted_per_s']:g} polls/s, late {row['late_s']} s, CPU {row['cpu_ms']:.3f} ms a poll"
            f" ({parts}), scheduler {row['scheduler_mb']:.0f} MB, {row['outcomes']}"
        )


def _delays(stream: Stream) -> list[dict[str, Any]]:
    spans = {"learn_s": _LEARN_S, "count_s": _COUNT_S}
    ways = delay.compare(stream, Limits(), **spans)
    fixed_s = ways["fixed"].mean_s
    listed = [_row(way, waited, fixed_s) for way, waited in ways.items()]
    busiest = sorted(stream, key=lambda name: len(stream[name]))[-_BUSIEST:]
    others = stream.keys() - busiest
    for way, urgent in (("rhythm: all but the two busiest", ()), ("the same, urgent", others)):
        waited = delay.simulate(stream, delay.ByRhythm(Limits()), **spans, urgent=urgent, only=others)
        listed.append(_row(way, waited, fixed_s))
    return listed


def _row(way: str, waited: Waited, fixed_s: float) -> dict[str, Any]:
    return {
        "way": way,
        "polls": waited.polls,
        "items": len(waited.waits),
        "mean_s": round(waited.mean_s, 1),
        "p50_s": round(waited.percentile(50), 1),
        "p95_s": round(waited.percentile(95), 1),
        "of_fixed": round(waited.mean_s / fixed_s, 3),
    }
