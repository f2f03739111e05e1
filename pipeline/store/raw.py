"""Raw items: taken under a lease, finished, released or buried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, and_, bindparam, case, or_, select, update

from pipeline.core.model import FullText, RawItem
from pipeline.store import dead_letters, warnings
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import dead_letters as letters
from pipeline.store.tables import feed_warnings, feeds, polls, raw_items

#: The word of the warning that an item of a feed died.
POISON = "poison"

_dead = raw_items.alias("died")
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_now = bindparam("now", type_=raw_items.c.enqueued_at.type)
_OPEN = raw_items.c.state == word("new")
_FREE = or_(raw_items.c.lease_until.is_(None), raw_items.c.lease_until <= _now)

_LOCK = (
    select(raw_items.c.id)
    .where(raw_items.c.id.in_(_ids))
    .order_by(raw_items.c.id)
    .with_for_update(key_share=True)
)
_TAKE = (
    update(raw_items)
    .where(raw_items.c.id.in_(_ids), raw_items.c.state == bindparam("taken"), _FREE)
    .values(
        state="new",
        # Dead ones begin anew.
        attempts=case((raw_items.c.state == word("dead"), 1), else_=raw_items.c.attempts + 1),
        lease_until=bindparam("until"),
        entries=0,
        dead=0,
        reasons=None,
        error="",
    )
    .returning(raw_items.c.id)
)
_READ = (
    select(
        raw_items.c.id,
        raw_items.c.feed_id,
        raw_items.c.poll_id,
        raw_items.c.seq,
        raw_items.c.position,
        polls.c.head,
        raw_items.c.data,
        polls.c.tail,
        polls.c.cut,
        polls.c.format,
        polls.c.content_type,
        polls.c.base_url,
        polls.c.adrift,
        polls.c.lied,
        raw_items.c.fetched_at,
        raw_items.c.link_shared,
        raw_items.c.guid_shared,
        raw_items.c.first,
        raw_items.c.attempts,
        feeds.c.language.label("feed_language"),
        feeds.c.title.label("feed_title"),
        feeds.c.url.label("feed_url"),
        feeds.c.tags.label("feed_tags"),
        feeds.c.full_text,
    )
    .join_from(raw_items, polls, polls.c.id == raw_items.c.poll_id)
    .join(feeds, feeds.c.id == raw_items.c.feed_id)
    .where(raw_items.c.id.in_(_ids))
    .order_by(raw_items.c.id)
)
_FINISH = (
    update(raw_items)
    .where(raw_items.c.id == bindparam("item"), raw_items.c.state != word("done"))
    .values(
        state="done",
        lease_until=None,
        entries=bindparam("n_entries"),
        articles=bindparam("n_articles"),
        updates=bindparam("n_updates"),
        duplicates=bindparam("n_duplicates"),
        dead=bindparam("n_dead"),
        reasons=bindparam("why"),
        error="",
    )
)
#: Only feeds that are marked are looked at: all others never brought such bytes.
_DIED = (
    select(raw_items.c.id, _dead.c.error)
    .select_from(raw_items)
    .join(
        feed_warnings,
        and_(feed_warnings.c.feed_id == raw_items.c.feed_id, feed_warnings.c.word == word(POISON)),
    )
    .join(
        letters,
        and_(
            letters.c.feed_id == raw_items.c.feed_id,
            letters.c.stage == word("ingest"),
            letters.c.state == word("open"),
        ),
    )
    .join(_dead, and_(_dead.c.id == letters.c.ref_id, _dead.c.sha256 == raw_items.c.sha256))
    .where(raw_items.c.id.in_(_ids), _dead.c.id != raw_items.c.id)
)
_ERROR_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The account of one item: entries = articles + updates + duplicates + dead."""

    item_id: int
    entries: int
    articles: int
    updates: int
    duplicates: int
    dead: int
    reasons: tuple[str, ...] = ()  # one for each dead entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An open item that no live job holds."""

    id: int
    feed_id: int
    attempts: int


def take(tx: Tx, ids: Sequence[int], *, now: datetime, lease_s: float, replay: bool = False) -> list[RawItem]:
    """Those of ``ids`` that are open and in nobody's hands, by id, with this attempt counted.

    With ``replay`` it takes dead ones instead, which begin anew with their first attempt.
    """
    taken: list[int] = []
    params = {"taken": "dead" if replay else "new", "now": now, "until": now + timedelta(seconds=lease_s)}
    for part in chunks(sorted(set(ids))):
        _lock(tx, part)
        taken.extend(tx.execute(_TAKE, {**params, "ids": part}).scalars())
    if replay:
        dead_letters.replayed(tx, "ingest", taken)
    return read(tx, taken)


def died(tx: Tx, ids: Sequence[int]) -> dict[int, str]:
    """Those of ``ids`` whose very bytes, from the same feed, lie in the dead letters, with the cause."""
    return {row.id: row.error for part in chunks(sorted(ids)) for row in tx.execute(_DIED, {"ids": part})}


def read(tx: Tx, ids: Sequence[int]) -> list[RawItem]:
    """Raw items as they stand, by id, without taking them."""
    heads: dict[bytes, bytes] = {}
    return [_item(row, heads) for part in chunks(sorted(ids)) for row in tx.execute(_READ, {"ids": part})]


def finish(tx: Tx, rows: Iterable[Finished]) -> None:
    """Close items with their account; one that is done already keeps its own."""
    listed = sorted(rows, key=lambda one: one.item_id)
    tx.many(
        _FINISH,
        (
            {
                "item": one.item_id,
                "n_entries": one.entries,
                "n_articles": one.articles,
                "n_updates": one.updates,
                "n_duplicates": one.duplicates,
                "n_dead": one.dead,
                "why": list(one.reasons) or None,
            }
            for one in listed
        ),
    )
    # A worker that stalled may come back with what was given up meanwhile.
    dead_letters.replayed(tx, "ingest", [one.item_id for one in listed])


def bury(tx: Tx, ids: Sequence[int], *, cause: str, now: datetime) -> None:
    """Close open items as dead, each with a dead letter that names the cause."""
    for part in chunks(sorted(set(ids))):
        _lock(tx, part)
        buried = tx.execute(
            update(raw_items)
            .where(raw_items.c.id.in_(part), _OPEN)
            .values(
                state="dead",
                lease_until=None,
                entries=1,
                articles=0,
                updates=0,
                duplicates=0,
                dead=1,
                reasons=[cause[:_ERROR_CHARS]],
                error=cause[:_ERROR_CHARS],
            )
            .returning(raw_items.c.id, raw_items.c.feed_id)
        ).all()
        dead_letters.put(tx, "ingest", {row.id: row.feed_id for row in buried}, cause=cause, now=now)
        for feed_id in sorted({row.feed_id for row in buried}):
            _mark_feed(tx, feed_id, cause, now)


def release(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Give items back before their lease ends, to be enqueued by the caller."""
    _mark(tx, ids, {"lease_until": None, "enqueued_at": now})


def lost(tx: Tx, *, now: datetime, lease_s: float, enqueued_before: datetime, limit: int) -> list[Lost]:
    """Open items without a live lease, enqueued before ``enqueued_before`` and over ``lease_s`` ago."""
    before = min(enqueued_before, now - timedelta(seconds=lease_s))
    found = tx.execute(
        select(raw_items.c.id, raw_items.c.feed_id, raw_items.c.attempts)
        .where(_OPEN, raw_items.c.enqueued_at < before, _FREE)
        .order_by(raw_items.c.enqueued_at, raw_items.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True),
        {"now": now},
    )
    return [Lost(id=row.id, feed_id=row.feed_id, attempts=row.attempts) for row in found]


def requeued(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Note that items were enqueued again."""
    _mark(tx, ids, {"enqueued_at": now})


def _lock(tx: Tx, ids: Sequence[int]) -> None:
    """In one order for all, so that nobody waits for somebody who waits for them."""
    if not tx.sqlite:
        tx.execute(_LOCK, {"ids": ids})


def _mark(tx: Tx, ids: Sequence[int], values: dict[str, Any]) -> None:
    for part in chunks(sorted(set(ids))):
        _lock(tx, part)
        tx.execute(update(raw_items).where(raw_items.c.id.in_(part), _OPEN).values(**values))


def _mark_feed(tx: Tx, feed_id: int, cause: str, now: datetime) -> None:
    """Warn of a feed whose item died, and keep no validators of the document that brought it.

    They would hide its mended successor behind a 304.
    """
    text = f"An item could not be read and lies in the dead letters: {cause}"
    warnings.warn(tx, feed_id, POISON, text, now)
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(etag=None, last_modified=None))


def _item(row: Row[Any], heads: dict[bytes, bytes]) -> RawItem:
    """``heads`` lets items of one poll share one head and one tail."""
    return RawItem(
        id=row.id,
        feed_id=row.feed_id,
        poll_id=row.poll_id,
        seq=row.seq,
        position=row.position,
        head=heads.setdefault(row.head, row.head),
        data=row.data,
        tail=heads.setdefault(row.tail, row.tail),
        cut=row.cut,
        format=row.format,
        content_type=row.content_type,
        base_url=row.base_url,
        fetched_at=row.fetched_at,
        link_shared=row.link_shared,
        guid_shared=row.guid_shared,
        first=row.first,
        attempts=row.attempts,
        feed_language=row.feed_language,
        feed_title=row.feed_title,
        feed_url=row.feed_url,
        feed_tags=tuple(row.feed_tags),
        full_text=FullText(row.full_text),
        adrift=row.adrift,
        lied=row.lied,
    )
