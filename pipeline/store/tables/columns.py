"""What columns are made of, so that the tables read as lists of names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from pipeline.store.types import Id, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def id_column() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=False)


def reference(name: str, target: str, *, null: bool = False, gone: str | None = None) -> Column[int]:
    """A reference; ``gone`` says what happens when its target is deleted."""
    return Column(name, Id, ForeignKey(f"{target}.id", ondelete=gone), nullable=null)


def count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def words(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text(f"'{default}'"))


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def moment(name: str) -> Column[datetime]:
    return Column(name, Moment, nullable=False)


def maybe(name: str) -> Column[datetime]:
    return Column(name, Moment)


def unique(table: Table, *columns: str, where: str) -> Index:
    """Unique among the rows that ``where`` names."""
    parts = [table.c[name] for name in columns]
    return Index(None, *parts, unique=True, sqlite_where=text(where), postgresql_where=text(where))


def index(table: Table, *columns: str, where: str | None = None) -> Index:
    parts = [table.c[name] for name in columns]
    if where is None:
        return Index(None, *parts)
    return Index(None, *parts, sqlite_where=text(where), postgresql_where=text(where))
