"""``./run subscriptions backtest``: what a query would have rung for, before anybody is rung."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers import rows
from workers.cli import output, session, subscriptions
from workers.cli.output import Json

if TYPE_CHECKING:
    from pipeline.flow.backtest import Backtest, Difference, Sample

#: Columns that the bars of a chart take at most.
_BAR = 40
#: Sources and languages that are listed; JSON has all.
_LISTED = 8


def backtest(
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="Left out: that of --against.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far to look back (30).")] = 30,
    against: Annotated[
        str | None, typer.Option("--against", metavar="NAME", help="A subscription to compare with.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a query would have rung for: alerts a day, by source and language, and ten samples."""
    from pipeline import flow
    from pipeline.core.errors import UsageError

    with session.context("backtest") as context:
        saved = None
        if against is not None:
            with context.store.read() as tx:
                saved = subscriptions.find(tx, against).query
        text = query if query is not None else saved
        if text is None:
            raise UsageError(
                "name a query, as in `./run subscriptions backtest 'invasion'`, or --against NAME"
            )
        with progress_bar() as progress:
            found = flow.backtest(
                context.store,
                text,
                days=days,
                now=session.now(),
                against=None if query is None else saved,
                progress=progress,
            )
    if json:
        output.record(_as_json(found), as_json=True)
    else:
        _show(found, against)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, drawn where a terminal watches and the work takes longer than a second."""
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    bar = Progress(TextColumn("reading"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    task = bar.add_task("")
    begun = monotonic()

    def tell(done: int, total: int) -> None:
        if console.is_terminal and monotonic() - begun > 1 and not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()


def _show(found: Backtest, against: str | None) -> None:
    span = f"in {len(found.days) - 1} days, from {_count(found.articles, 'article')}"
    output.say(f"{_count(found.alerts, 'alert')} {span}")
    if found.backlog:
        output.say(f"{_count(found.backlog, 'story', 'stories')} more of old news, which rings nobody")
    most = max(count for _, count in found.days)
    for day, count in found.days if most else ():
        bar = "█" * -(-count * _BAR // most)
        print(f"{day:%a %d %b}  {count:>6}  {bar}".rstrip())
    _list("by source", found.sources)
    _list("by language", found.languages)
    _samples("samples", found.samples)
    if found.against is not None:
        _difference(found.against, str(against))


def _difference(one: Difference, name: str) -> None:
    output.say(f"{name} would have rung {one.alerts} times: {one.gained} gained, {one.lost} lost")
    _samples("gained", one.gained_samples)
    _samples("lost", one.lost_samples)


def _list(heading: str, counts: Sequence[tuple[str, int]]) -> None:
    if counts:
        more = f", and {len(counts) - _LISTED} more" if len(counts) > _LISTED else ""
        output.say(f"{heading}: " + ", ".join(f"{name} {count}" for name, count in counts[:_LISTED]) + more)


def _samples(heading: str, samples: Sequence[Sample]) -> None:
    if not samples:
        return
    output.say(f"{heading}:")
    for article, matches in samples:
        print(f"  {article.first_seen_at:%Y-%m-%d %H:%M}  {output.printable(article.title)}")
        for line in dict.fromkeys(one.context for one in matches if one.field != "title"):
            words = {one.text for one in matches if one.context == line}
            print(f"      {marked(output.printable(line), words)}")
            break


def marked(line: str, words: set[str]) -> str:
    """``line`` with words highlighted: bold on a terminal, between « » elsewhere."""
    before, after = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("«", "»")
    for word in sorted(map(output.printable, words), key=len, reverse=True):
        line = line.replace(word, f"{before}{word}{after}", 1) if word else line
    return line


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _as_json(found: Backtest) -> dict[str, Any]:
    return {
        "since": rows.moment(found.since),
        "alerts": found.alerts,
        "articles": found.articles,
        "backlog": found.backlog,
        "days": {day.isoformat(): count for day, count in found.days},
        "sources": dict(found.sources),
        "languages": dict(found.languages),
        "samples": list(map(_sample, found.samples)),
        "against": None
        if found.against is None
        else {
            "alerts": found.against.alerts,
            "gained": found.against.gained,
            "lost": found.against.lost,
            "gained_samples": list(map(_sample, found.against.gained_samples)),
            "lost_samples": list(map(_sample, found.against.lost_samples)),
        },
    }


def _sample(sample: Sample) -> dict[str, Any]:
    article, matches = sample
    return {**rows.article(article), "matches": [one.as_json() for one in matches]}
