"""Articles as the matcher reads them: many at once, with nothing that it does not ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from pipeline.core.model import About, Listing
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import article_feeds, articles, feeds


@dataclass(frozen=True, slots=True)
class Text:
    """The text of an article and what a count of matches needs."""

    id: int
    story_id: int
    title: str
    summary: str
    body: str
    language: str | None
    first_seen_at: datetime
    backlog: bool
    feed_id: int  # that listed it first
    about: About | None  # None where it was not asked for


_ids: BindParameter[list[int]] = bindparam("ids", expanding=True)
_TEXT = (
    articles.c.id,
    articles.c.story_id,
    articles.c.title,
    articles.c.summary,
    articles.c.body,
    articles.c.language,
    articles.c.first_seen_at,
    articles.c.backlog,
    articles.c.feed_id,
)
_BARE = select(*_TEXT).where(articles.c.id.in_(_ids)).order_by(articles.c.id.desc())
_WHOLE = (
    select(*_TEXT, articles.c.author, articles.c.url, articles.c.tags)
    .where(articles.c.id.in_(_ids))
    .order_by(articles.c.id.desc())
)
_LISTED = select(article_feeds).where(article_feeds.c.article_id.in_(_ids)).order_by(article_feeds.c.feed_id)


def texts(tx: Tx, ids: Sequence[int], *, beside: bool) -> Iterator[Text]:
    """The articles of ``ids`` (descending), the newest first; ``beside`` asks for what is beside the text."""
    listings = feed_listings(tx) if beside else {}
    for part in chunks(ids):
        if not beside:
            for row in tx.execute(_BARE, {"ids": part}):
                yield _text(row, None)
            continue
        listed: dict[int, list[Listing]] = {}
        for row in tx.execute(_LISTED, {"ids": part}):
            listed.setdefault(row.article_id, []).append(listings[row.feed_id])
        for row in tx.execute(_WHOLE, {"ids": part}):
            listed_by = tuple(listed.get(row.id, ()))
            about = About(author=row.author, url=row.url, tags=tuple(row.tags), feeds=listed_by)
            yield _text(row[: len(_TEXT)], about)


def _text(columns: Any, about: About | None) -> Text:  # noqa: ANN401  # a row, in the order of the fields
    return Text(*(*columns, about))


def feed_listings(tx: Tx) -> dict[int, Listing]:
    """Every feed that lists or listed articles, by id."""
    found = tx.execute(select(feeds.c.id, feeds.c.title, feeds.c.url, feeds.c.tags))
    return {row.id: Listing(id=row.id, title=row.title, url=row.url, tags=tuple(row.tags)) for row in found}
