"""How the house itself is kept: ids, versions and living processes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from pipeline.store.tables.columns import metadata, moment
from pipeline.store.types import Id

#: SQLite's id counters; PostgreSQL has a sequence ``<table>_ids`` for each.
counters = Table(
    "counters", metadata, Column("name", Text, primary_key=True), Column("value", Id, nullable=False)
)

meta = Table(
    "meta", metadata, Column("key", Text, primary_key=True), Column("value", BigInteger, nullable=False)
)

#: What was made once and must stay the same: the web's session key and the hash of its password.
keepsakes = Table(
    "keepsakes", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False)
)

processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    moment("started_at"),
    moment("heartbeat_at"),
)
