"""What came in: feeds of a site with their polls, and raw items with their fate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from pipeline.core.trace import FeedFact, PollFact, Sighting
from pipeline.core.trace.site import site
from pipeline.core.urls import host
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import articles, feeds, polls, raw_items, revisions
from pipeline.store.trace.lookup import Entry, entries_for

_FEEDS = 5
_POLLS = 20
_LATELY = 5_000  # articles
#: Raw items that are looked through, the newest first, for an address that no entry is known by.
NEWEST = 20_000
_REJECTING = 1_000
_STEP = 500

_name = select(feeds.c.id, feeds.c.title, feeds.c.url)
_ITEM = select(
    raw_items.c.id,
    raw_items.c.feed_id,
    raw_items.c.seq,
    raw_items.c.fetched_at,
    raw_items.c.state,
    raw_items.c.attempts,
    raw_items.c.dead,
    raw_items.c.reasons,
    raw_items.c.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """A raw item with its bytes, to be looked through."""

    sighting: Sighting
    data: bytes
    base_url: str
    done: bool  # it was ingested; ``sighting`` says which part of it was rejected, if one was


def feeds_of_site(tx: Tx, name: str) -> tuple[FeedFact, ...]:
    """A few feeds of the same site as the host ``name``, or that listed articles of it lately."""
    wanted = site(name)
    newest = select(articles.c.feed_id, articles.c.url).order_by(articles.c.id.desc()).limit(_LATELY)
    listing = {row.feed_id for row in tx.execute(newest) if site(host(row.url)) == wanted}
    listed = tx.execute(select(feeds).where(feeds.c.state != word("removed")).order_by(feeds.c.id))
    kin = [row for row in listed if row.id in listing or wanted in {site(row.host), site(host(row.site_url))}]
    return tuple(_feed(tx, row) for row in kin[:_FEEDS])


def sightings(tx: Tx, article_id: int | None, known: Iterable[Entry]) -> tuple[Sighting, ...]:
    """The polls that brought an article, or the entries ``known`` where none is left, the oldest first."""
    listed = list(known) if article_id is None else entries_for(tx, article_id)
    made = _made(tx, article_id)
    ids = sorted({*made, *(one.raw_item_id for one in listed)})
    rows = [row for part in chunks(ids) for row in tx.execute(_ITEM.where(raw_items.c.id.in_(part)))]
    names = _names(tx, {one.feed_id for one in listed} | {row.feed_id for row in rows})
    found = [_sighting(row, names, made.get(row.id, "duplicate")) for row in rows]
    kept = {one.feed_id for one in found} if article_id is not None else set()
    found += [
        _bare(one.feed_id, names[one.feed_id], one.seq, one.first_seen_at)
        for one in listed
        if one.feed_id not in kept
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.feed_id, one.seq)))


def items(tx: Tx) -> Iterator[KeptItem]:
    """Raw items that wait or died, then the newest of the others; each with its bytes."""
    whole = (
        _ITEM.add_columns(raw_items.c.data, polls.c.base_url, feeds.c.title, feeds.c.url)
        .join(polls, polls.c.id == raw_items.c.poll_id)
        .join(feeds, feeds.c.id == raw_items.c.feed_id)
    )
    newest = select(raw_items.c.id).order_by(raw_items.c.id.desc()).limit(NEWEST)
    undone = select(raw_items.c.id).where(raw_items.c.state != word("done"))
    ids = list(dict.fromkeys([*tx.execute(undone).scalars(), *tx.execute(newest).scalars()]))
    for part in chunks(ids, _STEP):
        for row in tx.execute(whole.where(raw_items.c.id.in_(part)).order_by(raw_items.c.id.desc())):
            fate = "rejected" if row.dead else "duplicate"
            yield KeptItem(
                sighting=_sighting(row, {row.feed_id: row.title or row.url}, fate),
                data=row.data,
                base_url=row.base_url or row.url,
                done=row.state == "done",
            )


def rejections(tx: Tx) -> Iterator[tuple[Sighting, str]]:
    """What the newest polls refused before it became an item: each reason, with the feed's address."""
    found = tx.execute(
        select(polls.c.feed_id, polls.c.seq, polls.c.at, polls.c.reasons, feeds.c.title, feeds.c.url)
        .join(feeds, feeds.c.id == polls.c.feed_id)
        .where(polls.c.rejected > 0)
        .order_by(polls.c.id.desc())
        .limit(_REJECTING)
    )
    for row in found:
        name = row.title or row.url
        for reason in row.reasons or ():
            yield _bare(row.feed_id, name, row.seq, row.at, fate="rejected", cause=reason), row.url


def _made(tx: Tx, article_id: int | None) -> dict[int, str]:
    """What each raw item made of the article."""
    if article_id is None:
        return {}
    changed = select(revisions.c.raw_item_id).where(
        revisions.c.article_id == article_id, revisions.c.raw_item_id.is_not(None)
    )
    made = dict.fromkeys(tx.execute(changed).scalars(), "update")
    first = tx.execute(select(articles.c.raw_item_id).where(articles.c.id == article_id)).scalar_one()
    return {**made, first: "article"}


def _sighting(row: Row[Any], names: dict[int, str], fate: str) -> Sighting:
    state = {"new": "waiting", "dead": "dead letter"}.get(row.state, fate)
    cause = row.error if row.state == "dead" else "; ".join(row.reasons or ())
    return Sighting(
        feed_id=row.feed_id,
        feed=names[row.feed_id],
        seq=row.seq,
        at=row.fetched_at,
        fate=state,
        item_id=row.id,
        attempts=row.attempts,
        cause=cause,
    )


def _bare(feed_id: int, name: str, seq: int, at: datetime, *, fate: str = "", cause: str = "") -> Sighting:
    """A sighting of which no raw item is kept."""
    return Sighting(
        feed_id=feed_id, feed=name, seq=seq, at=at, fate=fate, item_id=None, attempts=0, cause=cause
    )


def _names(tx: Tx, ids: Iterable[int]) -> dict[int, str]:
    return {
        row.id: row.title or row.url
        for part in chunks(sorted(ids))
        for row in tx.execute(_name.where(feeds.c.id.in_(part)))
    }


def _feed(tx: Tx, row: Row[Any]) -> FeedFact:
    newest = tx.execute(
        select(polls).where(polls.c.feed_id == row.id).order_by(polls.c.seq.desc()).limit(_POLLS)
    )
    return FeedFact(
        id=row.id,
        url=row.url,
        title=row.title,
        state=row.state,
        interval_s=row.interval_s,
        created_at=row.created_at,
        last_success_at=row.last_success_at,
        failures=row.failures,
        last_error=row.last_error,
        polls=tuple(_poll(poll) for poll in newest),
    )


def _poll(row: Row[Any]) -> PollFact:
    return PollFact(
        seq=row.seq,
        at=row.at,
        outcome=row.outcome,
        status=row.status,
        seen=row.seen,
        new=row.new,
        known=row.known,
        rejected=row.rejected,
        reasons=tuple(row.reasons or ()),
        error=row.error,
    )
