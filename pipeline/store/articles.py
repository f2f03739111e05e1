"""Articles: looked up, saved with their versions and index terms, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.dedupe import Decision, Known
from pipeline.core.model import Parsed
from pipeline.store.engine import Tx
from pipeline.store.pages import FetchedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A decision, with what the store needs beside it."""

    decision: Decision
    terms: frozenset[str]  # what the full-text index keeps
    backlog: bool
    page_due_at: datetime | None  # when to fetch the page; None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of the plan at the same index."""

    article_id: int
    story_id: int  # 0 when the article is gone
    revision_id: int | None  # the version with the plan's text, when it is not the current one
    new: bool
    same_feed: bool  # a duplicate of an article that its feed had listed already


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """An article whose text its page has replaced."""

    article_id: int
    story_id: int
    backlog: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRef:
    """A feed that lists an article."""

    id: int
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article as people and programs read it."""

    id: int
    url: str
    title: str
    summary: str
    body: str
    html: str  # sanitised; "" in lists
    author: str
    language: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    first_seen_at: datetime
    updated_at: datetime
    story_id: int
    backlog: bool
    page_state: str | None
    feeds: tuple[FeedRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """A version of an article that is not the current one."""

    id: int
    at: datetime
    reason: str
    title: str
    summary: str
    body: str


def known(tx: Tx, parsed: Sequence[Parsed], *, story_since: datetime) -> Known:
    """What is kept of the entries, articles and stories that ``parsed`` touches, locked until the end."""
    raise NotImplementedError


def save(tx: Tx, plans: Sequence[Plan], *, now: datetime) -> list[Saved]:
    """Write what was decided, with versions, index, stories and pages; one result for each plan."""
    raise NotImplementedError


def apply_page(
    tx: Tx, page: FetchedPage, *, body: str, language: str | None, terms: frozenset[str], now: datetime
) -> Revised:
    """Make the page's text the article's body and close the page; the old text becomes a version."""
    raise NotImplementedError


def row(tx: Tx, id: int) -> ArticleRow:
    """One article, with its HTML.

    Raises:
        NotFoundError: there is none.

    """
    raise NotImplementedError


def rows(
    tx: Tx,
    *,
    ids: Sequence[int] | None = None,
    feed_id: int | None = None,
    story_id: int | None = None,
    limit: int | None = None,
    before_id: int | None = None,
) -> list[ArticleRow]:
    """Articles, the newest first; with ``ids`` those, in that order."""
    raise NotImplementedError


def revisions(tx: Tx, article_id: int) -> list[RevisionRow]:
    """The other versions of an article, the oldest first."""
    raise NotImplementedError
