"""Dead letters: what failed for good, by stage, with its cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """What failed: a raw item (``ingest``), a page (``page``) or a delivery (``deliver``)."""

    id: int
    stage: str
    ref_id: int
    feed_id: int | None
    cause: str
    created_at: datetime
    state: str  # open, replayed, or expired with what it names


def rows(
    tx: Tx, *, stage: str | None = None, state: str | None = "open", limit: int | None = None
) -> list[DeadLetter]:
    """Dead letters, the newest first."""
    raise NotImplementedError


def get(tx: Tx, id: int) -> DeadLetter:
    """One dead letter.

    Raises:
        NotFoundError: there is none.

    """
    raise NotImplementedError


def mark(tx: Tx, id: int, state: str) -> None:
    """Set the state of one dead letter."""
    raise NotImplementedError
