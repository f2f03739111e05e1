"""``./run alerts``: what rang, and what would have rung but for its age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import UsageError
from workers import rows
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
    Column("relevant", "relevant", spare=True),
    Column("words", "words", wide=True, spare=True),
    Column("title", "title", wide=True),
)

Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1)]


@app.command("list")
def list_(
    subscription: Annotated[str | None, typer.Option("--subscription", metavar="NAME")] = None,
    backlog: Annotated[
        bool, typer.Option("--backlog", help="Those of old news, which are not delivered.")
    ] = False,
    not_relevant: Annotated[
        bool, typer.Option("--not-relevant", help="Those that are marked not relevant.")
    ] = False,
    json: Json = False,
    limit: Limit = None,
) -> None:
    """List the alerts, newest first."""
    from pipeline.store import alerts

    with session.store() as store, store.read() as tx:
        only = None if subscription is None else subscriptions.find(tx, subscription).id
        found = output.paged(
            lambda before, size: alerts.rows(
                tx,
                subscription_id=only,
                backlog=backlog,
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
            empty="no alert is marked not relevant" if not_relevant else "no alerts yet",
        )


@app.command("show")
def show(id_: Id, json: Json = False) -> None:
    """Show one alert, with the words that matched and their surroundings."""
    from pipeline.store import alerts

    with session.store() as store, store.read() as tx:
        row = rows.alert(alerts.show(tx, id_))
    if not json:
        row["matches"] = "\n".join(f"{one['field']}: {one['context']}" for one in row["matches"])
    output.record(row, as_json=json)


@app.command("ack")
def ack(id_: Id) -> None:
    """Acknowledge an alert."""
    from pipeline.store import alerts

    with session.store() as store:
        store.write(lambda tx: alerts.ack(tx, id_))
    output.say(f"alert {id_} acknowledged")


@app.command("mark")
def mark(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", min=1, max=2**63 - 1)],
    not_relevant: Annotated[bool, typer.Option("--not-relevant", help="They should not have rung.")] = False,
    relevant: Annotated[bool, typer.Option("--relevant", help="They are what was asked for.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Take the mark back.")] = False,
) -> None:
    """Say whether alerts are relevant; `./run subscriptions tune NAME` learns from it."""
    from pipeline.store import alerts

    if not_relevant + relevant + clear != 1:
        raise UsageError("say one of --not-relevant, --relevant and --clear")
    said = None if clear else relevant
    with session.store() as store:
        store.write(lambda tx: alerts.mark(tx, ids, said))
    count = len(set(ids))
    what = "no longer marked" if clear else "marked relevant" if relevant else "marked not relevant"
    output.say(f"{count} {'alert is' if count == 1 else 'alerts are'} {what}")


def _shown(row: AlertRow) -> dict[str, Any]:
    """An alert as a table shows it: with the words that matched."""
    return {**rows.alert(row), "words": sorted({str(one["text"]) for one in row.matches})}
