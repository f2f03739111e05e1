"""The keys of texts: who holds them, and who takes them over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, or_, select, update

from pipeline.core.copies import ENOUGH
from pipeline.core.model import KnownText
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import articles, copy_keys

_keys: BindParameter[Any] = bindparam("keys", expanding=True)

# Keys are locked in one order, so that two batches that bring copies of one text wait, and never deadlock.
_HELD = (
    select(copy_keys)
    .where(copy_keys.c.key.in_(_keys))
    .order_by(copy_keys.c.key)
    .with_for_update(key_share=True)
)
_FIRST = (
    select(articles.c.story_id, func.min(articles.c.id).label("first"))
    .where(articles.c.story_id.in_(_keys))
    .group_by(articles.c.story_id)
)
_TEXTS = select(
    articles.c.id,
    articles.c.story_id,
    articles.c.title,
    articles.c.summary,
    articles.c.body,
    articles.c.updated_at,
).where(articles.c.id.in_(_keys))
_INSERT = insert(copy_keys)
_TAKE_OVER = (
    update(copy_keys).where(copy_keys.c.key == bindparam("held")).values(article_id=bindparam("article"))
)
_FORGET = delete(copy_keys).where(copy_keys.c.article_id.in_(_keys))

_before = bindparam("before", type_=articles.c.first_seen_at.type)
# Ids ascend with time: what is older than this article is found without reading newer ones.
_NEWEST = (
    select(articles.c.id)
    .where(articles.c.first_seen_at < _before)
    .order_by(articles.c.first_seen_at.desc())
    .limit(1)
)
_EXPIRED = (
    select(copy_keys.c.article_id)
    .distinct()
    .join(articles, articles.c.id == copy_keys.c.article_id, isouter=True)
    .where(
        copy_keys.c.article_id <= bindparam("newest"),
        or_(articles.c.id.is_(None), articles.c.updated_at < _before),
    )
    .order_by(copy_keys.c.article_id)
    .limit(bindparam("batch"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Who holds some keys, and the texts that share enough of one sketch to be copies of it."""

    holders: Mapping[int, int]  # key: article
    texts: Mapping[int, KnownText]  # by article


def neighbours(tx: Tx, sketches: Iterable[Sequence[int]], *, since: datetime) -> Neighbours:
    """Who holds the keys of ``sketches``, locked until the transaction ends; texts last changed since."""
    sketches = list(sketches)
    holders: dict[int, int] = {}
    for part in chunks(sorted({key for sketch in sketches for key in sketch})):
        holders.update((row.key, row.article_id) for row in tx.execute(_HELD, {"keys": part}))
    likely: set[int] = set()
    for sketch in sketches:
        shared = Counter(holders[key] for key in sketch if key in holders)
        likely.update(article for article, count in shared.items() if count >= ENOUGH)
    return Neighbours(holders=holders, texts=_texts(tx, likely, since) if likely else {})


def hold(tx: Tx, keys: Mapping[int, int], held: Collection[int]) -> None:
    """Note which article holds each of ``keys`` from now on; ``held`` are those that were locked.

    A key that nobody held is inserted: where two transactions do so at once, the
    second is run again and meets the first one's text.
    """
    rows = sorted(keys.items())
    tx.many(_INSERT, [{"key": key, "article_id": article} for key, article in rows if key not in held])
    tx.many(_TAKE_OVER, [{"held": key, "article": article} for key, article in rows if key in held])


def forget(tx: Tx, article_ids: Sequence[int]) -> None:
    """Forget the keys that these articles hold."""
    for part in chunks(sorted(article_ids)):
        tx.execute(_FORGET, {"keys": part})


def expired(tx: Tx, before: datetime, batch: int) -> Sequence[int]:
    """Up to ``batch`` articles that hold keys and whose text came before, or that are gone."""
    newest = tx.execute(_NEWEST, {"before": before}).scalar()
    if newest is None:
        return []
    return tx.execute(_EXPIRED, {"newest": newest, "before": before, "batch": batch}).scalars().all()


def _texts(tx: Tx, article_ids: Collection[int], since: datetime) -> dict[int, KnownText]:
    """The texts of holders, and of those that founded their stories."""
    rows = {row.id: row for row in _rows(tx, article_ids) if row.updated_at >= since}
    stories = sorted({row.story_id for row in rows.values()})
    first: dict[int, int] = {}
    for part in chunks(stories):
        first.update((row.story_id, row.first) for row in tx.execute(_FIRST, {"keys": part}))
    rows.update((row.id, row) for row in _rows(tx, set(first.values()) - rows.keys()))
    return {
        row.id: KnownText(
            article_id=row.id,
            story_id=row.story_id,
            founder_id=first[row.story_id],
            title=row.title,
            summary=row.summary,
            body=row.body,
        )
        for row in rows.values()
    }


def _rows(tx: Tx, article_ids: Collection[int]) -> list[Any]:
    return [row for part in chunks(sorted(article_ids)) for row in tx.execute(_TEXTS, {"keys": part})]
