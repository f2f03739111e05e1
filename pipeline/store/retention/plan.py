"""What is forgotten, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.store.articles import events
from pipeline.store.engine import Tx
from pipeline.store.retention.articles import articles_but
from pipeline.store.retention.items import BODIES, DEAD_ITEMS, ITEMS, POLLS
from pipeline.store.retention.keys import Keys, Tellings
from pipeline.store.retention.records import ACTIONS, DEAD_LETTERS, NOTICES, REVISIONS

#: Nothing younger is forgotten for its size.
FLOOR = timedelta(days=1)


class Forgotten(Protocol):
    """A kind of rows: found in one transaction, forgotten in another."""

    @property
    def name(self) -> str: ...

    def find(
        self, tx: Tx, before: datetime, batch: int, after: datetime | None
    ) -> list[tuple[int, datetime]]: ...

    def forget(self, tx: Tx, ids: Sequence[int], before: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long things are kept, in days; articles, revisions and the audit for ever where it is 0."""

    raw_days: int
    poll_days: int
    article_days: int
    revision_days: int = 0
    audit_days: int = 0  # actions, closed notices, closed dead letters
    story_window_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of rows, and how old they must be to go."""

    kind: Forgotten
    before: datetime


def by_age(keep: Keep, now: datetime) -> Iterator[Step]:
    """What is older than it is kept.

    Raw items that died stay as long as polls do, and polls as long as their raw
    items; identities of entries are kept always.
    """
    raw_before = now - timedelta(days=keep.raw_days)
    poll_before = now - timedelta(days=max(keep.raw_days, keep.poll_days))
    yield Step(ITEMS, raw_before)
    yield Step(DEAD_ITEMS, poll_before)
    yield Step(BODIES, raw_before)
    yield Step(POLLS, poll_before)
    yield Step(Keys(), now - timedelta(seconds=keep.story_window_s))
    yield Step(Tellings(), now - events.WINDOW)
    if keep.revision_days:
        yield Step(REVISIONS, now - timedelta(days=keep.revision_days))
    if keep.audit_days:
        for kind in (ACTIONS, NOTICES, DEAD_LETTERS):
            yield Step(kind, now - timedelta(days=keep.audit_days))
    if keep.article_days:
        yield Step(articles_but(_open_since(keep, now)), now - timedelta(days=keep.article_days))


def by_size(keep: Keep, now: datetime) -> Iterator[Step]:
    """What goes first when all together is too much: evidence, then history, and articles last."""
    for kind in (ITEMS, BODIES, POLLS, REVISIONS, articles_but(_open_since(keep, now))):
        yield Step(kind, now - FLOOR)


def _open_since(keep: Keep, now: datetime) -> datetime:
    """A story that was told last before this moment is over, for its copies and for its event."""
    return now - max(timedelta(seconds=keep.story_window_s), events.WINDOW)
