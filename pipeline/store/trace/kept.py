"""What was kept of an address: its article, story and event."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from pipeline.core.trace import ArticleFact, CopyFact, PageFact, StoryFact
from pipeline.store.articles import ArticleRow, revisions
from pipeline.store.engine import Tx
from pipeline.store.tables import articles, feeds, pages, stories, story_links

_COPIES = 20


def article(tx: Tx, row: ArticleRow) -> ArticleFact:
    """The article with why it is in its story, its versions and its page."""
    why = tx.execute(
        select(articles.c.story_reason, articles.c.similarity).where(articles.c.id == row.id)
    ).one()
    return ArticleFact(
        id=row.id,
        url=row.url,
        title=row.title,
        feeds=tuple(one.title or one.url for one in row.feeds),
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        backlog=row.backlog,
        versions=tuple(one.reason for one in revisions(tx, row.id)),
        story_id=row.story_id,
        story_reason=why.story_reason,
        similarity=why.similarity,
        page=_page(tx, row.id),
    )


def story(tx: Tx, one: ArticleFact) -> StoryFact:
    """The article's story, without the article itself."""
    row = tx.execute(select(stories).where(stories.c.id == one.story_id)).one()
    told = select(func.count()).select_from(stories).where(stories.c.event_id == row.event_id)
    return StoryFact(
        id=row.id,
        article_count=row.article_count,
        source_count=row.source_count,
        copies=_copies(tx, one),
        links=_links(tx, row.id),
        event_id=row.event_id,
        event_stories=tx.execute(told).scalar_one(),
    )


def _page(tx: Tx, article_id: int) -> PageFact | None:
    columns = [pages.c[name] for name in PageFact.__dataclass_fields__]
    row = tx.execute(select(*columns).where(pages.c.article_id == article_id)).first()
    return None if row is None else PageFact(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy


def _copies(tx: Tx, one: ArticleFact) -> tuple[CopyFact, ...]:
    found = tx.execute(
        select(
            articles.c.id,
            articles.c.url,
            articles.c.first_seen_at,
            articles.c.story_reason,
            articles.c.similarity,
            feeds.c.title.label("feed_title"),
            feeds.c.url.label("feed_url"),
        )
        .join(feeds, feeds.c.id == articles.c.feed_id)
        .where(articles.c.story_id == one.story_id, articles.c.id != one.id)
        .order_by(articles.c.id)
        .limit(_COPIES)
    )
    return tuple(
        CopyFact(
            article_id=row.id,
            url=row.url,
            feed=row.feed_title or row.feed_url,
            first_seen_at=row.first_seen_at,
            story_reason=row.story_reason,
            similarity=row.similarity,
        )
        for row in found
    )


def _links(tx: Tx, story_id: int) -> tuple[tuple[int, float], ...]:
    here = or_(story_links.c.story_id == story_id, story_links.c.other_id == story_id)
    found = tx.execute(select(story_links).where(here).order_by(story_links.c.at))
    return tuple(
        (row.other_id if row.story_id == story_id else row.story_id, row.similarity) for row in found
    )
