"""``./run feeds list | show``."""

from __future__ import annotations

from typing import Annotated

import typer

from workers import rows
from workers.cli import output, session
from workers.cli.feeds.options import Ref, app, find
from workers.cli.output import Column, Json, Limit

COLUMNS = (
    Column("id", "id", "right"),
    Column("feed", "title", wide=True),
    Column("state", "state"),
    Column("every", "interval_s", "right"),
    Column("polled (UTC)", "last_polled_at", moment=True),
    Column("failed", "failures", "right"),
    Column("articles", "articles", "right"),
    Column("last error", "last_error", wide=True, spare=True),
    Column("why so often", "rhythm", wide=True, spare=True),
    Column("url", "url", wide=True, spare=True),
)


@app.command("list")
def list_(
    failing: Annotated[
        bool, typer.Option("--failing", help="Only feeds whose last poll failed, or that are gone.")
    ] = False,
    silent: Annotated[
        bool, typer.Option("--silent", help="Only feeds that look fine and bring nothing.")
    ] = False,
    json: Json = False,
    limit: Limit = None,
) -> None:
    """List the feeds."""
    from pipeline.store import feeds

    with session.store() as store, store.read() as tx:
        found = map(rows.feed, feeds.rows(tx, failing=failing, silent=silent, limit=limit))
        output.rows(
            found if json else ({**row, "title": row["title"] or row["url"]} for row in found),
            COLUMNS,
            as_json=json,
            empty="no such feeds"
            if failing or silent
            else "no feeds yet; add one with `./run feeds add URL`",
        )


@app.command("show")
def show(feed: Ref, json: Json = False) -> None:
    """Show one feed, and what you should know of it."""
    from pipeline.store import hubs, warnings

    with session.store() as store, store.read() as tx:
        row = find(tx, feed)
        warned = warnings.of(tx, [row.id]).get(row.id, [])
        told: object = "\n".join(f"{one.word}: {one.text}" for one in warned)
        if json:
            told = [rows.warning(one) for one in warned]
        hub = hubs.of(tx, row.id)
        pushed = None if hub is None else rows.hub(hub) if json else rows.pushed_by(hub)
        output.record({**rows.feed(row), "hub": pushed, "warnings": told}, as_json=json)
