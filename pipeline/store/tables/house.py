"""How the house itself is kept: ids, versions, living processes, and how long its stages take."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, Table, Text

from pipeline.store.tables.columns import metadata, moment
from pipeline.store.types import Id, Moment

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

#: How long stages took, counted by minute and bucket.  Each process counts in a lane of its own,
#: so that none waits for another; old minutes are folded into one row of the epoch.
latencies = Table(
    "latencies",
    metadata,
    Column("minute", Moment, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("up_to_ms", BigInteger, primary_key=True, autoincrement=False),  # the bucket's upper end
    Column("lane", Integer, primary_key=True, autoincrement=False),
    Column("samples", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    sqlite_with_rowid=False,
)
