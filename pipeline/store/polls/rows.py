"""Polls as operators see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pipeline.store.engine import Tx
from pipeline.store.tables import polls


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRow:
    """A poll as operators see it."""

    id: int
    feed_id: int
    seq: int
    at: datetime
    pushed: bool
    outcome: str
    status: int | None
    bytes: int
    elapsed_ms: int
    seen: int
    new: int
    known: int
    rejected: int
    error: str


def rows(tx: Tx, *, feed_id: int | None = None, limit: int = 50) -> list[PollRow]:
    """The newest polls."""
    columns = [polls.c[name] for name in PollRow.__dataclass_fields__]
    statement = select(*columns).order_by(polls.c.id.desc()).limit(limit)
    if feed_id is not None:
        statement = statement.where(polls.c.feed_id == feed_id)
    return [PollRow(**row._mapping) for row in tx.execute(statement)]  # noqa: SLF001 - SQLAlchemy's public name
