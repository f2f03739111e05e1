"""A backup is written from one moment of the database, while all goes on."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

from sqlalchemy import Table, select, text

from pipeline.core.errors import UsageError
from pipeline.store import ids
from pipeline.store.backup import kinds
from pipeline.store.backup.archive import MANIFEST
from pipeline.store.backup.manifest import TOLD, Content, Manifest, Tell
from pipeline.store.engine import Store, Tx
from pipeline.store.tables import counters, metadata

#: Rows that are read at once: each may have megabytes.
_ROWS = 100
#: Most of a backup is compressed already; the rest gains little from more than this.
_LEVEL = 1


def write(store: Store, path: Path, *, now: datetime, tell: Tell = lambda _name, _rows: None) -> Manifest:
    """Write all that is kept to ``path``, which exists only when it is whole, and only its owner may read.

    ``tell`` is called with a table's name and how many of its rows are written, when it is
    done and now and then.

    Raises:
        UsageError: the file cannot be written.
        ServiceError: the database cannot be used.

    """
    with _file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as made:
        with store.read() as tx:
            revision = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            kept = [table for table in metadata.sorted_tables if kinds.kept(table.name)]
            tables = tuple(_table(tx, table, made, tell) for table in kept)
            manifest = Manifest(revision=revision, made_at=now.isoformat(), tables=tables, ids=_ids(tx))
        made.writestr(MANIFEST, manifest.dump())
    return manifest


def _table(tx: Tx, table: Table, made: zipfile.ZipFile, tell: Tell) -> Content:
    columns = tuple((column.name, kinds.kind(column)) for column in table.columns)
    of = [kind for _, kind in columns]
    rows = 0
    asked = select(*map(kinds.selected, table.columns)).execution_options(yield_per=_ROWS)
    with made.open(Content(name=table.name, columns=columns, rows=0).member, "w", force_zip64=True) as member:
        for row in tx.execute(asked):
            member.write(kinds.dump(row, of))
            rows += 1
            if rows % TOLD == 0:
                tell(table.name, rows)
    tell(table.name, rows)
    return Content(name=table.name, columns=columns, rows=rows)


def _ids(tx: Tx) -> dict[str, int]:
    """The last ids given out: later than the rows' moment on PostgreSQL, and so never too low."""
    if tx.sqlite:
        return {row.name: row.value for row in tx.execute(select(counters))}
    return {
        name: tx.execute(
            text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}_ids")  # noqa: S608
        ).scalar_one()
        for name in ids.RESERVED
    }


@contextmanager
def _file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when all of it is on the disk."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                yield cast("Any", file)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink()
                raise
    except OSError as exc:
        raise UsageError(f"cannot write {path}: {exc.strerror}") from exc
