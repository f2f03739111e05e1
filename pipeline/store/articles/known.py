"""What is kept of the entries, articles and stories that a batch touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, select, tuple_

from pipeline.core.dedupe import Known
from pipeline.core.model import Entry, KnownArticle, KnownEntry, Parsed
from pipeline.store.articles.copies import neighbours
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import articles, entries, story_keys

_keys: BindParameter[Any] = bindparam("keys", expanding=True)

# Rows are locked in one order, so that two batches that meet wait and never deadlock.
_ENTRIES = (
    select(entries)
    .where(tuple_(entries.c.feed_id, entries.c.key).in_(_keys))
    .order_by(entries.c.feed_id, entries.c.key)
    .with_for_update(key_share=True)
)
_BY_URL = select(articles.c.id).where(articles.c.url_key.in_(_keys))
_ARTICLES = (
    select(
        articles.c.id,
        articles.c.url_key,
        articles.c.story_id,
        articles.c.content_hash,
        func.length(articles.c.body).label("body_chars"),
    )
    .where(articles.c.id.in_(_keys))
    .order_by(articles.c.id)
    .with_for_update(key_share=True)
)
_STORIES = (
    select(story_keys)
    .where(story_keys.c.text_key.in_(_keys))
    .order_by(story_keys.c.text_key)
    .with_for_update(key_share=True)
)
_FORGET = delete(story_keys).where(story_keys.c.text_key.in_(_keys))


def known(tx: Tx, parsed: Sequence[Parsed], *, story_since: datetime) -> Known:
    """What is kept of all that ``parsed`` touches, locked until the transaction ends.

    Texts last seen before ``story_since`` are forgotten: they found stories anew.
    """
    listed = [(one.item.feed_id, entry) for one in parsed for entry in one.entries]
    seen = _entries(tx, {(feed_id, entry.key) for feed_id, entry in listed})
    urls = {entry.url_key for _, entry in listed if entry.url_key is not None}
    texts = {entry.text_key for _, entry in listed if entry.text_key is not None}
    by_id, by_url = _articles(tx, urls, {one.article_id for one in seen.values()})
    stories = _stories(tx, texts, story_since)
    near = neighbours(
        tx,
        (entry.keys for feed_id, entry in listed if _changed(entry, seen.get((feed_id, entry.key)))),
        since=story_since,
    )
    return Known(
        entries=seen, by_url=by_url, by_id=by_id, stories=stories, holders=near.holders, texts=near.texts
    )


def standing(tx: Tx, ids: Iterable[int]) -> dict[int, KnownArticle]:
    """Articles by id, locked until the transaction ends."""
    return _articles(tx, set(), ids)[0]


def _changed(entry: Entry, before: KnownEntry | None) -> bool:
    """Whether the entry may bring a new text."""
    return before is None or before.content_hash != entry.content_hash


def _entries(tx: Tx, keys: set[tuple[int, bytes]]) -> dict[tuple[int, bytes], KnownEntry]:
    return {
        (row.feed_id, row.key): KnownEntry(
            article_id=row.article_id, content_hash=row.content_hash, seq=row.seq
        )
        for part in chunks(sorted(keys))
        for row in tx.execute(_ENTRIES, {"keys": part})
    }


def _articles(
    tx: Tx, urls: set[bytes], ids: Iterable[int]
) -> tuple[dict[int, KnownArticle], dict[bytes, KnownArticle]]:
    """Articles by id and by URL; their ids come first, as rows are locked in the order of ids."""
    wanted = set(ids)
    for part in chunks(sorted(urls)):
        wanted.update(tx.execute(_BY_URL, {"keys": part}).scalars())
    by_id: dict[int, KnownArticle] = {}
    by_url: dict[bytes, KnownArticle] = {}
    for numbers in chunks(sorted(wanted)):
        for row in tx.execute(_ARTICLES, {"keys": numbers}):
            article = KnownArticle(
                id=row.id, story_id=row.story_id, content_hash=row.content_hash, body_chars=row.body_chars
            )
            by_id[row.id] = article
            if row.url_key in urls:
                by_url[row.url_key] = article
    return by_id, by_url


def _stories(tx: Tx, texts: set[bytes], since: datetime) -> dict[bytes, int]:
    stories: dict[bytes, int] = {}
    for part in chunks(sorted(texts)):
        found = tx.execute(_STORIES, {"keys": part}).all()
        stories |= {row.text_key: row.story_id for row in found if row.seen_at >= since}
        if old := [row.text_key for row in found if row.seen_at < since]:
            tx.execute(_FORGET, {"keys": old})
    return stories
