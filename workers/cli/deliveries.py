"""``./run deliveries``: alerts on their way to channels."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from workers import rows
from workers.cli import channels, output, session
from workers.cli.moments import moment
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.store.engine import Tx

app = typer.Typer(
    help="Deliveries: alerts on their way to channels.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = (
    Column("id", "id", "right"),
    Column("alert", "alert_id", "right"),
    Column("channel", "channel"),
    Column("state", "state"),
    Column("attempts", "attempts", "right"),
    Column("next (UTC)", "next_attempt_at", moment=True),
    Column("delivered (UTC)", "delivered_at", moment=True),
    Column("last error", "last_error", wide=True),
)


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option("--state")] = None, json: Json = False, limit: Limit = None
) -> None:
    """List the deliveries, newest first."""
    from pipeline.store import deliveries

    with session.store() as store, store.read() as tx:
        found = output.paged(
            lambda before, size: deliveries.rows(tx, state=state, before_id=before, limit=size),
            limit or (None if json else output.TABLE_ROWS),
        )
        output.rows(map(rows.delivery, found), COLUMNS, as_json=json, empty="no deliveries")


@app.command("retry")
def retry(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", min=1, max=2**63 - 1)] = None,
    state: Annotated[
        State | None, typer.Option("--state", help="All in this state: dead, or pending.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="NAME", help="All to this channel.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="All made since then: 2026-11-27T08:30, 36h."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="All made until then."),
    ] = None,
) -> None:
    """Try deliveries again now, dead ones unless told; what arrived is not sent again."""
    from pipeline.store import deliveries

    if not ids and state is channel is since is until is None:
        raise UsageError(
            "say which: `./run deliveries retry ID…`, `--state dead`, `--channel NAME` or `--since TIME`"
        )
    if state is State.DELIVERED:
        raise UsageError("what arrived is not sent again; --state takes dead or pending")
    now = session.now()
    begin, end = (None if one is None else moment(one, now=now) for one in (since, until))
    with session.store() as store:

        def work(tx: Tx) -> int:
            only = None if channel is None else channels.find(tx, channel).id
            states = [state] if state is not None else [State.DEAD, State.PENDING] if ids else [State.DEAD]
            return sum(
                deliveries.retry(
                    tx, ids=ids or None, state=one, channel_id=only, since=begin, until=end, now=now
                )
                for one in states
            )

        count = store.write(work)
    if ids and not count:
        raise UsageError("none of these is dead or waits; `./run deliveries list` shows them")
    output.say(f"{count} deliver{'y' if count == 1 else 'ies'} due now")
