"""Migrations: run by the program itself, one at a time, all or nothing.

Alembic is imported when there is something to migrate: it takes longer to
import than most commands take to run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

#: One file for each step, whose name begins with its number, which is its revision.
_STEPS = Path(__file__).parent / "migrations" / "versions"
#: Held while one process migrates; the number means nothing elsewhere.
_LOCK = 7_066_205


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to date, or up to ``revision``, within the transaction of ``connection``."""
    from alembic import command  # noqa: PLC0415

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    command.upgrade(config(connection), revision)


def is_current(connection: Connection) -> bool:
    """Whether every migration has run, and none that this version does not know."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(found) == [max(revisions())]


def revisions() -> set[str]:
    """Every revision that this version knows."""
    return {step.name.partition("_")[0] for step in _STEPS.glob("[0-9]*.py")}


def config(connection: Connection) -> Config:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config  # noqa: PLC0415

    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made
