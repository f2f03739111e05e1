"""``./run replay``: what today's queries and code would make of what is kept, and what that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import UsageError
from workers import rows
from workers.cli import output, session, subscriptions
from workers.cli.backtest import progress_bar
from workers.cli.moments import moment
from workers.cli.output import Json

if TYPE_CHECKING:
    from pipeline.flow.replay import Difference, Report

#: Differences of each kind that people are shown; JSON has all.
SHOWN = 10

Since = Annotated[str, typer.Option("--since", metavar="TIME", help="As in 2026-11-27T08:30 (UTC), or 36h.")]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before it; now unless given.")]
Feed = Annotated[int | None, typer.Option("--feed", metavar="ID", min=1, max=2**63 - 1)]
Name = Annotated[str | None, typer.Option("--subscription", metavar="NAME", help="For this one alone.")]
ToReport = Annotated[
    bool, typer.Option("--report", help="Only tell what would be otherwise (the usual way).")
]
ToBacklog = Annotated[
    bool, typer.Option("--backlog", help="Store gained alerts as backlog; nothing is sent.")
]


def replay(
    since: Since,
    until: Until = None,
    feed: Feed = None,
    subscription: Name = None,
    report: ToReport = False,
    backlog: ToBacklog = False,
    json: Json = False,
) -> None:
    """Parse, match and decide once more on what is kept, and tell what would be otherwise; nothing rings."""
    from pipeline import flow
    from pipeline.flow.replay import Span

    if report and backlog:
        raise UsageError("say one of --report and --backlog")
    now = session.now()
    end = now if until is None else moment(until, now=now)
    span = Span(since=moment(since, now=now), until=end, feed_id=feed)
    if span.since >= span.until:
        raise UsageError("--since must be before --until")
    shown = _Shown(as_json=json)
    with session.context("replay") as context:
        only = None
        if subscription is not None:
            with context.store.read() as tx:
                only = subscriptions.find(tx, subscription)
        with progress_bar() as progress:
            found = flow.replay(
                context.ground, span, only=only, backlog=backlog, tell=shown.take, progress=progress
            )
    if json:
        output.record({"kind": "report", **_as_json(found)}, as_json=True)
    else:
        shown.show()
        _sum(found, backlog=backlog)


class _Shown:
    """Differences as they come: each a JSON line, or the first of each kind for people."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._kept: dict[str, list[Difference]] = {}

    def take(self, one: Difference) -> None:
        if self._as_json:
            output.record(one.as_json(), as_json=True)
            return
        kept = self._kept.setdefault(one.kind, [])
        if len(kept) < SHOWN:
            kept.append(one)

    def show(self) -> None:
        for kind, kept in self._kept.items():
            for one in kept:
                about = {
                    "gained": f"{one.subscription}, by {', '.join(one.words)}: ",
                    "lost": f"{one.subscription}, alert {one.alert_id}: ",
                    "changed": f"in {', '.join(one.fields)}: ",
                    "missing": f"{one.cause}: " if one.cause else "",
                }.get(kind, "")
                output.say(f"{kind:<8}{about}{one.title}  {one.url}")


def _sum(found: Report, *, backlog: bool) -> None:
    counts = found.counts
    output.say(
        f"{found.items} raw items and {found.texts} stored texts: articles {counts['new']} new,"
        f" {counts['changed']} changed, {counts['missing']} missing; alerts {counts['gained']} gained,"
        f" {counts['lost']} lost"
    )
    for name, by in (("changed in", found.fields), ("gained by", found.gained), ("lost by", found.lost)):
        if by:
            output.say(f"{name}: " + ", ".join(f"{key} {count}" for key, count in by.items()))
    if found.broken or found.slow:
        output.say(f"{found.broken} raw items cannot be parsed, {found.slow} texts took too long to match")
    if backlog:
        output.say(f"{found.stored} alerts are stored as backlog")
        if found.unstored:
            output.say(f"{found.unstored} are not: what would ring for them is no stored text")
    output.say(f"from {rows.moment(found.span.since)} until {rows.moment(found.span.until)}")
    output.say(f"digest {found.digest}")


def _as_json(found: Report) -> dict[str, Any]:
    return {
        "since": rows.moment(found.span.since),
        "until": rows.moment(found.span.until),
        "items": found.items,
        "texts": found.texts,
        "broken": found.broken,
        "slow": found.slow,
        "counts": found.counts,
        "fields": found.fields,
        "gained": found.gained,
        "lost": found.lost,
        "stored": found.stored,
        "unstored": found.unstored,
        "digest": found.digest,
    }
