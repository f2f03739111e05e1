"""How many bytes the rows that live take, which is not what the files take: a file keeps its holes."""

from __future__ import annotations

from sqlalchemy import text

from pipeline.store.engine import Tx
from pipeline.store.tables import metadata

#: Rows of a table that are weighed.
_SAMPLE = 500
#: What PostgreSQL keeps beside a row's columns.
_ROW_HEADER = 28
_LIVING = text(
    """
    SELECT c.relname AS name, s.n_live_tup AS living,
        pg_indexes_size(c.oid)::float8 / greatest(pg_table_size(c.oid), 1) AS indexes
    FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND s.n_live_tup > 0
    """
)


def used(tx: Tx) -> int:
    """Bytes that living rows take, indexes included.

    SQLite counts its pages.  PostgreSQL does not know: a sample of each table is
    weighed, times the rows that its statistics count as living, times what its
    indexes take beside it.
    """
    if tx.sqlite:
        pages, free, size = (
            tx.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)
    return sum(
        int(row.living * _weight(tx, row.name, row.living) * (1 + row.indexes))
        for row in tx.execute(_LIVING).all()
        if row.name in metadata.tables
    )


def count_at_once(tx: Tx) -> None:
    """Let the statistics know of this transaction when it is committed; PostgreSQL would take its time."""
    if not tx.sqlite:
        tx.execute(text("SELECT pg_stat_force_next_flush()"))


def _weight(tx: Tx, table: str, living: int) -> float:
    """The mean bytes of a row, as it is stored."""
    columns = " + ".join(
        f'coalesce(pg_column_size("{one.name}"), 0)' for one in metadata.tables[table].columns
    )
    percent = min(100.0, 100.0 * _SAMPLE / living)
    sampled = f"SELECT avg({columns}) FROM {table} TABLESAMPLE SYSTEM ({percent:.6f})"  # noqa: S608 - our names
    return float(tx.execute(text(sampled)).scalar_one() or 0) + _ROW_HEADER
