"""``./run config``: the effective options, and the declared state."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import output, session
from workers.cli.output import Json

if TYPE_CHECKING:
    from config.settings import Settings
    from pipeline.store.engine import Store

app = typer.Typer(help="Options and the declared state.", no_args_is_help=True, rich_markup_mode=None)


@app.command("show")
def show(json: Json = False) -> None:
    """Print the effective options, secrets masked."""
    from config import settings as options

    shown = options.masked(session.settings())
    if json:
        output.record(shown, as_json=True)
        return
    for name, value in shown.items():
        output.say(f"{name}={value}")


@app.command("apply")
def apply(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
) -> None:
    """Make the database what the files declare; what was made by command is left alone."""
    settings = session.settings()
    with session.store(settings) as store:
        if not take_over(settings, store, dry_run=dry_run):
            output.say(f"nothing to change: the database is as {settings.config} declares")


def take_over(settings: Settings, store: Store, *, dry_run: bool = False) -> int:
    """Take the declared state over, telling each difference; return how many there were.

    Raises:
        ConfigError: with every fault of the files.

    """
    from workers import reconcile

    declared = reconcile.read(settings, os.environ)
    for line in declared.notes:
        output.note(line)
    changes = reconcile.apply(
        store, declared, interval_s=settings.poll_every_s, now=session.now(), dry_run=dry_run
    )
    for change in changes:
        output.say(change.sentence(dry_run=dry_run))
        for line in change.notes:
            output.note(f"note: {line}")
        if change.secret and not dry_run:
            _show_secret(change.secret)
    return len(changes)


def _show_secret(secret: str) -> None:
    """A secret that was made is for the eyes at the terminal; elsewhere the output is somebody's log."""
    if sys.stdout.isatty():
        output.say(f"  its secret, shown this once: {secret}")
    else:
        output.say("  its secret was made; to choose your own: ./run channels edit NAME --secret-file FILE")
