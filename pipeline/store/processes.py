"""Processes that live, as they themselves say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.store.engine import Tx


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


def beat(tx: Tx, process: Process, now: datetime) -> None:
    """Say that ``process`` lives; those silent for a day are forgotten."""
    raise NotImplementedError


def leave(tx: Tx, id: str) -> None:
    """Say that a process has ended."""
    raise NotImplementedError


def rows(tx: Tx) -> list[ProcessRow]:
    """Processes, by kind and start."""
    raise NotImplementedError
