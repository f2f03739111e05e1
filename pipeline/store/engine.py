"""Transactions on SQLite or PostgreSQL, and the retries that keep their locks to themselves."""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from pipeline.core.errors import ConfigError, ServiceError
from pipeline.store import schema

T = TypeVar("T")

#: A write that meets another's locks is run this often in all.
ATTEMPTS = 8
_BUSY_TIMEOUT_MS = 30_000
#: PostgreSQL's codes: serialization, deadlock, lock not available; rows that another inserted or deleted.
_PASSING = frozenset({"40001", "40P01", "55P03", "23505", "23503"})
_UNMIGRATED = "the database has no tables, or those of another version: run `./run migrate`"


class ConflictError(Exception):
    """Another transaction wrote first what this one was about to write; it must be run again."""


class StaleError(Exception):
    """What the caller's work rests on has changed since it was loaded; it must be loaded and done again."""


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction, as every function of the store takes it."""

    connection: Connection
    sqlite: bool

    def execute(
        self, statement: Executable, params: Mapping[str, Any] | list[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a Core statement; a list of parameters runs it for each."""
        return self.connection.execute(statement, params)

    def many(self, statement: Executable, rows: Iterable[dict[str, Any]]) -> None:
        """Run ``statement`` for each of ``rows``; none at all is fine."""
        listed = list(rows)
        if listed:
            self.connection.execute(statement, listed)


class Store:
    """The database; threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._writing = engine.execution_options(writing=True)
        # One moment for all statements of a read: what it counts adds up.
        self._reading = (
            engine
            if self.sqlite
            else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        # SQLite has one writer at a time: threads of one process queue here instead of polling its lock.
        self._turn = threading.RLock() if self.sqlite else nullcontext()

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A write transaction: committed at the end of the block, rolled back when it raises.

        Raises:
            ServiceError: the database cannot be reached, stays busy, or is not migrated.

        """
        try:
            with self._turn, self._writing.begin() as connection:
                yield Tx(connection, self.sqlite)
        except DBAPIError as exc:
            raise _named(exc) from exc

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A read transaction: it sees one moment of the database, and waits for no writer.

        Raises:
            ServiceError: the database cannot be reached, or is not migrated.

        """
        try:
            with self._reading.connect() as connection:
                yield Tx(connection, self.sqlite)
        except DBAPIError as exc:
            raise _named(exc) from exc

    def write(self, fn: Callable[[Tx], T]) -> T:
        """What ``fn`` returns, run in a write transaction, as often as others' locks make it necessary.

        Raises:
            ServiceError: the database cannot be reached, stays busy, or is not migrated.

        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._turn, self._writing.begin() as connection:
                    return fn(Tx(connection, self.sqlite))
            except ConflictError as exc:
                if attempt == ATTEMPTS:
                    raise ServiceError("the database stayed busy with others' writes") from exc
            except DBAPIError as exc:
                if attempt == ATTEMPTS or not _passes(exc):
                    raise _named(exc) from exc
            time.sleep(random.uniform(0.2, 1.0) * min(0.01 * 2**attempt, 0.5))  # noqa: S311 - spreads retries
        raise AssertionError("unreachable")

    def migrate(self) -> None:
        """Bring the tables up to date; several processes may try at once."""
        with self.rebuild() as tx:
            schema.upgrade(tx.connection)

    @contextmanager
    def rebuild(self) -> Iterator[Tx]:
        """A write transaction that may change tables; on SQLite references are not checked meanwhile.

        Raises:
            ServiceError: the database cannot be reached, or stays busy.

        """
        if self.sqlite:
            self._use_wal()
        try:
            with (
                self._turn,
                self._writing.connect() as connection,
                self._without_foreign_keys(connection),
                connection.begin(),
            ):
                yield Tx(connection, self.sqlite)
        except DBAPIError as exc:
            raise _named(exc) from exc

    def is_current(self) -> bool:
        """Whether the tables are those of this version."""
        with self.read() as tx:
            return schema.is_current(tx.connection)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _without_foreign_keys(self, connection: Connection) -> Iterator[None]:
        """SQLite changes a table's keys by making it anew, which those that refer to it must not see."""
        if not self.sqlite:
            yield
            return
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            cursor.execute("PRAGMA foreign_keys = ON")

    def _use_wal(self) -> None:
        """Let readers and the writer go side by side; the switch waits for no lock by itself."""
        deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
            except (DBAPIError, sqlite3.OperationalError) as exc:
                if time.monotonic() > deadline:
                    raise ServiceError(f"the database cannot be opened: {exc}") from exc
                time.sleep(0.05)
            else:
                return


def open(url: str) -> Store:  # noqa: A001 - read as engine.open
    """The store at a SQLAlchemy URL; nothing is connected before it is used.

    Raises:
        ConfigError: the URL cannot be read, or names a database that is not supported.

    """
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
    except ArgumentError as exc:
        raise ConfigError(["DATABASE_URL is not a database URL"]) from exc
    if name == "sqlite":
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000}, max_overflow=20
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif name == "postgresql":
        # Its warning on a batch that another transaction crossed comes beside the error, which is handled.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            max_overflow=20,
        )
    else:
        raise ConfigError([f"DATABASE_URL names {name}; only sqlite and postgresql are supported"])
    return Store(engine)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Take the driver's hands off transactions, and set what SQLite forgets between connections."""
    connection.isolation_level = None
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "temp_store = MEMORY", "cache_size = -16384"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that writes takes the lock at once: one that upgrades later may fail without waiting."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _passes(exc: DBAPIError) -> bool:
    """Whether the error comes from others' transactions, so that another try may succeed."""
    if isinstance(exc.orig, sqlite3.Error):
        return getattr(exc.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return getattr(exc.orig, "sqlstate", None) in _PASSING


def _named(exc: DBAPIError) -> Exception:
    """The error as a user can act on it, where the database itself is the matter."""
    line = " ".join(str(exc.orig).split())
    if isinstance(exc, ProgrammingError | OperationalError) and (
        "no such table" in line
        or "no such column" in line
        or getattr(exc.orig, "sqlstate", "") in {"42P01", "42703"}
    ):
        return ServiceError(_UNMIGRATED)
    if isinstance(exc, OperationalError) or exc.connection_invalidated:
        return ServiceError(f"the database cannot be used: {line}")
    return exc
