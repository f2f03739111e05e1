"""Articles as people and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from pipeline.core.canary import HOUSE
from pipeline.core.errors import NotFoundError
from pipeline.core.model import About, Listing
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import article_feeds, articles, feeds, pages
from pipeline.store.tables import languages as languages_table
from pipeline.store.tables import revisions as revisions_table


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article, with the feeds that list it, the first one first."""

    id: int
    url: str  # "" when it has none
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
    page_state: str | None  # of its page; None when none was asked for
    feeds: tuple[Listing, ...]

    @property
    def about(self) -> About:
        """What queries may ask of it beside its text."""
        return About(author=self.author, url=self.url, tags=self.tags, feeds=self.feeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """A version of an article that is not the current one."""

    id: int
    at: datetime
    reason: str  # update, variant or page
    title: str
    summary: str
    body: str


_LISTED = (
    select(
        articles.c.id,
        articles.c.url,
        articles.c.title,
        articles.c.summary,
        articles.c.body,
        articles.c.author,
        articles.c.language,
        articles.c.tags,
        articles.c.published_at,
        articles.c.first_seen_at,
        articles.c.updated_at,
        articles.c.feed_id,
        articles.c.story_id,
        articles.c.backlog,
        pages.c.state.label("page_state"),
    )
    .outerjoin(pages, pages.c.article_id == articles.c.id)
    .where(articles.c.feed_id != HOUSE)
)


def row(tx: Tx, article_id: int) -> ArticleRow:
    """One article, with its HTML.

    Raises:
        NotFoundError: there is none.

    """
    found = tx.execute(_LISTED.add_columns(articles.c.html).where(articles.c.id == article_id)).first()
    if found is None:
        raise NotFoundError(f"there is no article {article_id}")
    return _rows(tx, [found], html=found.html)[0]


def by_url(tx: Tx, url_key: bytes | None) -> ArticleRow | None:
    """The article of an address, by the key of its canonical form; None where there is none."""
    found = tx.execute(_LISTED.where(articles.c.url_key == url_key)).all() if url_key else []
    return _rows(tx, found)[0] if found else None


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
    if ids is not None:
        found = {
            row.id: row for part in chunks(ids) for row in tx.execute(_LISTED.where(articles.c.id.in_(part)))
        }
        return _rows(tx, [found[id_] for id_ in ids if id_ in found])
    statement = _LISTED.order_by(articles.c.id.desc()).limit(limit)
    if feed_id is not None:
        listed = select(article_feeds.c.article_id).where(article_feeds.c.feed_id == feed_id)
        statement = statement.where(articles.c.id.in_(listed))
    if story_id is not None:
        statement = statement.where(articles.c.story_id == story_id)
    if before_id is not None:
        statement = statement.where(articles.c.id < before_id)
    return _rows(tx, tx.execute(statement).all())


def revisions(tx: Tx, article_id: int) -> list[RevisionRow]:
    """The other versions of an article, the oldest first."""
    columns = [revisions_table.c[name] for name in RevisionRow.__dataclass_fields__]
    found = tx.execute(
        select(*columns).where(revisions_table.c.article_id == article_id).order_by(revisions_table.c.id)
    )
    return [RevisionRow(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy


def languages(tx: Tx) -> set[str | None]:
    """Every language that an article was ever in; None where one's was unknown."""
    return {language or None for language in tx.execute(select(languages_table.c.language)).scalars()}


def _rows(tx: Tx, found: Sequence[Row[Any]], *, html: str = "") -> list[ArticleRow]:
    refs = _feeds(tx, found)
    return [
        ArticleRow(
            id=row.id,
            url=row.url,
            title=row.title,
            summary=row.summary,
            body=row.body,
            html=html,
            author=row.author,
            language=row.language,
            tags=tuple(row.tags),
            published_at=row.published_at,
            first_seen_at=row.first_seen_at,
            updated_at=row.updated_at,
            story_id=row.story_id,
            backlog=row.backlog,
            page_state=row.page_state,
            feeds=tuple(refs.get(row.id, ())),
        )
        for row in found
    ]


def _feeds(tx: Tx, found: Sequence[Row[Any]]) -> dict[int, list[Listing]]:
    first = {row.id: row.feed_id for row in found}
    refs: dict[int, list[Listing]] = {}
    for part in chunks(list(first)):
        listed = tx.execute(
            select(article_feeds.c.article_id, feeds.c.id, feeds.c.title, feeds.c.url, feeds.c.tags)
            .join(feeds, feeds.c.id == article_feeds.c.feed_id)
            .where(article_feeds.c.article_id.in_(part))
            .order_by(feeds.c.id)
        )
        for row in listed:
            ref = Listing(id=row.id, title=row.title, url=row.url, tags=tuple(row.tags))
            refs.setdefault(row.article_id, []).append(ref)
    for article_id, known in refs.items():
        known.sort(key=lambda ref: ref.id != first[article_id])
    return refs
