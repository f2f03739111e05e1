"""Pages: the articles' own addresses, fetched for their full text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """A page that this caller is to fetch; ``attempts`` includes this one."""

    id: int
    article_id: int
    url: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """How a fetch ended: ``fetched`` with a body, ``due`` again at ``due_at``, or ``skipped`` for good."""

    page_id: int
    state: str
    status: int | None = None
    content_type: str = ""
    url: str = ""  # after redirects; "" leaves it
    body: bytes = b""
    error: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """The current text of an article."""

    id: int
    story_id: int
    title: str
    summary: str
    body: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """A page to take the text from; ``job_attempts`` includes this one."""

    id: int
    url: str
    content_type: str
    body: bytes
    job_attempts: int
    article: ArticleText


def claim(tx: Tx, *, now: datetime, limit: int, lease_s: float, at_once: int, gap_s: float) -> list[DuePage]:
    """Due pages, one for each host, while fewer than ``at_once`` of a host are being fetched.

    A host is asked again ``gap_s`` seconds later at the earliest.
    """
    raise NotImplementedError


def commit(tx: Tx, results: Sequence[PageResult], now: datetime) -> None:
    """Keep what fetches brought; fetched pages count as enqueued."""
    raise NotImplementedError


def take(
    tx: Tx, ids: Sequence[int], *, now: datetime, lease_s: float, replay: bool = False
) -> list[FetchedPage]:
    """Those of ``ids`` that are fetched and in nobody's hands, with this attempt counted."""
    raise NotImplementedError


def skip(tx: Tx, id: int, *, cause: str, now: datetime) -> None:
    """Close a page that gives no text; the article keeps its feed's."""
    raise NotImplementedError


def release(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Give pages back before their lease ends, to be enqueued by the caller."""
    raise NotImplementedError


def bury(tx: Tx, id: int, *, cause: str, now: datetime) -> None:
    """Close a page as dead, with a dead letter that names the cause."""
    raise NotImplementedError


def lost(tx: Tx, *, now: datetime, lease_s: float, enqueued_before: datetime, limit: int) -> list[int]:
    """Fetched pages without a live lease, enqueued before ``enqueued_before`` and over ``lease_s`` ago."""
    raise NotImplementedError


def requeued(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Note that pages were enqueued again."""
    raise NotImplementedError
