"""``./run subscriptions lint``: what is likely wrong with queries, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from workers.cli import output, session
from workers.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.core.lint import Advice
    from pipeline.flow.lint import Report
    from pipeline.store.engine import Store

#: Characters shown on either side of the place where a query is too long for a line.
_AROUND = 50
_LONGEST = 120


def lint(
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="As a subscription's query.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The query of a subscription.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="The query of each active subscription.")] = False,
    json: Json = False,
) -> None:
    """Say what is likely wrong with a query, by itself, beside the other subscriptions and on the archive.

    The exit code is 2 where a query cannot be read or can never match.
    """
    if sum((query is not None, name is not None, every)) != 1:
        raise UsageError("name one query: `./run subscriptions lint QUERY`, or --name NAME, or --all")
    refused = clean = False
    with session.store() as store:
        for report in _reports(store, query, name):
            refused |= any(one.severity == "error" for one in report.advice)
            clean |= not report.advice
            (_print_json if json else _print)(report)
    if clean and not json and not every:
        output.note("nothing is wrong with the query")
    if refused:
        raise typer.Exit(2)


def after_saving(store: Store, name: str, query: str) -> None:
    """Note what is likely wrong with a query that was saved; a short look that nobody waits for."""
    from pipeline.flow.lint import QUICK
    from pipeline.flow.lint import lint as look

    for line in told(look(store, query, name, effort=QUICK).advice):
        output.note(line)


def told(advice: Iterable[Advice]) -> Iterator[str]:
    """Advice as notes of one line."""
    for one in advice:
        yield f"note: {one.message} (at position {one.start + 1})"


def _reports(store: Store, query: str | None, name: str | None) -> Iterator[Report]:
    from pipeline import flow
    from workers.cli import subscriptions

    if name is not None:
        with store.read() as tx:
            row = subscriptions.find(tx, name)
        yield flow.lint(store, row.query, row.name)
    elif query is not None:
        yield flow.lint(store, query)
    else:
        yield from flow.lint_all(store)


def _print_json(report: Report) -> None:
    for one in report.advice:
        print(
            output.dump(
                {
                    "subscription": report.name,
                    "query": report.text,
                    "code": one.code,
                    "severity": one.severity,
                    "message": one.message,
                    "start": one.start,
                    "end": one.end,
                }
            )
        )


def _print(report: Report) -> None:
    if report.advice and report.name is not None:
        output.say(f"{report.name}:")
    for one in report.advice:
        for line in _pointed(report.text, one):
            print(line)
        output.say(f"{one.severity}: {one.message}")


def _pointed(text: str, one: Advice) -> tuple[str, str]:
    """The query, or what is around the place, and a line of carets under the place."""
    from rich.cells import cell_len

    first, last = 0, len(text)
    if len(text) > _LONGEST:
        first = max(0, one.start - _AROUND)
        last = min(len(text), max(one.end, first + _LONGEST), one.start + 2 * _AROUND)
    before, at, after = (
        "".join(char if char.isprintable() else " " for char in part)
        for part in (text[first : one.start], text[one.start : min(one.end, last)], text[one.end : last])
    )
    lead = "… " if first else ""
    line = f"  {lead}{before}{at}{after}{' …' if last < len(text) else ''}"
    return line, " " * (2 + len(lead) + cell_len(before)) + "^" * max(1, cell_len(at))
