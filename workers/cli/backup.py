"""``./run backup | restore``: everything that is kept, in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.core.errors import UsageError
from workers.cli import output, session

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, as in tocsin.backup.")]


def backup(
    file: File, force: Annotated[bool, typer.Option("--force", help="Replace FILE when it exists.")] = False
) -> None:
    """Write all that is kept to a file, from one moment, while Tocsin runs.

    The file holds the secrets of channels and feeds: only you may read it.
    """
    from pipeline.store import backup as backups

    if not force:
        _refuse_present(file)
    with session.store() as store:
        manifest = backups.write(store, file, now=session.now(), tell=_tell)
    rows = sum(content.rows for content in manifest.tables)
    output.say(f"{file}: {rows:,} rows, {file.stat().st_size / 1e6:,.1f} MB")


def restore(file: File) -> None:
    """Take a backup into an empty database, all or nothing; stop Tocsin's processes before."""
    from pipeline.flow import backup as backups
    from pipeline.store import engine

    settings = session.settings()
    settings.make_home()
    store = engine.open(settings.database_url)
    try:
        manifest = backups.restore(store, file, now=session.now(), tell=_tell)
    finally:
        store.close()
    rows = sum(content.rows for content in manifest.tables)
    output.say(f"{rows:,} rows of {manifest.made_at} restored")


def _refuse_present(file: Path) -> None:
    try:
        present = file.exists()
    except OSError as exc:
        raise UsageError(f"cannot write {file}: {exc.strerror}") from exc
    if present:
        raise UsageError(f"{file} exists; name another file, or replace it with --force")


def _tell(table: str, rows: int) -> None:
    if rows and sys.stderr.isatty():
        output.note(f"{table}: {rows:,}")
