"""What sites' robots.txt say to us, by origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from pipeline.store.engine import Tx
from pipeline.store.sql import insert
from pipeline.store.tables import robots

#: What has expired for so long is forgotten.
_FORGOTTEN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRow:
    """One origin's file: ``read``, ``none`` (all may be asked for) or ``unreachable``."""

    origin: str
    state: str
    lines: str  # of the group that is meant for us; of the last good answer where it is unreachable
    fetched_at: datetime
    expires_at: datetime
    failures: int  # to reach it, in a row


def find(tx: Tx, origin: str) -> RobotsRow | None:
    """What is known of an origin, expired or not."""
    row = tx.execute(select(robots).where(robots.c.origin == origin)).first()
    return None if row is None else RobotsRow(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy


def keep(tx: Tx, row: RobotsRow) -> None:
    """Keep what an origin says; origins that nobody asked for a month are forgotten."""
    values = {name: getattr(row, name) for name in RobotsRow.__dataclass_fields__}
    statement = insert(tx.sqlite, robots)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[robots.c.origin],
            set_={name: statement.excluded[name] for name in values if name != "origin"},
        ),
        values,
    )
    tx.execute(delete(robots).where(robots.c.expires_at < row.expires_at - _FORGOTTEN))
