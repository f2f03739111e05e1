"""Warnings: what a feed's operator should know of it, from when it was noticed until it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert
from pipeline.store.tables import feed_warnings

_TEXT_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning; ``word`` is short and stable, ``text`` a sentence for people."""

    feed_id: int
    word: str
    text: str
    since: datetime
    last_at: datetime
    count: int  # times it was noticed


def warn(tx: Tx, feed_id: int, word: str, text: str, now: datetime) -> None:
    """Note a warning; one that stands already is counted once more, with the newest text."""
    row = {
        "feed_id": feed_id,
        "word": word,
        "text": text[:_TEXT_CHARS],
        "since": now,
        "last_at": now,
        "count": 1,
    }
    statement = insert(tx.sqlite, feed_warnings)
    statement = statement.on_conflict_do_update(
        index_elements=[feed_warnings.c.feed_id, feed_warnings.c.word],
        set_={"text": row["text"], "last_at": now, "count": feed_warnings.c.count + 1},
    )
    tx.execute(statement, row)


def clear(tx: Tx, feed_id: int, word: str) -> bool:
    """The warning is over; whether there was one."""
    mine = (feed_warnings.c.feed_id == feed_id, feed_warnings.c.word == word)
    return tx.execute(delete(feed_warnings).where(*mine)).rowcount > 0


def expire(tx: Tx, words: Sequence[str], before: datetime) -> None:
    """Warnings with these words that were last noticed before then are over."""
    old = feed_warnings.c.last_at < before
    tx.execute(delete(feed_warnings).where(feed_warnings.c.word.in_(words), old))


def of(tx: Tx, feed_ids: Sequence[int]) -> dict[int, list[Warned]]:
    """The warnings of feeds, the oldest first; feeds without any are left out."""
    found: dict[int, list[Warned]] = {}
    columns = [feed_warnings.c[name] for name in Warned.__dataclass_fields__]
    for ids in chunks(sorted(set(feed_ids))):
        statement = select(*columns).where(feed_warnings.c.feed_id.in_(ids))
        for row in tx.execute(statement.order_by(feed_warnings.c.since, feed_warnings.c.word)):
            one = Warned(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
            found.setdefault(one.feed_id, []).append(one)
    return found
