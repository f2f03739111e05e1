"""Processes that live, as they themselves say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from pipeline.store.engine import Tx
from pipeline.store.sql import insert
from pipeline.store.tables import processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process; ``id`` is unique among all that run."""

    id: str
    kind: str
    pid: int
    host: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """A process and when it last said that it lives."""

    id: str
    kind: str
    pid: int
    host: str
    started_at: datetime
    heartbeat_at: datetime


_FORGOTTEN = timedelta(days=1)


def beat(tx: Tx, process: Process, now: datetime) -> None:
    """Say that ``process`` lives; those silent for a day are forgotten."""
    row = {
        "id": process.id,
        "kind": process.kind,
        "pid": process.pid,
        "host": process.host,
        "started_at": process.started_at,
        "heartbeat_at": now,
    }
    statement = insert(tx.sqlite, processes)
    tx.execute(statement.on_conflict_do_update(index_elements=[processes.c.id], set_=row), row)
    tx.execute(delete(processes).where(processes.c.heartbeat_at < now - _FORGOTTEN))


def leave(tx: Tx, process_id: str) -> None:
    """Say that a process has ended."""
    tx.execute(delete(processes).where(processes.c.id == process_id))


def rows(tx: Tx) -> list[ProcessRow]:
    """Processes, by kind and start."""
    found = tx.execute(select(processes).order_by(processes.c.kind, processes.c.started_at))
    return [ProcessRow(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy
