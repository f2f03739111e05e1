"""Backups that are damaged or forged: one clear line, and the database stays as it was."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from sqlalchemy import inspect, select

from pipeline.core.errors import UsageError
from pipeline.flow import backup as flow
from pipeline.store import backup, engine, keepsakes
from pipeline.store.backup import Archive, kinds
from pipeline.store.engine import Store
from pipeline.store.tables import metadata
from tests import stock
from tests.seed import seed
from tests.stock import T0

#: Makes another file's bytes of a backup.
Mutation = Callable[[Path], bytes]
Rows = dict[str, list[str]]

LEFT_OUT = {"processes", "counters", "article_index"}
FLIPS = 30


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A backup of a small database that has something of most kinds."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copyfile(sqlite_template, folder / "its.sqlite3")
    store = engine.open(f"sqlite:///{folder / 'its.sqlite3'}")
    seed(store)
    stock.add_feed(store)
    stock.bring(store, ["raw"])
    backup.write(store, folder / "whole.backup", now=T0)
    (folder / "rows.json").write_text(json.dumps(_rows(store)))
    store.close()
    return folder / "whole.backup"


def _rows(store: Store) -> Rows:
    with store.read() as tx:
        return {
            table.name: sorted(json.dumps(list(row), default=repr) for row in tx.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def _members(
    change: Callable[[str, bytes], bytes | None],
    touch: Callable[[zipfile.ZipFile], object] = lambda _made: None,
) -> Mutation:
    """Each member changed, or left out; then the archive as a whole."""

    def mutate(path: Path) -> bytes:
        other = path.with_name("members")
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if (data := change(name, old.read(name))) is not None:
                    new.writestr(name, data)
            touch(new)
        return other.read_bytes()

    return mutate


def _same(_name: str, data: bytes) -> bytes:
    return data


def _manifest(change: Callable[[Any], Any]) -> Mutation:
    """The manifest changed, which may be done in place."""

    def edit(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return data
        said = json.loads(data)
        changed = change(said)
        return json.dumps(said if changed is None else changed).encode()

    return _members(edit)


def _told(**said: Any) -> Mutation:
    return _manifest(lambda manifest: {**manifest, **said})


def _table(name: str, **said: Any) -> Mutation:
    def edit(manifest: Any) -> None:
        next(one for one in manifest["tables"] if one["name"] == name).update(said)

    return _manifest(edit)


def _lines(table: str, change: Callable[[bytes], bytes]) -> Mutation:
    """The last row of a table changed: the first may be the canary's."""

    def edit(name: str, data: bytes) -> bytes:
        *before, last, _end = data.split(b"\n") if name == f"tables/{table}.jsonl" else (b"", b"")
        return b"\n".join([*before, change(last), b""]) if last else data

    return _members(edit)


def _value(table: str, column: str, value: Any) -> Mutation:
    """One value of a row changed."""
    at = [one.name for one in metadata.tables[table].columns].index(column)

    def edit(line: bytes) -> bytes:
        row = json.loads(line)
        row[at] = value
        return json.dumps(row).encode()

    return _lines(table, edit)


def _cut(share: float) -> Mutation:
    return lambda path: path.read_bytes()[: int(path.stat().st_size * share)]


def _marked(member: str, **how: int) -> Mutation:
    """The directory says another thing of a member."""

    def touch(made: zipfile.ZipFile) -> None:
        for name, value in how.items():
            setattr(made.getinfo(member), name, value)

    return _members(_same, touch)


def _member(member: str, data: bytes | None) -> Mutation:
    """A member replaced, or left out."""
    return _members(lambda name, same: data if name == member else same)


def _all(mutations: dict[str, Mutation]) -> list[ParameterSet]:
    return [pytest.param(mutation, id=name) for name, mutation in mutations.items()]


_DEEP = b"[" * 100_000 + b"]" * 100_000
_ARTICLES = "tables/articles.jsonl"
#: What is seen before the database is looked at.
UNREADABLE: dict[str, Mutation] = {
    "nothing": _cut(0),
    "a beginning": _cut(0.1),
    "a half": _cut(0.5),
    "all but the end": _cut(0.999),
    "no zip archive": lambda path: path.read_bytes().replace(b"PK", b"KP"),
    "a manifest that is a list": _manifest(lambda _said: []),
    "a manifest that is a string": _manifest(lambda _said: "backup"),
    "a manifest that is no JSON": _member("manifest.json", b"{"),
    "a manifest that is no text": _member("manifest.json", b"\xff"),
    "a manifest without end": _member("manifest.json", _DEEP),
    "a manifest that is far too long": _member("manifest.json", b"{}" + b" " * 2_000_000),
    "no manifest": _member("manifest.json", None),
    "no format": _manifest(lambda said: {key: said[key] for key in said if key != "format"}),
    "a newer format": _told(format=2, tables="of another form"),
    "a format that is no number": _told(format="1"),
    "a revision that is a list": _told(revision=["0001"]),
    "a newer revision": _told(revision="9999"),
    "a moment that is none": _told(made_at="\x1b[31mnow"),
    "ids that are a list": _told(ids=[1]),
    "ids that are texts": _told(ids={"feeds": "1"}),
    "ids out of range": _told(ids={"feeds": 1 << 63}),
    "tables that are a number": _told(tables=1),
    "tables that are numbers": _told(tables=[1]),
    "a table twice": _manifest(lambda said: said["tables"].append(said["tables"][0])),
    "a table that is not there": _manifest(lambda said: said["tables"][0].update(name="../x")),
    "rows that are a text": _table("articles", rows="2"),
    "more rows than there are": _table("articles", rows=3),
    "columns that are none": _table("articles", columns=[]),
    "columns that are numbers": _table("articles", columns=[1]),
    "a kind that is a list": _table("keepsakes", columns=[["key", []], ["value", "plain"]]),
    "columns twice": _table("keepsakes", columns=[["key", "plain"], ["key", "plain"]]),
    "a member that is missing": _member(_ARTICLES, None),
    "a member that is encrypted": _marked(_ARTICLES, flag_bits=1),
    "a manifest that is encrypted": _marked("manifest.json", flag_bits=1),
    "a member packed in an unknown way": _marked(_ARTICLES, compress_type=97),
    "a manifest packed in an unknown way": _marked("manifest.json", compress_type=97),
    "a member packed in another way": _marked(_ARTICLES, compress_type=zipfile.ZIP_LZMA),
    "a manifest packed in another way": _marked("manifest.json", compress_type=zipfile.ZIP_BZIP2),
    "a member of another checksum": _marked(_ARTICLES, CRC=1),
    "a member that begins beyond the file": _marked(_ARTICLES, header_offset=1 << 40),
}
#: What is seen when the database has the tables of the backup's time.
FORGED: dict[str, Mutation] = {
    "no tables": _told(tables=[]),
    "ids of what has none": _told(ids={"feeds; DROP TABLE x": 1}),
    "ids that are given out already": _told(ids={"feeds": 0}),
    "columns left out": _table("articles", columns=[["id", "plain"]]),
    "a table of the database's own": _members(
        lambda _name, data: data.replace(b'"blocks"', b'"counters"'),
        lambda made: made.writestr("tables/counters.jsonl", ""),
    ),
}
#: What the kinds of databases see in their own ways.
REFUSED: dict[str, Mutation] = {
    "a row that is there twice": _value("articles", "id", 1),
    "a row that names one that is not there": _value("articles", "story_id", 77),
    "a number that is too large": _value("articles", "raw_item_id", 1 << 64),
}
#: What rows of articles cannot be.
ROWS: dict[str, Mutation] = {
    "no JSON": _lines("articles", lambda line: line[:-1]),
    "no text": _lines("articles", lambda line: line.replace(b"Older", b"\xff")),
    "a number": _lines("articles", lambda _line: b"1"),
    "without end": _lines("articles", lambda _line: _DEEP),
    "too short": _lines("articles", lambda _line: b"[1]"),
    "too long": _lines("articles", lambda line: line[:-1] + b",1]"),
    "nothing where something must be": _value("articles", "title", None),
    "a text in place of a number": _value("articles", "story_id", "one"),
    "a number in place of a text": _value("articles", "title", 7),
    "a number in place of a flag": _value("articles", "backlog", 7),
    "a flag in place of a number": _value("articles", "story_id", True),
    "a moment that is a number": _value("articles", "first_seen_at", 7),
    "a moment of no zone": _value("articles", "first_seen_at", "2026-01-01T00:00:00"),
    "bytes that are none": _value("articles", "content_hash", "\u00e9"),
    "bytes that are half": _value("articles", "content_hash", "AA"),
}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _refused(store: Store, path: Path) -> str:
    """What is said when a backup is not restored, where nothing has changed."""
    with store.begin() as tx:
        keepsakes.keep(tx, "mine", "stays")
    before = _rows(store)
    with pytest.raises(UsageError) as refused:
        _restore(store, path)
    assert _rows(store) == before
    assert store.is_current()
    said = str(refused.value)
    assert said.startswith(f"{path} ")
    assert said.endswith(("; restore another backup", "by a newer Tocsin: update this one first"))
    assert "\n" not in said
    return said


def _restore(store: Store, path: Path) -> None:
    flow.restore(store, path, now=T0, tell=lambda _name, _rows: None)


@on_sqlite
@pytest.mark.parametrize("mutation", _all(UNREADABLE | FORGED))
def test_backup_that_is_damaged_or_forged_is_refused_in_one_line_and_changes_nothing(
    store: Store, whole: Path, tmp_path: Path, mutation: Mutation
) -> None:
    """What is wrong is said of the file, and what to do."""
    _refused(store, _written(tmp_path, mutation(whole)))


@pytest.mark.parametrize("mutation", _all(REFUSED))
def test_rows_that_the_database_does_not_take_are_the_files_fault(
    store: Store, whole: Path, tmp_path: Path, mutation: Mutation
) -> None:
    """Nothing of what was taken before stays, and the table is named."""
    said = _refused(store, _written(tmp_path, mutation(whole)))
    assert "articles" in said or "name others" in said


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_text_that_only_one_kind_of_database_takes_is_refused_by_the_other(
    store: Store, whole: Path, tmp_path: Path
) -> None:
    """PostgreSQL has no character 0."""
    assert "articles" in _refused(store, _written(tmp_path, _value("articles", "title", "a\0b")(whole)))


@pytest.mark.parametrize("mutation", _all(ROWS))
def test_row_that_is_none_is_not_read(store: Store, whole: Path, tmp_path: Path, mutation: Mutation) -> None:
    """Each value is of the kind that its column has in the database."""
    with store.read() as tx, Archive(_written(tmp_path, mutation(whole))) as archive:
        (content,) = [one for one in archive.manifest.tables if one.name == "articles"]
        there = {one["name"]: one for one in inspect(tx.connection).get_columns("articles")}
        parts = archive.parts(content, [kinds.values(of, there[name]) for name, of in content.columns])
        with pytest.raises(UsageError, match=r"is damaged: a row of articles .*; restore another backup"):
            next(parts)


@on_sqlite
def test_what_does_not_matter_is_restored(store: Store, whole: Path, tmp_path: Path) -> None:
    """A key that nobody knows, something before the archive, and a member that would be a path outside."""
    mutated = _members(_same, lambda made: made.writestr("../x", "harmful"))(
        _written(tmp_path, _told(more=1)(whole))
    )
    _restore(store, _written(tmp_path, b"#!/bin/sh\n" + mutated))
    assert _rows(store) == json.loads(whole.with_name("rows.json").read_text())
    assert not (tmp_path.parent / "x").exists()


@on_sqlite
def test_one_wrong_byte_anywhere_is_seen_or_does_not_matter(
    store: Store, whole: Path, tmp_path: Path
) -> None:
    """At places from a seed; a moment in the archive's directory, for one, is nobody's."""
    data, chance = whole.read_bytes(), random.Random(7)
    before, members, refused = _rows(store), _unpacked(whole), 0
    for _ in range(FLIPS):
        at = chance.randrange(len(data))
        path = _written(tmp_path, data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :])
        try:
            with Archive(path) as archive:
                archive.verify()
        except UsageError:
            refused += 1
            with pytest.raises(UsageError, match="restore another backup"):
                _restore(store, path)
        else:
            assert _unpacked(path) == members
    assert refused > FLIPS / 2
    assert _rows(store) == before


def _unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@on_sqlite
def test_large_rows_are_handed_on_few_at_a_time(store: Store, tmp_path: Path) -> None:
    """A thousand pages of megabytes would not fit in memory."""
    with store.begin() as tx:
        for number in range(12):
            keepsakes.keep(tx, f"large {number}", "a" * 1_000_000)
    backup.write(store, tmp_path / "b", now=T0)
    with Archive(tmp_path / "b") as archive:
        (content,) = [one for one in archive.manifest.tables if one.name == "keepsakes"]
        sizes = [len(part) for part in archive.parts(content, [frozenset({str})] * 2)]
    assert sum(sizes) == content.rows == 12
    assert max(sizes) <= 5


@on_sqlite
def test_path_that_is_no_file_is_refused(store: Store, tmp_path: Path) -> None:
    """A folder, or nothing at all."""
    for path, why in ((tmp_path, "Is a directory"), (tmp_path / "none", "No such file or directory")):
        with pytest.raises(UsageError, match=f"^cannot read {path}: {why}$"):
            _restore(store, path)


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "b"
    path.write_bytes(data)
    return path
