"""Migrations: they make what the tables say, once, whoever runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from pipeline.store import engine, ids
from pipeline.store.engine import Store
from pipeline.store.tables import metadata

ROOT = Path(__file__).resolve().parent.parent


def test_migrations_make_the_tables_as_declared(store: Store) -> None:
    """Nothing is declared that is not migrated, nor the other way round: columns, types, keys, defaults."""
    sqlite = store.sqlite

    def ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        table = name if kind == "table" else thing.table.name
        return not (sqlite and table.startswith("article_index"))  # FTS5 has tables of its own

    options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
    with store.read() as tx:
        differences = compare_metadata(MigrationContext.configure(tx.connection, opts=options), metadata)
    assert differences == []


def test_every_reserved_table_has_its_ids(store: Store) -> None:
    """Each table that ids are reserved for has a counter or sequence."""
    for name in ids.RESERVED:
        assert store.write(lambda tx, name=name: len(ids.reserve(tx, name, 2))) == 2


def test_migrating_again_changes_nothing(store: Store) -> None:
    """A database that is up to date stays as it is."""
    assert store.is_current()
    store.migrate()
    assert store.is_current()


def test_database_of_another_version_is_not_current(store: Store) -> None:
    """A program that is older than its database says so."""
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not store.is_current()
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0004'"))


def test_several_processes_may_migrate_at_once(tmp_path: Path) -> None:
    """The first migrates, the others find it done; none fails."""
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    code = f"from pipeline.store import engine; engine.open({url!r}).migrate()"
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[1] for process in running] == [b"", b"", b""]
    store = engine.open(url)
    assert store.is_current()
    store.close()
