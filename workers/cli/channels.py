"""``./run channels``: where alerts go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import NotFoundError, TocsinError, UsageError
from workers import rows
from workers.cli import output, session
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.store.channels import ChannelRow
    from pipeline.store.engine import Tx

app = typer.Typer(help="Channels: where alerts go.", no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "right"),
    Column("name", "name"),
    Column("state", "state"),
    Column("a minute", "pace_per_minute", "right"),
    Column("failed", "failures", "right"),
    Column("rests until (UTC)", "open_until", moment=True),
    Column("url", "url", wide=True),
)
LONGEST_NAME = 100
SHORTEST_SECRET = 16
PACE = "Messages a minute at most; more wait in order"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel's name, or its id.")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="A file that holds the webhook's secret; else one is made."),
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="https://… for a signed webhook, else an Apprise URL; `-` reads it from standard input.",
        ),
    ],
    secret_file: SecretFile = None,
    pace: Annotated[int | None, typer.Option("--pace", metavar="N", min=1, help=PACE)] = None,
    json: Json = False,
) -> None:
    """Add a channel.  A webhook's secret is shown once, here."""
    from pipeline.store import channels

    label, address = check_name(name), _address(url)
    secret = _secret(address, secret_file)
    with session.store() as store:
        store.write(
            lambda tx: channels.add(
                tx, name=label, url=address, secret=secret, managed=False, pace=pace, now=session.now()
            )
        )
    if json:
        # What was just given is given back, but for an address that is a secret as a whole.
        url_again = address if is_webhook(address) else masked(address)
        output.record({"name": label, "url": url_again, "secret": secret}, as_json=True)
        return
    output.say(f"channel {label} added: {masked(address)}")
    if secret:
        output.say(f"its secret, shown this once: {secret}")


@app.command("edit")
def edit(
    name: Name,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="`-` reads it from standard input.")
    ] = None,
    rename: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its new name.")] = None,
    secret_file: SecretFile = None,
    pace: Annotated[
        int | None, typer.Option("--pace", metavar="N", min=0, help=f"{PACE}; 0: as fast as it goes.")
    ] = None,
) -> None:
    """Change a channel; what is not named stays as it is."""
    from pipeline.store import channels

    changes: dict[str, Any] = {}
    if url is not None:
        changes["url"] = _address(url)
    if rename is not None:
        changes["name"] = check_name(rename)
    if secret_file is not None:
        changes["secret"] = _given_secret(secret_file)
    if pace is not None:
        changes["pace"] = pace
    if not changes:
        raise UsageError("nothing to change: name an option, as in `./run channels edit NAME --url URL`")
    with session.store() as store:

        def work(tx: Tx) -> ChannelRow:
            row = find(tx, name)
            if "url" in changes and "secret" not in changes:
                changes["secret"] = _secret(changes["url"], None) if not row.secret else row.secret
            channels.edit(tx, row.id, **changes, now=session.now())
            return channels.find(tx, str(row.id))

        row = store.write(work)
    output.say(f"channel {row.name} changed: {masked(row.url)}")
    if row.managed:
        output.declared("channels.yaml")


@app.command("list")
def list_(json: Json = False, limit: Limit = None) -> None:
    """List the channels; what their addresses keep secret is masked."""
    from pipeline.store import channels

    with session.store() as store, store.read() as tx:
        output.rows(
            map(shown, channels.rows(tx, limit=limit)),
            COLUMNS,
            as_json=json,
            empty="no channels yet; add one with `./run channels add NAME URL`",
        )


@app.command("test")
def test(name: Name) -> None:
    """Send a test message to a channel, now."""
    from pipeline import flow

    with session.context("test") as context:
        with context.store.read() as tx:
            row = find(tx, name)
        sent = flow.test_channel(context.sender, row)
    if not sent.ok:
        raise TocsinError(f"channel {row.name} did not take the test message: {sent.error}")
    output.say(f"channel {row.name} took the test message")


@app.command("pause")
def pause(name: Name) -> None:
    """Hold a channel's deliveries back; they wait."""
    _set_state(name, "paused", "paused; its deliveries wait")


@app.command("resume")
def resume(name: Name) -> None:
    """Let the deliveries of a paused channel go, or of one that rests after failures."""
    _set_state(name, "active", "resumed")


@app.command("remove")
def remove(name: Name) -> None:
    """Forget a channel; what waits for it is given up."""
    _set_state(name, "removed", "removed; what waited for it is given up")


def check_name(name: str) -> str:
    """``name`` when it can name a channel or subscription.

    Raises:
        UsageError: it is empty, too long, a number, or not one printable line.

    """
    label = name.strip()
    if not label or len(label) > LONGEST_NAME or output.printable(label) != label:
        raise UsageError(f"a name is one line of 1 to {LONGEST_NAME} printable characters")
    if label.isdecimal():
        raise UsageError("a name is not a number alone: numbers are ids")
    return label


def find(tx: Tx, ref: str) -> ChannelRow:
    """The channel of that name or id.

    Raises:
        NotFoundError: with the nearest names.

    """
    from pipeline.store import channels

    try:
        return channels.find(tx, ref)
    except NotFoundError as exc:
        raise session.unknown("channel", ref, (row.name for row in channels.rows(tx))) from exc


def is_webhook(url: str) -> bool:
    """Whether the channel is a signed webhook of ours; any other is Apprise's."""
    return url.lower().startswith(("http://", "https://"))


def masked(url: str) -> str:
    """A channel's address as it may be shown: its scheme, and its host where that is no secret."""
    from pipeline.channels import mask

    return mask(url)


def shown(row: ChannelRow) -> dict[str, Any]:
    """A channel as JSON Lines have it."""
    return rows.channel(row, masked(row.url))


def _address(url: str) -> str:
    from pipeline.channels import check_url

    address = session.secret("URL") if url == "-" else url
    check_url(address.strip())
    return address.strip()


def _secret(address: str, file: Path | None) -> str:
    """The secret that signs a webhook: the given one, else a new one; other channels have none."""
    from pipeline.channels import new_secret

    if not is_webhook(address):
        if file is not None:
            raise UsageError("--secret-file is for webhooks; an Apprise URL holds its own secrets")
        return ""
    return new_secret() if file is None else _given_secret(file)


def _given_secret(file: Path) -> str:
    import base64
    import binascii

    from pipeline.channels.webhook import check_secret

    secret = session.secret("Secret", file).strip()
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except binascii.Error:
        size = 0
    if size < SHORTEST_SECRET:
        raise UsageError(
            f"a webhook's secret is whsec_ followed by base64 of {SHORTEST_SECRET} bytes or more;"
            " without --secret-file one is made"
        )
    return check_secret(secret)


def _set_state(name: str, state: str, done: str) -> None:
    from pipeline.store import channels

    def work(tx: Tx) -> ChannelRow:
        row = find(tx, name)
        if state == "removed":
            channels.remove(tx, row.id, session.now())
        else:
            channels.set_state(tx, row.id, state, now=session.now())
        return row

    with session.store() as store:
        row = store.write(work)
    output.say(f"channel {row.name} {done}")
    if row.managed and state == "removed":
        output.declared("channels.yaml")
