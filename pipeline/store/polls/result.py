"""What polls brought, and what of it is to be ingested."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.model import Document, Feed, Piece, Response
from pipeline.core.poll import Verdict
from pipeline.core.wary import Heed


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """A poll that has ended: what came, as far as it came, and the verdict on it."""

    feed: Feed
    response: Response | None
    document: Document | None
    verdict: Verdict
    heed: Heed | None = None  # None: nothing was made of it
    pushed: bool = False  # a hub brought it

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What is new."""
        return () if self.document is None else self.document.pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a poll that counted left to be ingested; without new items, nothing."""

    feed_id: int
    item_ids: tuple[int, ...]
