"""``./run config``: the effective options, and the declared state."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import output, session
from workers.cli.output import Json

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
    from workers import reconcile

    settings = session.settings()
    with session.store(settings) as store:
        changes = reconcile.apply(settings, store, now=session.now(), dry_run=dry_run)
    for change in changes:
        output.say(f"would {change}" if dry_run else str(change))
    if not changes:
        output.say(f"nothing to change: the database is as {settings.config} declares")
