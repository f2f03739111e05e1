"""``./run subscriptions``: named queries, and the channels that ring for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import NotFoundError, UsageError
from workers import rows
from workers.cli import channels as channel_commands
from workers.cli import lint, output, policies, session
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.store.engine import Tx
    from pipeline.store.subscriptions import SubscriptionRow

app = typer.Typer(
    help="Subscriptions: named queries, and the channels that ring for them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

COLUMNS = (
    Column("id", "id", "right"),
    Column("name", "name"),
    Column("state", "state"),
    Column("channels", "channels"),
    Column("policy", "policy", spare=True),
    Column("query", "query", wide=True),
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The subscription's name, or its id.")]
To = Annotated[
    list[str] | None, typer.Option("--to", metavar="CHANNEL", help="A channel that rings; may be repeated.")
]


@app.command("add")
@policies.options
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="""As in: 'invasion NOT "home invasion"'.""")],
    to: To = None,
    json: Json = False,
    *,
    policy: Mapping[str, Any],
) -> None:
    """Add a subscription; it is in force within two seconds."""
    from pipeline.core.lint import accept
    from pipeline.core.policy import read
    from pipeline.store import subscriptions

    label = channel_commands.check_name(name)
    accept(query)
    how = read(policy)
    with session.store() as store:

        def work(tx: Tx) -> SubscriptionRow:
            id_ = subscriptions.add(
                tx,
                name=label,
                query=query,
                channel_ids=_channels(tx, to or ()),
                policy=how,
                managed=False,
                now=session.now(),
            )
            return subscriptions.find(tx, str(id_))

        row = store.write(work)
        if json:
            output.record(rows.subscription(row), as_json=True)
        else:
            rings = (
                f"rings {', '.join(row.channels)}"
                if row.channels
                else "rings no channel; its alerts are listed"
            )
            output.say(f"subscription {row.name} added: {row.query}; {rings}")
        lint.after_saving(store, row.name, row.query)


@app.command("edit")
@policies.options
def edit(
    name: Name,
    query: Annotated[str | None, typer.Option("--query", metavar="QUERY")] = None,
    rename: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its new name.")] = None,
    to: To = None,
    no_channels: Annotated[bool, typer.Option("--no-channels", help="Ring no channel.")] = False,
    new_pull_token: Annotated[
        bool, typer.Option("--new-pull-token", help="Give its pull channels new addresses; the old ones end.")
    ] = False,
    *,
    policy: Mapping[str, Any],
) -> None:
    """Change a subscription; what is not named stays as it is, and `none` takes an option back."""
    from pipeline.core.lint import accept
    from pipeline.core.policy import read
    from pipeline.store import subscriptions

    changes: dict[str, Any] = {"new_pull_token": True} if new_pull_token else {}
    if query is not None:
        accept(query)
        changes["query"] = query
    if rename is not None:
        changes["name"] = channel_commands.check_name(rename)
    if not changes and not to and not no_channels and not policy:
        raise UsageError(
            "nothing to change: name an option, as in `./run subscriptions edit NAME --to CHANNEL`"
        )
    with session.store() as store:

        def work(tx: Tx) -> SubscriptionRow:
            row = find(tx, name)
            id_ = row.id
            if policy:
                changes["policy"] = read(policy, row.policy)
            if to or no_channels:
                changes["channel_ids"] = [] if no_channels else _channels(tx, to or ())
            subscriptions.edit(tx, id_, now=session.now(), **changes)
            return subscriptions.find(tx, str(id_))

        row = store.write(work)
        output.say(f"subscription {row.name} changed: {row.query}")
        if row.managed:
            output.declared("subscriptions.yaml")
        if query is not None:
            lint.after_saving(store, row.name, row.query)


@app.command("list")
def list_(json: Json = False, limit: Limit = None) -> None:
    """List the subscriptions."""
    from pipeline.store import subscriptions

    with session.store() as store, store.read() as tx:
        output.rows(
            map(rows.subscription, subscriptions.rows(tx, limit=limit)),
            COLUMNS,
            as_json=json,
            empty="no subscriptions yet; add one with `./run subscriptions add NAME QUERY`",
        )


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """Show one subscription, with the addresses of its pull channels."""
    settings = session.settings()
    with session.store(settings) as store, store.read() as tx:
        row = find(tx, name)
    pulled = rows.pull_channels(row.pull_token, settings.web_url)
    shown = pulled if not json else {"pull": pulled}
    output.record({**rows.subscription(row), **shown}, as_json=json)


@app.command("pause")
def pause(name: Name) -> None:
    """Ring for a subscription no more, for a while."""
    _set_state(name, "paused", "paused")


@app.command("resume")
def resume(name: Name) -> None:
    """Ring for a paused subscription again."""
    _set_state(name, "active", "resumed")


@app.command("remove")
def remove(name: Name) -> None:
    """Forget a subscription; its alerts stay."""
    _set_state(name, "removed", "removed; its alerts stay")


def find(tx: Tx, ref: str) -> SubscriptionRow:
    """The subscription of that name or id.

    Raises:
        NotFoundError: with the nearest names.

    """
    from pipeline.store import subscriptions

    try:
        return subscriptions.find(tx, ref)
    except NotFoundError as exc:
        raise session.unknown("subscription", ref, (row.name for row in subscriptions.rows(tx))) from exc


def _channels(tx: Tx, names: Sequence[str]) -> list[int]:
    return [channel_commands.find(tx, name).id for name in dict.fromkeys(names)]


def _set_state(name: str, state: str, done: str) -> None:
    from pipeline.store import subscriptions

    def work(tx: Tx) -> SubscriptionRow:
        row = find(tx, name)
        if state == "removed":
            subscriptions.remove(tx, row.id, session.now())
        else:
            subscriptions.set_state(tx, row.id, state, session.now())
        return row

    with session.store() as store:
        row = store.write(work)
    output.say(f"subscription {row.name} {done}")
    if row.managed and state == "removed":
        output.declared("subscriptions.yaml")
