"""Migrations: they make what the tables say, once, whoever runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from pipeline.store import engine, ids, schema
from pipeline.store.engine import Store
from pipeline.store.tables import alerts, deliveries, metadata, subscriptions

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
        current = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not store.is_current()
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :current"), {"current": current})


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without tables."""
    if request.param == "sqlite":
        opened = engine.open(f"sqlite:///{tmp_path}/bare.sqlite3")
        yield opened
        opened.close()
        return
    server = make_url(request.getfixturevalue("postgresql_server")).set(drivername="postgresql+psycopg")
    name = f"tocsin_bare_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        opened = engine.open(server.set(database=name).render_as_string(hide_password=False))
        yield opened
        opened.close()
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_what_rang_before_a_change_of_the_tables_is_kept(bare: Store) -> None:
    """Alerts and their deliveries come through a migration that makes their tables anew."""
    with bare.begin() as tx:
        command.upgrade(schema.config(tx.connection), "0004")
        now = "'2026-01-01T00:00:00Z'" if not bare.sqlite else "0"
        for statement in _ROWS.strip().split(";\n"):
            tx.execute(text(statement.replace("NOW", now)))
    bare.migrate()
    with bare.read() as tx:
        kept = tx.execute(
            select(
                alerts.c.id, alerts.c.disposition, alerts.c.event_id, alerts.c.slot, deliveries.c.message_id
            )
            .join_from(alerts, deliveries, deliveries.c.alert_id == alerts.c.id)
            .order_by(alerts.c.id)
        ).all()
        token = tx.execute(select(subscriptions.c.pull_token)).scalar_one()
    assert [tuple(row) for row in kept] == [(1, "sent", 1, 0, "msg_1")]
    assert len(token) >= 24
    with pytest.raises(IntegrityError), bare.begin() as tx:
        tx.execute(text("DELETE FROM alerts"))


_ROWS = """
INSERT INTO feeds (id, url, state, tags, interval_s, full_text, headers, next_poll_at, known, created_at)
    VALUES (1, 'http://a', 'active', '[]', 300, 'never', '[]', NOW, '', NOW);
INSERT INTO stories (id, created_at, last_seen_at) VALUES (1, NOW, NOW);
INSERT INTO articles (id, html, tags, first_seen_at, updated_at, feed_id, story_id, raw_item_id, content_hash)
    VALUES (1, '', '[]', NOW, NOW, 1, 1, 1, '');
INSERT INTO subscriptions (id, name, query, state, version, created_at, updated_at)
    VALUES (1, 's', 'q', 'active', 1, NOW, NOW);
INSERT INTO channels (id, name, url, state, created_at) VALUES (1, 'c', 'http://c', 'active', NOW);
INSERT INTO alerts (id, subscription_id, story_id, article_id, state, matches, created_at)
    VALUES (1, 1, 1, 1, 'new', '[]', NOW);
INSERT INTO deliveries (id, message_id, alert_id, channel_id, state, next_attempt_at, created_at, started_at)
    VALUES (1, 'msg_1', 1, 1, 'pending', NOW, NOW, NOW)
"""


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
