"""What the demo says in the terminal; readable without colour, and in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from config.settings import Settings
from workers.demo.clock import DAY_S
from workers.demo.edition import SUBSCRIPTIONS, Item
from workers.demo.ledger import Key, Ledger, Ring

_INDENT = " " * 13
_CONTEXTS = 2  # lines of context shown for an alert


class View:
    """Prints the news day as it passes.  Texts come from outside: never read as markup."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    def opening(self, speed: float) -> None:
        self.line(f"A news day in {DAY_S / speed:.0f} s, through Tocsin's real processes; no internet.")
        for name, query in SUBSCRIPTIONS.items():
            self.line(f"  subscription       {name}: {query}")

    def line(self, text: str = "", style: str = "") -> None:
        """One plain line."""
        self._console.print(Text(text, style=style))

    def addresses(self, site_url: str, settings: Settings, password: str) -> None:
        """Where to look while the day passes."""
        self.line(f"  alerts, articles   http://{settings.host}:{settings.port}/", "bold")
        self.line(f"  queues             http://{settings.host}:{settings.port}/queues")
        self.line(f"  password           {password}   (of this demo only)")
        self.line(f"  the outlets        {site_url}/")
        self.line()

    def published(self, time: str, item: Item) -> None:
        """An outlet has put something up."""
        what = "corrects: " if item.corrected else ""
        self.line(f"{time}        {item.outlet.name}: {what}{item.text.title}", "dim")

    def rang(self, time: str, ring: Ring) -> None:
        """An alert has arrived."""
        delay = "" if ring.delay_s is None else f", {ring.delay_s:.1f} s after it was published"
        head = Text(f"{time}  ")
        head.append("RING", style="bold white on red")
        head.append(f"  {ring.key.subscription}", style="bold")
        head.append(f" (from the {ring.where}{delay}): {ring.title}")
        self._console.print(head)
        for match in _first_of_each_field(ring.matches):
            self._console.print(_context(match))

    def closing(self, ledger: Ledger, facts: Mapping[str, str], faults: Sequence[str]) -> None:
        """The end of the day: what came, what rightly did not, and what is wrong."""
        self.line()
        for name, value in facts.items():
            self.line(f"  {name:<20} {value}")
        self.line("  rightly silent")
        for item in ledger.silent:
            self.line(f"    {item.text.title}", "dim")
            self.line(f"      {item.outlet.name}: {item.silent}")
        self.line()
        for fault in faults:
            self.line(f"NOT GOOD: {fault}", "bold red")
        if not faults:
            self.line("Every alert came exactly once, and none that should not.", "bold green")


def name(key: Key) -> str:
    """An alert in words."""
    return f"{key.subscription} for {key.story}"


def _first_of_each_field(matches: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    first: dict[str, Mapping[str, Any]] = {}
    for match in matches:
        first.setdefault(match["field"], match)
    return list(first.values())[:_CONTEXTS]


def _context(match: Mapping[str, Any]) -> Text:
    """The line around a match, with the words that matched between asterisks and in colour."""
    line, words = str(match["context"]), str(match["text"])
    text = Text(_INDENT)
    end = 0
    for found in re.finditer(re.escape(words), line):
        text.append(line[end : found.start()])
        text.append(f"*{words}*", style="bold yellow")
        end = found.end()
    text.append(line[end:])
    return text
