"""Notices to the operator: each cause is told once while it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice."""

    id: int
    cause: str
    subject: str
    text: str
    created_at: datetime
    resolved_at: datetime | None


def open(  # noqa: A001 - read as notices.open
    tx: Tx, *, cause: str, subject: str, text: str, channel_id: int | None, now: datetime
) -> int | None:
    """Open a notice, with a delivery where there is a channel; None when the cause is open already."""
    raise NotImplementedError


def resolve(tx: Tx, cause: str, now: datetime) -> None:
    """The cause has ended; when it comes back, it is told again."""
    raise NotImplementedError


def open_causes(tx: Tx) -> set[str]:
    """Causes that last."""
    raise NotImplementedError


def rows(tx: Tx, *, limit: int | None = None) -> list[NoticeRow]:
    """Notices, the newest first."""
    raise NotImplementedError
