"""What SQLAlchemy leaves to say about both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.store.engine import Tx

T = TypeVar("T")

#: Values in one list of a statement; more would not fit every database's limit on parameters.
CHUNK = 500


def word(text: str) -> ColumnElement[str]:
    """A constant of ours inside the statement: only so do the indexes over some rows serve it."""
    return literal_column(f"'{text}'")


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """``values`` in order, at most ``size`` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def insert(on_sqlite: bool, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say what happens to rows that are there already.

    Making one is slow: those that run often are made once for each database.
    """
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


def insert_missing(tx: Tx, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet."""
    tx.many(_missing(table, tx.sqlite), rows)


@cache
def _missing(table: Table, on_sqlite: bool) -> Executable:
    return insert(on_sqlite, table).on_conflict_do_nothing()


def number(ref: str) -> int | None:
    """The id that a user may have meant, if ``ref`` is a number that can be one."""
    return int(ref) if ref.isascii() and ref.isdigit() and len(ref) <= 15 else None
