"""``./run alerts``: what rang, and what would have rung but for its age."""

from __future__ import annotations

import getpass
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import UsageError
from workers import rows
from workers.cli import channels as channel_commands
from workers.cli import output, session, subscriptions
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.store.alerts import AlertRow

app = typer.Typer(
    help="Alerts: one for each subscription and story.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = (
    Column("id", "id", "right"),
    Column("when (UTC)", "created_at", moment=True),
    Column("subscription", "subscription"),
    Column("state", "state"),
    Column("waits", "waits", spare=True),
    Column("relevant", "relevant", spare=True),
    Column("words", "words", wide=True, spare=True),
    Column("title", "title", wide=True),
)

Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1)]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does it; by default who is logged in here.")
]


@app.command("list")
def list_(
    subscription: Annotated[str | None, typer.Option("--subscription", metavar="NAME")] = None,
    backlog: Annotated[
        bool, typer.Option("--backlog", help="Those of old news, which are not delivered.")
    ] = False,
    held: Annotated[bool, typer.Option("--held", help="Those that wait for their time.")] = False,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Those that are new, or acknowledged.")
    ] = None,
    not_relevant: Annotated[
        bool, typer.Option("--not-relevant", help="Those that are marked not relevant.")
    ] = False,
    json: Json = False,
    limit: Limit = None,
) -> None:
    """List the alerts, newest first."""
    from pipeline.store import alerts

    if state not in {None, "new", "acknowledged"}:
        raise UsageError(f"an alert is new or acknowledged, not {state}")
    with session.store() as store, store.read() as tx:
        only = None if subscription is None else subscriptions.find(tx, subscription).id
        found = output.paged(
            lambda before, size: alerts.rows(
                tx,
                subscription_id=only,
                backlog=backlog,
                state=state,
                disposition="held" if held else None,
                relevant=False if not_relevant else None,
                before_id=before,
                limit=size,
            ),
            limit or (None if json else output.TABLE_ROWS),
        )
        output.rows(
            map(rows.alert if json else _shown, found),
            COLUMNS,
            as_json=json,
            empty=_empty(held=held, state=state, not_relevant=not_relevant),
        )


@app.command("show")
def show(id_: Id, json: Json = False) -> None:
    """Show one alert: the words that matched, what has changed since, and what was done to it."""
    from pipeline.store import alerts, updates
    from pipeline.store.alerts.actions import actions_of

    with session.store() as store, store.read() as tx:
        row = rows.alert(alerts.show(tx, id_))
        row["updates"] = [rows.update(one) for one in updates.rows(tx, id_)]
        row["actions"] = [rows.action(one) for one in actions_of(tx, id_)]
    if not json:
        row["updates"] = "\n".join(
            f"{one['created_at']} {one['change']['summary']}" for one in row["updates"]
        )
        row["matches"] = "\n".join(f"{one['field']}: {one['context']}" for one in row["matches"])
        row["actions"] = "\n".join(
            f"{one['at']} {one['actor']}: {one['action']} {one['detail']}" for one in row["actions"]
        )
    output.record(row, as_json=json)


@app.command("ack")
def ack(id_: Id, by: By = None) -> None:
    """Acknowledge an alert; whoever comes second is told who has it."""
    from pipeline.store import alerts

    who = actor(by)
    with session.store() as store:
        store.write(lambda tx: alerts.ack(tx, id_, by=who, now=session.now()))
    output.say(f"alert {id_} acknowledged by {who}")


@app.command("assign")
def assign(
    id_: Id,
    to: Annotated[str | None, typer.Argument(metavar="NAME", help="Whose it is to be.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody's any more.")] = False,
    by: By = None,
) -> None:
    """Say whose an alert is."""
    from pipeline.store import alerts

    if (to is None) == (not nobody):
        raise UsageError("say whose it is to be, as in `./run alerts assign 7 anna`, or --nobody")
    name = "" if to is None else channel_commands.check_name(to)
    who = actor(by)
    with session.store() as store:
        store.write(lambda tx: alerts.assign(tx, id_, to=name, by=who, now=session.now()))
    output.say(f"alert {id_} is {name}'s" if name else f"alert {id_} is nobody's")


@app.command("snooze")
def snooze(
    id_: Id,
    for_: Annotated[str, typer.Argument(metavar="TIME", help="How long, such as 30m, 2h or 1d.")],
    by: By = None,
) -> None:
    """Put an alert off: it comes back as new, and its channels are reminded."""
    from pipeline.core.policy import span
    from pipeline.store import alerts

    until = session.now() + timedelta(seconds=span(for_))
    who = actor(by)
    with session.store() as store:
        store.write(lambda tx: alerts.snooze(tx, id_, until=until, by=who, now=session.now()))
    output.say(f"alert {id_} comes back at {until:%Y-%m-%d %H:%M} UTC")


@app.command("mark")
def mark(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", min=1, max=2**63 - 1)],
    not_relevant: Annotated[bool, typer.Option("--not-relevant", help="They should not have rung.")] = False,
    relevant: Annotated[bool, typer.Option("--relevant", help="They are what was asked for.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Take the mark back.")] = False,
    by: By = None,
) -> None:
    """Say whether alerts are relevant; `./run subscriptions tune NAME` learns from it."""
    from pipeline.store import alerts

    if not_relevant + relevant + clear != 1:
        raise UsageError("say one of --not-relevant, --relevant and --clear")
    said = None if clear else relevant
    who = actor(by)
    with session.store() as store:
        store.write(lambda tx: alerts.mark(tx, ids, said, by=who, now=session.now()))
    count = len(set(ids))
    what = "no longer marked" if clear else "marked relevant" if relevant else "marked not relevant"
    output.say(f"{count} {'alert is' if count == 1 else 'alerts are'} {what}")


def _empty(*, held: bool, state: str | None, not_relevant: bool) -> str:
    if not_relevant:
        return "no alert is marked not relevant"
    if held:
        return "no alert is held"
    return f"no alert is {state}" if state else "no alerts yet"


def actor(by: str | None) -> str:
    """Who does something: as said, or whoever runs the command."""
    if by is not None:
        return channel_commands.check_name(by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return f"user {os.getuid()}"


def _shown(row: AlertRow) -> dict[str, Any]:
    """An alert as a table shows it: with the words that matched, and what it waits for."""
    words = sorted({str(one["text"]) for one in row.matches})
    return {**rows.alert(row), "words": words, "waits": _waits(row)}


def _waits(row: AlertRow) -> str:
    if row.snoozed_until is not None:
        return f"snoozed until {row.snoozed_until:%H:%M}"
    if row.disposition != "held":
        return f"digest {row.digest_id}" if row.digest_id else ""
    return row.held_because + (f" until {row.held_until:%-d %b %H:%M}" if row.held_until else "")
