"""The figures as a table, with what each is to the yardstick."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.rounds import Result


def show(results: Sequence[Result], *, notes: Sequence[str]) -> None:
    """Print a row for each round of each client; ``x reader`` says how many times less CPU than it."""
    yardstick = {result.round: result for result in results if "search" in result.cpu_s}
    table = Table("round", "client", "polls", "CPU ms a feed", "x reader", "feeds/s", "CPU s by process")
    for column in table.columns[2:6]:
        column.justify = "right"
    for result in sorted(results, key=lambda result: list(_ROUNDS).index(result.round)):
        parts = "  ".join(f"{kind} {spent:.2f}" for kind, spent in result.cpu_s.items())
        table.add_row(
            result.round,
            result.client,
            str(result.polls),
            f"{result.cpu_ms:.2f}",
            _times(result, yardstick.get(result.round)),
            f"{result.feeds_per_s:.0f}",
            parts,
        )
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    for note in notes:
        console.print(note, highlight=False)


def _times(result: Result, against: Result | None) -> str:
    """How many times less CPU than the yardstick, and than it without its search index."""
    if against is None or result is against or not result.cpu_ms:
        return ""
    without = 1000 * against.cpu_s["update"] / against.polls
    return f"{against.cpu_ms / result.cpu_ms:.1f} ({without / result.cpu_ms:.1f})"


_ROUNDS = ("all new", "304", "5 new of 30")
