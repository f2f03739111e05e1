"""Retention: what is old is forgotten, a small batch at a time."""

from __future__ import annotations

from datetime import datetime

from pipeline.store.engine import Tx


def purge(tx: Tx, *, now: datetime, raw_days: int, poll_days: int, article_days: int, batch: int) -> int:
    """Forget up to ``batch`` rows of each kind; how many went, 0 when nothing old is left.

    ``article_days`` 0 keeps articles for ever.  Identities of entries are kept always.
    """
    raise NotImplementedError
