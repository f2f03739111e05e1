"""What a replay reads: raw items and articles of a span, in chunks, and the alerts that exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, func, or_, select, tuple_

from pipeline.core.canary import HOUSE
from pipeline.core.model import Parsed
from pipeline.core.replay import StoredArticle, Version
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import (
    alerts,
    article_feeds,
    articles,
    entries,
    raw_items,
    revisions,
    subscriptions,
)

_keys: BindParameter[Any] = bindparam("keys", expanding=True)
_ENTRIES = select(entries.c.feed_id, entries.c.key, entries.c.article_id, entries.c.first_seen_at).where(
    tuple_(entries.c.feed_id, entries.c.key).in_(_keys)
)
_BY_URL = select(articles.c.url_key, articles.c.id).where(articles.c.url_key.in_(_keys))
_ARTICLES = select(articles).where(articles.c.id.in_(_keys))
_REVISIONS = (
    select(
        revisions.c.id,
        revisions.c.article_id,
        revisions.c.reason,
        revisions.c.raw_item_id,
        revisions.c.title,
        revisions.c.summary,
        revisions.c.body,
    )
    .where(revisions.c.article_id.in_(_keys))
    .order_by(revisions.c.id)
)
_RUNG = select(alerts.c.id, alerts.c.subscription_id, alerts.c.story_id, alerts.c.article_id).where(
    tuple_(alerts.c.subscription_id, alerts.c.story_id).in_(_keys)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From ``since`` on and before ``until``; of one feed where one is named."""

    since: datetime
    until: datetime
    feed_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much there is to go through, and the lowest ids in it."""

    items: int
    articles: int
    first_article: int
    first_alert: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """Where an entry led, and when it was first seen."""

    article_id: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is stored of all that a chunk of items holds; entries whose article is purged lead to none."""

    entries: Mapping[tuple[int, bytes], KnownEntry]
    by_url: Mapping[bytes, int]
    articles: Mapping[int, StoredArticle]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An alert that the span's articles have, by what it was made of."""

    id: int
    subscription_id: int
    subscription: str
    story_id: int
    article_id: int
    url: str
    title: str
    words: tuple[str, ...]


def sizes(tx: Tx, span: Span) -> Sizes:
    """How much the span holds."""
    stored = tx.execute(
        select(func.count(), func.min(articles.c.id)).select_from(articles).where(*_articles(span))
    ).one()
    listed = select(func.min(alerts.c.id)).join(articles, articles.c.id == alerts.c.article_id)
    count, first = tuple(stored)
    return Sizes(
        items=tx.execute(select(func.count()).select_from(raw_items).where(*_items(span))).scalar_one(),
        articles=count,
        first_article=first or 0,
        first_alert=tx.execute(listed.where(*_articles(span))).scalar_one() or 0,
    )


def items(tx: Tx, span: Span, *, after: int, limit: int) -> list[int]:
    """Ids of raw items that were ingested or given up, from ``after`` on."""
    statement = select(raw_items.c.id).where(*_items(span), raw_items.c.id > after)
    return list(tx.execute(statement.order_by(raw_items.c.id).limit(limit)).scalars())


def held(tx: Tx, parsed: Sequence[Parsed]) -> Held:
    """What is stored of all that ``parsed`` holds."""
    listed = [(one.item.feed_id, entry) for one in parsed for entry in one.entries]
    known = {
        (row.feed_id, row.key): KnownEntry(article_id=row.article_id, first_seen_at=row.first_seen_at)
        for part in chunks(sorted({(feed_id, entry.key) for feed_id, entry in listed}))
        for row in tx.execute(_ENTRIES, {"keys": part})
    }
    urls = sorted({entry.url_key for _, entry in listed if entry.url_key is not None})
    by_url = {row.url_key: row.id for part in chunks(urls) for row in tx.execute(_BY_URL, {"keys": part})}
    ids = {one.article_id for one in known.values()} | set(by_url.values())
    return Held(entries=known, by_url=by_url, articles=stored(tx, sorted(ids)))


def stored(tx: Tx, ids: Sequence[int]) -> dict[int, StoredArticle]:
    """Articles with their versions; purged ones are absent."""
    versions: dict[int, list[Version]] = defaultdict(list)
    for part in chunks(ids):
        for row in tx.execute(_REVISIONS, {"keys": part}):
            versions[row.article_id].append(_version(row, revision_id=row.id, reason=row.reason))
    return {
        row.id: _stored(row, versions[row.id])
        for part in chunks(ids)
        for row in tx.execute(_ARTICLES, {"keys": part})
    }


def texts(tx: Tx, span: Span, *, after: int, limit: int) -> list[tuple[int, bool]]:
    """Ids of the span's articles from ``after`` on, each with whether its raw item is replayed."""
    replayed = select(raw_items.c.id).where(raw_items.c.id == articles.c.raw_item_id, *_items(span)).exists()
    found = tx.execute(
        select(articles.c.id, replayed.label("replayed"))
        .where(*_articles(span), articles.c.id > after)
        .order_by(articles.c.id)
        .limit(limit)
    )
    return [(row.id, bool(row.replayed)) for row in found]


def rung(tx: Tx, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[Row[Any]]]:
    """The alerts (id, article_id) that exist for each subscription and story."""
    found: dict[tuple[int, int], list[Row[Any]]] = defaultdict(list)
    for part in chunks(sorted(pairs)):
        for row in tx.execute(_RUNG, {"keys": part}):
            found[row.subscription_id, row.story_id].append(row)
    return found


def made(tx: Tx, span: Span, ids: Sequence[int], only: int | None) -> Iterator[Lost]:
    """Alerts of active subscriptions, or of one, on articles of the span with these ids, in order.

    With a feed named, articles that other feeds list too are left out: those may have rung for them.
    """
    alone = (
        select(func.count())
        .select_from(article_feeds)
        .where(article_feeds.c.article_id == articles.c.id)
        .scalar_subquery()
    )
    statement = (
        select(
            alerts.c.id,
            alerts.c.subscription_id,
            subscriptions.c.name,
            alerts.c.story_id,
            alerts.c.article_id,
            articles.c.url,
            articles.c.title,
            alerts.c.matches,
        )
        .join(articles, articles.c.id == alerts.c.article_id)
        .join(subscriptions, subscriptions.c.id == alerts.c.subscription_id)
        .where(subscriptions.c.state == word("active"), alerts.c.created_at < span.until)
        .order_by(alerts.c.id)
    )
    if only is not None:
        statement = statement.where(alerts.c.subscription_id == only)
    if span.feed_id is not None:
        statement = statement.where(alone == 1)
    for part in chunks(ids):
        for row in tx.execute(statement.where(alerts.c.article_id.in_(part))):
            yield Lost(
                id=row.id,
                subscription_id=row.subscription_id,
                subscription=row.name,
                story_id=row.story_id,
                article_id=row.article_id,
                url=row.url,
                title=row.title,
                words=tuple(dict.fromkeys(str(one["text"]) for one in row.matches)),
            )


def _items(span: Span) -> Iterable[ColumnElement[bool]]:
    yield and_(raw_items.c.fetched_at >= span.since, raw_items.c.fetched_at < span.until)
    yield or_(raw_items.c.state == word("done"), raw_items.c.state == word("dead"))
    yield raw_items.c.feed_id != HOUSE
    if span.feed_id is not None:
        yield raw_items.c.feed_id == span.feed_id


def _articles(span: Span) -> Iterable[ColumnElement[bool]]:
    yield and_(articles.c.first_seen_at >= span.since, articles.c.first_seen_at < span.until)
    yield articles.c.feed_id != HOUSE
    if span.feed_id is not None:
        yield articles.c.feed_id == span.feed_id


def _stored(row: Row[Any], versions: Sequence[Version]) -> StoredArticle:
    return StoredArticle(
        id=row.id,
        story_id=row.story_id,
        feed_id=row.feed_id,
        url=row.url,
        html=row.html,
        author=row.author,
        language=row.language,
        tags=tuple(row.tags),
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        backlog=row.backlog,
        raw_item_id=row.raw_item_id,
        versions=(*versions, _version(row, revision_id=None, reason="")),
    )


def _version(row: Row[Any], *, revision_id: int | None, reason: str) -> Version:
    return Version(
        revision_id=revision_id,
        reason=reason,
        raw_item_id=None if revision_id is None else row.raw_item_id,
        title=row.title,
        summary=row.summary,
        body=row.body,
    )
