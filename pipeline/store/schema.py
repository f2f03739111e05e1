"""Migrations: run by the program itself, one at a time, all or nothing."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

#: Held while one process migrates; the number means nothing elsewhere.
_LOCK = 7_066_205


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date within the transaction of ``connection``."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    command.upgrade(config(connection), "head")


def is_current(connection: Connection) -> bool:
    """Whether every migration has run, and none that this version does not know."""
    heads = ScriptDirectory.from_config(config(connection)).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def config(connection: Connection) -> Config:
    """Alembic's configuration, without a file of its own."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made
