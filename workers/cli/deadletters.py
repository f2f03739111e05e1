"""``./run deadletters``: what failed for good, with its cause, and can be tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from workers import rows
from workers.cli import output, session
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.store.dead_letters import DeadLetter
    from pipeline.store.engine import Tx

app = typer.Typer(help="Dead letters: what failed for good.", no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "right"),
    Column("when (UTC)", "created_at", moment=True),
    Column("stage", "stage"),
    Column("of", "ref_id", "right"),
    Column("feed", "feed_id", "right"),
    Column("cause", "cause", wide=True),
)

#: Which hop does a stage's work again.
HOPS = {"ingest": "ingest", "page": "pages", "deliver": "deliver"}


@app.command("list")
def list_(
    every: Annotated[
        bool, typer.Option("--all", help="Those that were tried again or expired, too.")
    ] = False,
    json: Json = False,
    limit: Limit = None,
) -> None:
    """List the dead letters that are open, newest first."""
    from pipeline.store import dead_letters

    with session.store() as store, store.read() as tx:
        found = dead_letters.rows(
            tx, state=None if every else "open", limit=limit or (None if json else output.TABLE_ROWS)
        )
        output.rows(map(rows.dead_letter, found), COLUMNS, as_json=json, empty="no dead letters")


@app.command("retry")
def retry(id_: Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1)]) -> None:
    """Try again what a dead letter is about."""
    from pipeline.store import dead_letters

    with session.context("retry") as context:

        def work(tx: Tx) -> tuple[DeadLetter, bool]:
            letter = dead_letters.get(tx, id_)
            return letter, _reopen(tx, letter)

        letter, open_again = context.store.write(work)
        if not open_again:
            raise UsageError(f"there is nothing to try again: dead letter {id_} is {letter.state}")
        hop = HOPS[letter.stage]
        of = [letter.feed_id] if letter.feed_id else []
        reachable = context.settings.find_redis() is not None
        pushed = reachable and context.ground.hand_on(hop, [letter.ref_id], feeds=of)
    later = "" if pushed else f", by the next {hop} worker when a scheduler runs"
    output.say(f"dead letter {id_} is tried again{later}")


def _reopen(tx: Tx, letter: DeadLetter) -> bool:
    """Open in the database what failed; from there the sweep would find it, too."""
    from pipeline.store import deliveries, pages, raw

    ids, now = [letter.ref_id], session.now()
    if letter.stage == "deliver":
        return bool(deliveries.retry(tx, ids=ids, now=now))
    room = raw if letter.stage == "ingest" else pages
    if not room.take(tx, ids, now=now, lease_s=0, replay=True):
        return False
    room.release(tx, ids, now)
    return True
