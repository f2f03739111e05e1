"""A backup is taken in by an empty database, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import column, delete, func, insert, inspect, select, table, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from pipeline.core.errors import ServiceError, UsageError
from pipeline.store import ids, schema, search
from pipeline.store.articles.texts import Text, texts
from pipeline.store.backup import kinds
from pipeline.store.backup.archive import Archive
from pipeline.store.backup.manifest import TOLD, Content, Tell
from pipeline.store.engine import Store, Tx
from pipeline.store.processes import rows as processes
from pipeline.store.sql import chunks
from pipeline.store.tables import articles, counters, metadata

#: The terms of articles, by which the index finds them.
Terms = Callable[[Text], Sequence[str]]

#: Texts that are indexed at once: each may have megabytes.
_TEXTS = 100
#: Rows of these are an archive; the canary's have the id 0.
_TELLING = ("feeds", "channels", "subscriptions", "articles")
_LIVES = timedelta(seconds=30)


def restore(
    store: Store,
    archive: Archive,
    *,
    terms: Terms,
    now: datetime,
    tell: Tell = lambda _name, _rows: None,
) -> None:
    """Take the backup in and bring it up to date, in one transaction.

    The file should be verified before.  ``tell`` is called with a table's
    name and how many of its rows are in, when it is done and now and then.

    Raises:
        UsageError: the database holds something, or the backup is damaged or newer than this program.
        ServiceError: processes run on the database, or it cannot be used.

    """
    manifest = archive.manifest
    if manifest.revision not in schema.revisions():
        raise archive.newer()
    with store.rebuild() as tx:
        _refuse(tx, now)
        _clear(tx)
        schema.upgrade(tx.connection, manifest.revision)
        _compare(tx, archive)
        for content in manifest.tables:
            with _blaming(archive, f"the database does not take {content.name}"):
                _fill(tx, archive, content, tell)
        if tx.sqlite and tx.execute(text("PRAGMA foreign_key_check")).first():
            raise archive.damaged("some of its rows name others that it has not")
        _count_on(tx, archive)
        with _blaming(archive, "it cannot be brought up to date"):
            schema.upgrade(tx.connection)
        _index(tx, terms, tell)


@contextmanager
def _blaming(archive: Archive, how: str) -> Iterator[None]:
    """What the database refuses is the file's fault, unless the database itself is the matter."""
    try:
        yield
    except (StatementError, ValueError, OverflowError) as exc:
        if isinstance(exc, OperationalError) or (isinstance(exc, DBAPIError) and exc.connection_invalidated):
            raise
        raise archive.damaged(how) from exc


def _refuse(tx: Tx, now: datetime) -> None:
    if not inspect(tx.connection).has_table("alembic_version"):
        return
    there = set(inspect(tx.connection).get_table_names())
    if "processes" in there and any(now - one.heartbeat_at < _LIVES for one in processes(tx)):
        raise ServiceError("Tocsin runs on this database: stop all its processes, then restore")
    for name in _TELLING:
        rows = metadata.tables[name]
        if name in there and tx.execute(select(rows.c.id).where(rows.c.id != 0).limit(1)).first():
            raise UsageError(
                f"the database has {name} already: let DATABASE_URL name an empty one, or move this one away"
            )


def _clear(tx: Tx) -> None:
    """Tables of any version go: the backup brings those of its own."""
    there = set(inspect(tx.connection).get_table_names())
    cascade = "" if tx.sqlite else " CASCADE"
    for name in (*reversed(metadata.sorted_tables), "alembic_version"):
        if str(name) in there:
            tx.execute(text(f'DROP TABLE "{name}"{cascade}'))
    if not tx.sqlite:
        for name in ids.RESERVED:
            tx.execute(text(f"DROP SEQUENCE IF EXISTS {name}_ids"))


def _compare(tx: Tx, archive: Archive) -> None:
    """All tables of the schema are in the backup, and no others."""
    its = {content.name for content in archive.manifest.tables}
    there = {name for name in inspect(tx.connection).get_table_names() if kinds.kept(name)}
    for name in sorted(its ^ there):
        how = f"its schema has no table {name}" if name in its else f"it has no table {name}"
        raise archive.damaged(how)


def _fill(tx: Tx, archive: Archive, content: Content, tell: Tell) -> None:
    there = {one["name"]: one for one in inspect(tx.connection).get_columns(content.name)}
    if there.keys() != {name for name, _ in content.columns}:
        raise archive.damaged(f"{content.name} has other columns than in its schema")
    takes = [kinds.values(of, there[name]) for name, of in content.columns]
    into = table(content.name, *(column(name, kinds.TYPES[of]) for name, of in content.columns))
    tx.execute(delete(into))  # what migrations put there
    done = 0
    for part in archive.parts(content, takes):
        tx.many(insert(into), part)
        done = _on(content.name, done, len(part), tell)
    tell(content.name, done)


def _on(name: str, done: int, more: int, tell: Tell) -> int:
    """How many are done with these; it is told now and then."""
    if done // TOLD < (done + more) // TOLD:
        tell(name, done + more)
    return done + more


def _count_on(tx: Tx, archive: Archive) -> None:
    """New ids follow the last ones given out."""
    manifest = archive.manifest
    counted = _counted(tx)
    if not manifest.ids.keys() <= counted:
        raise archive.damaged("it counts the ids of what its schema has not")
    for name in sorted(counted):
        rows = table(name, column("id"))
        last = manifest.ids.get(name, 0)
        if last < (tx.execute(select(func.max(rows.c.id))).scalar_one() or 0):
            raise archive.damaged(f"{name} has ids that were not given out yet")
        if tx.sqlite:
            tx.execute(update(counters).where(counters.c.name == name).values(value=last))
        else:
            tx.execute(select(func.setval(f"{name}_ids", max(last, 1), last > 0)))


def _counted(tx: Tx) -> set[str]:
    """The tables whose ids this schema counts."""
    if tx.sqlite:
        return set(tx.execute(select(counters.c.name)).scalars())
    return {name.removesuffix("_ids") for name in inspect(tx.connection).get_sequence_names()}


def _index(tx: Tx, terms: Terms, tell: Tell) -> None:
    name, done = "article_index", 0
    for part in chunks(
        tx.execute(select(articles.c.id).order_by(articles.c.id.desc())).scalars().all(), _TEXTS
    ):
        search.put(tx, {one.id: terms(one) for one in texts(tx, part, beside=False)}, new=True)
        done = _on(name, done, len(part), tell)
    tell(name, done)
