"""From an address or an id to the article that it led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union

from pipeline.store.engine import Tx
from pipeline.store.tables import article_feeds, articles, entries, feeds, pages, revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """All by which an address or id may be known."""

    url: bytes | None
    entries: tuple[bytes, ...]  # keys that an entry with this guid or link would have
    spellings: tuple[str, ...]  # of an address that pages may have led to


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The identity of an entry, which outlives its article."""

    feed_id: int
    article_id: int
    seq: int  # of the newest poll that brought it changed
    raw_item_id: int
    first_seen_at: datetime


_ENTRY = tuple(entries.c[name] for name in Entry.__dataclass_fields__)


def entries_of(tx: Tx, keys: Keys) -> list[Entry]:
    """The entries of any feed that have one of the keys, the oldest first."""
    if not keys.entries:
        return []
    found = tx.execute(
        select(*_ENTRY)
        .where(entries.c.feed_id.in_(select(feeds.c.id)), entries.c.key.in_(keys.entries))
        .order_by(entries.c.first_seen_at, entries.c.feed_id)
    )
    return [Entry(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy


def entries_for(tx: Tx, article_id: int) -> list[Entry]:
    """The entries that led to an article, the oldest first."""
    listing = select(article_feeds.c.feed_id).where(article_feeds.c.article_id == article_id)
    found = tx.execute(
        select(*_ENTRY)
        .where(entries.c.feed_id.in_(listing), entries.c.article_id == article_id)
        .order_by(entries.c.first_seen_at, entries.c.feed_id)
    )
    return [Entry(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy


def article_of(tx: Tx, keys: Keys, known: Sequence[Entry]) -> int | None:
    """The article with the address, or that an entry with the id led to, or whose page is there."""
    ways = []
    if keys.url is not None:
        ways.append(select(articles.c.id).where(articles.c.url_key == keys.url))
    ways.append(select(articles.c.id).where(articles.c.id.in_({one.article_id for one in known})))
    # Pages have no index by address: the one look that takes longer comes last.
    if keys.spellings:
        ways.append(select(pages.c.article_id).where(pages.c.url.in_(keys.spellings)))
    for way in ways:
        found: int | None = tx.execute(way.limit(1)).scalar_one_or_none()
        if found is not None:
            return found
    return None


def article_of_item(tx: Tx, item_id: int) -> int | None:
    """The article that a raw item led to, where it led to one alone."""
    made = union(
        select(articles.c.id).where(articles.c.raw_item_id == item_id),
        select(revisions.c.article_id).where(revisions.c.raw_item_id == item_id),
        select(entries.c.article_id).where(entries.c.raw_item_id == item_id),
    )
    found = set(tx.execute(made).scalars())
    return found.pop() if len(found) == 1 else None
