"""The full-text index over our own analyser's terms: one way in on both databases."""

from __future__ import annotations

from datetime import datetime

from pipeline.core.query import Narrow
from pipeline.store.engine import Tx


def candidates(
    tx: Tx, narrow: Narrow, *, limit: int, before_id: int | None = None, since: datetime | None = None
) -> list[int]:
    """Ids of articles that may match, the newest first; the matcher decides.

    ``before_id`` goes on from the last id of an earlier call; ``since`` is the
    earliest first-seen time.
    """
    raise NotImplementedError
