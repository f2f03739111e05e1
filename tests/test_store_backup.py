"""Backup: one moment of the database in a file, and back into either kind of database."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import column, create_engine, inspect, make_url, select, text

from pipeline.core.errors import ServiceError, UsageError
from pipeline.flow import backup as flow
from pipeline.flow import search
from pipeline.store import audit, backup, engine, ids, processes, schema
from pipeline.store.backup import Content, Manifest, kinds
from pipeline.store.engine import Store
from pipeline.store.processes import Process
from pipeline.store.tables import metadata
from tests import stock
from tests.documents import rss
from tests.ground import Bench
from tests.seed import NOW, seed
from tests.sites import Site, conditional
from tests.stock import T0, later

LEFT_OUT = {"processes", "counters", "article_index"}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table, of both kinds."""
    with _made(request, request.param, tmp_path) as store:
        yield store


@pytest.fixture
def other(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Store]:
    """A database without any table, of the kind that the test's own is not."""
    with _made(request, "postgresql" if store.sqlite else "sqlite", tmp_path) as made:
        yield made


@contextmanager
def _made(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Store]:
    if kind == "sqlite":
        store = engine.open(f"sqlite:///{folder / 'other.sqlite3'}")
        yield store
        store.close()
        return
    server = make_url(request.getfixturevalue("postgresql_server")).set(drivername="postgresql+psycopg")
    name = f"tocsin_restored_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    store = engine.open(server.set(database=name).render_as_string(hide_password=False))
    yield store
    store.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _restore(store: Store, path: Path) -> Manifest:
    return flow.restore(store, path, now=T0, tell=lambda _name, _rows: None)


def _rows(store: Store) -> dict[str, list[str]]:
    """All that a backup should hold, by table, in an order of its own."""
    with store.read() as tx:
        return {
            table.name: sorted(
                json.dumps(list(row), default=repr, sort_keys=True) for row in tx.execute(select(table))
            )
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def test_restored_database_holds_all_rows_finds_all_articles_and_rings_for_none_again(
    bench: Bench, empty: Store, site: Site, tmp_path: Path
) -> None:
    """Across kinds too; words with apostrophes are found, and the next poll brings what is new, only."""
    items = [f"<item><title>{title}</title><link>{site.url(f'/{n}')}</link></item>"
             for n, title in enumerate(("Don't invade, they say", "L'invasion commence", "Вторгнення"))]  # fmt: skip
    site.answer("/feed", conditional(rss(*items)))
    bench.feed(site.url("/feed"))
    bench.subscribe("invade OR invasion", channel_url="https://desk.example/hook")
    bench.poll()
    bench.run()
    path = tmp_path / "b.backup"
    backup.write(bench.store, path, now=T0)
    manifest = _restore(empty, path)
    assert sum(content.rows for content in manifest.tables) > 20
    assert _rows(empty) == _rows(bench.store)
    for query in ('"don\'t invade"', "invasion", "вторгнення"):
        found, again = (
            [article.id for article, _ in search(store, query, limit=10)] for store in (bench.store, empty)
        )
        assert len(found) == 1
        assert found == again
    with empty.read() as tx:
        assert audit.check(tx) == []
    other = Bench(empty, now=bench.now)
    other.pass_by(hours=1)
    other.poll()
    assert other.ingest() == []
    site.answer(
        "/feed", conditional(rss("<item><title>New invasion</title><link>https://x.example/4</link></item>"))
    )
    other.pass_by(hours=1)
    other.poll()
    done = other.run()
    assert (done.articles, done.alerts) == (1, 1)


def test_backup_is_of_one_moment_while_others_write(store: Store, other: Store, tmp_path: Path) -> None:
    """What is written between two tables is in neither, and the books add up."""
    stock.add_feed(store)
    stock.news(store, "before")
    told: list[str] = []

    def tell(name: str, _rows: int) -> None:
        told.append(name)
        if len(told) % 5 == 1:
            stock.news(store, f"meanwhile {len(told)}", now=later(3600 * len(told)))

    backup.write(store, tmp_path / "b", now=T0, tell=tell)
    _restore(other, tmp_path / "b")
    with other.read() as tx:
        assert audit.check(tx) == []
        assert tx.execute(select(metadata.tables["articles"].c.title)).scalars().all() == ["Title of before"]
    with store.read() as tx:
        assert len(tx.execute(select(metadata.tables["articles"].c.id)).all()) > 3


def test_new_ids_follow_the_last_ones_given_out(store: Store, other: Store, tmp_path: Path) -> None:
    """Also those whose rows are gone: an id that was told never comes again."""
    last = store.write(lambda tx: ids.reserve(tx, "alerts", 7))[-1]
    backup.write(store, tmp_path / "b", now=T0)
    _restore(other, tmp_path / "b")
    assert other.write(lambda tx: ids.reserve(tx, "alerts", 1)) == [last + 1]
    assert other.write(lambda tx: ids.reserve(tx, "updates", 1)) == store.write(
        lambda tx: ids.reserve(tx, "updates", 1)
    )


def test_database_that_holds_something_or_is_in_use_is_left_alone(store: Store, tmp_path: Path) -> None:
    """A restore never mixes, and never takes tables from under running processes."""
    path = tmp_path / "b"
    backup.write(store, path, now=T0)
    process = Process(id="scheduler-1", kind="scheduler", pid=1, host="here", started_at=T0)
    store.write(lambda tx: processes.beat(tx, process, T0))
    with pytest.raises(ServiceError, match="stop all its processes"):
        _restore(store, path)
    store.write(lambda tx: processes.leave(tx, process.id))
    _restore(store, path)
    seeded = seed(store)
    before = _rows(store)
    with pytest.raises(UsageError, match="has feeds already"):
        _restore(store, path)
    assert _rows(store) == before
    assert seeded.articles


def test_restore_that_breaks_off_at_its_end_leaves_an_empty_database_that_takes_the_next(
    store: Store, other: Store, tmp_path: Path
) -> None:
    """Neither tables nor counters of ids stay behind."""
    seed(store)
    path = tmp_path / "b"
    backup.write(store, path, now=T0)

    def stop(name: str, _rows: int) -> None:
        if name == "article_index":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        flow.restore(other, path, now=T0, tell=stop)
    with other.read() as tx:
        found = inspect(tx.connection)
        assert found.get_table_names() == []
        assert other.sqlite or found.get_sequence_names() == []
    _restore(other, path)
    assert _rows(other) == _rows(store)


def test_every_column_has_its_kind_in_the_database(store: Store) -> None:
    """What a column of a backup may hold is known for each that there is."""
    with store.read() as tx:
        found = inspect(tx.connection)
        for table in filter(lambda one: kinds.kept(one.name), metadata.sorted_tables):
            there = {one["name"]: one for one in found.get_columns(table.name)}
            for of in table.columns:
                taken = kinds.values(kinds.kind(of), there[of.name])
                assert taken - {type(None)}, of
                assert (type(None) in taken) == of.nullable, of


def test_file_is_the_owners_alone_and_is_there_only_when_whole(store: Store, tmp_path: Path) -> None:
    """It holds secrets; and a backup that breaks off leaves no file, nor harms the one before."""
    path = tmp_path / "b"
    backup.write(store, path, now=T0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    whole = path.read_bytes()

    def stop(_name: str, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.write(store, path, now=NOW, tell=stop)
    assert [one.name for one in tmp_path.iterdir() if "sqlite" not in one.name] == ["b"]
    assert path.read_bytes() == whole
    with pytest.raises(UsageError, match="cannot write"):
        backup.write(store, tmp_path / "none" / "b", now=T0)


def _changed(path: Path, change: Any) -> Path:
    other = path.with_name("changed")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return other


def test_damaged_or_foreign_or_newer_file_is_refused_before_anything_changes(
    store: Store, tmp_path: Path
) -> None:
    """One clear line each, and the tables stay as they were."""
    seed(store)
    path = tmp_path / "b"
    backup.write(store, path, now=T0)
    whole = path.read_bytes()
    half, noise, flipped = tmp_path / "half", tmp_path / "noise", tmp_path / "flipped"
    half.write_bytes(whole[: len(whole) // 2])
    noise.write_bytes(b"no backup at all")
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("tables/articles.jsonl").header_offset + 110
    flipped.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    fewer = _changed(path, lambda name, data: b"" if name == "tables/articles.jsonl" else data)
    cases = [
        (half, "only the beginning"),
        (noise, "no backup"),
        (flipped, "damaged: articles"),
        (fewer, "has 0 rows, not 2"),
        (tmp_path / "none", "cannot read"),
    ]
    for bad, sentence in cases:
        with pytest.raises(UsageError, match=sentence):
            _restore(store, bad)
    newer = _changed(path, lambda _name, data: data.replace(b'"revision": "', b'"revision": "9'))
    with pytest.raises(UsageError, match="newer Tocsin"):
        _restore(store, newer)


def test_backup_of_an_older_schema_is_brought_up_to_date(empty: Store, tmp_path: Path) -> None:
    """Its rows go into the tables of their time, which are then migrated."""
    with empty.rebuild() as tx:
        schema.upgrade(tx.connection, "0009")
        tx.execute(text("INSERT INTO keepsakes (key, value) VALUES ('old', 'kept')"))
    path = _of_its_time(empty, tmp_path / "old")
    _restore(empty, path)
    assert empty.is_current()
    with empty.read() as tx:
        assert tx.execute(text("SELECT value FROM keepsakes WHERE key = 'old'")).scalar_one() == "kept"


def _of_its_time(store: Store, path: Path) -> Path:
    """What a program of schema 0009 would have written of this database, which holds numbers and texts only."""
    tables = []
    with store.read() as tx, zipfile.ZipFile(path, "w") as made:
        found = inspect(tx.connection)
        for name in filter(kinds.kept, found.get_table_names()):
            columns = [one["name"] for one in found.get_columns(name)]
            rows = tx.execute(select(*map(column, columns)).select_from(text(name))).all()
            content = Content(name=name, columns=tuple((one, "plain") for one in columns), rows=len(rows))
            made.writestr(content.member, b"".join(json.dumps(list(row)).encode() + b"\n" for row in rows))
            tables.append(content)
        manifest = Manifest(revision="0009", made_at=T0.isoformat(), tables=tuple(tables), ids={"feeds": 3})
        made.writestr("manifest.json", manifest.dump())
    return path
