"""What feeds are doubted for, and what is known of one whose document has nothing in common with the last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from pipeline.core.drift import Past, Told, opening_of
from pipeline.store import warnings
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert_missing
from pipeline.store.tables import article_feeds, articles, feeds, polls, quarantine, raw_items

#: Words of warnings.
ETAG = "etag"
GAP = "gap"
QUARANTINE = "quarantine"

#: So many of a feed's newest articles are held against a strange document.
_TOLD = 500
#: So many polls say what a feed brings at once.
_POLLS = 50
_OPENING = 300


def trust(tx: Tx, feed_ids: Collection[int]) -> None:
    """Believe servers again that were on trial."""
    for feed_id in sorted(feed_ids):
        tx.execute(update(feeds).where(feeds.c.id == feed_id).values(doubted_until=None))
        warnings.clear(tx, feed_id, ETAG)


def doubt(tx: Tx, feed_id: int, *, until: datetime, now: datetime) -> None:
    """Believe no "not modified" of a feed until then."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(doubted_until=until, strikes=0))
    text = (
        'The server said "not modified" of a document that had changed. It is asked for the whole document'
        f" at each poll until {until:%Y-%m-%d}; then it is tried again."
    )
    warnings.warn(tx, feed_id, ETAG, text, now)


def overlap(tx: Tx, feed_id: int) -> None:
    """Note that a feed's document lists what it had listed before."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id, ~feeds.c.overlapped).values(overlapped=True))


def gap(tx: Tx, feed_id: int, *, again_at: datetime, now: datetime) -> None:
    """Note that a feed may have listed items between two polls that neither saw; poll it at ``again_at``."""
    mine = feeds.c.id == feed_id
    tx.execute(update(feeds).where(mine).values(gaps=feeds.c.gaps + 1))
    tx.execute(update(feeds).where(mine, feeds.c.next_poll_at > again_at).values(next_poll_at=again_at))
    text = (
        "Items may have been missed: a poll had nothing in common with the one before."
        " The feed lists too few items for its interval; poll it more often."
    )
    warnings.warn(tx, feed_id, GAP, text, now)


def past(tx: Tx, feed_id: int, poll_id: int) -> Past:
    """What is known of a feed before this poll."""
    feed = tx.execute(
        select(feeds.c.overlapped, feeds.c.first_brought_seq).where(feeds.c.id == feed_id)
    ).one()
    seq = select(polls.c.seq).where(polls.c.id == poll_id).scalar_subquery()
    brought = (
        select(polls.c.new)
        .where(polls.c.feed_id == feed_id, polls.c.seq < seq, polls.c.seq > feed.first_brought_seq)
        .order_by(polls.c.seq.desc())
        .limit(_POLLS)
        .subquery()
    )
    told = tx.execute(
        select(
            articles.c.id,
            articles.c.url,
            articles.c.title,
            func.substr(articles.c.summary, 1, _OPENING).label("summary"),
            func.substr(articles.c.body, 1, _OPENING).label("body"),
            articles.c.content_hash,
            articles.c.published_at,
            articles.c.first_seen_at,
        )
        .join(article_feeds, article_feeds.c.article_id == articles.c.id)
        .where(article_feeds.c.feed_id == feed_id)
        .order_by(article_feeds.c.article_id.desc())
        .limit(_TOLD)
    ).all()
    # A date that was ahead of its time says nothing of what came after it.
    dates = [row.published_at for row in told if row.published_at and row.published_at <= row.first_seen_at]
    return Past(
        told=[
            Told(
                article_id=row.id,
                url=row.url,
                title=row.title,
                opening=opening_of(row.summary, row.body),
                content_hash=row.content_hash,
                published_at=row.published_at,
            )
            for row in told
        ],
        most=tx.execute(select(func.max(brought.c.new))).scalar() or 0,
        overlapped=feed.overlapped,
        newest=max(dates, default=None),
    )


def brought(tx: Tx, poll_id: int) -> int:
    """Items that a poll brought."""
    return int(tx.execute(select(polls.c.new).where(polls.c.id == poll_id)).scalar_one())


def pushed(tx: Tx, poll_id: int) -> bool:
    """Whether it was no poll: a hub brought its document."""
    return bool(tx.execute(select(polls.c.pushed).where(polls.c.id == poll_id)).scalar_one())


def leads(tx: Tx, poll_id: int, item_id: int) -> bool:
    """Whether the item is the first of those that its poll brought, of which a batch may have a part."""
    first = select(func.min(raw_items.c.id)).where(raw_items.c.poll_id == poll_id)
    return bool(tx.execute(first).scalar_one() == item_id)


def keep_apart(tx: Tx, feed_id: int, article_ids: Iterable[int], *, why: str, now: datetime) -> None:
    """Put articles of a flood into quarantine."""
    ids = sorted(set(article_ids))
    insert_missing(tx, quarantine, [{"article_id": id_, "feed_id": feed_id, "at": now} for id_ in ids])
    count = tx.execute(select(func.count()).where(quarantine.c.feed_id == feed_id)).scalar_one()
    text = (
        f"{count} items came at once that look like old news under new names: {why}. They are kept as"
        f" backlog, can be searched, and rang for nobody. `./run feeds release {feed_id}` lets them ring;"
        f" with --keep they stay as they are."
    )
    warnings.warn(tx, feed_id, QUARANTINE, text, now)


def let_go(tx: Tx, feed_id: int) -> list[int]:
    """End a feed's quarantine; ids of the articles that were in it and are still backlog."""
    held = select(quarantine.c.article_id).where(quarantine.c.feed_id == feed_id)
    still = select(articles.c.id).where(articles.c.id.in_(held), articles.c.backlog).order_by(articles.c.id)
    ids = list(tx.execute(still).scalars())
    tx.execute(delete(quarantine).where(quarantine.c.feed_id == feed_id))
    warnings.clear(tx, feed_id, QUARANTINE)
    return ids


def enliven(tx: Tx, article_ids: Sequence[int]) -> None:
    """Make old news live news."""
    for part in chunks(article_ids):
        tx.execute(update(articles).where(articles.c.id.in_(part)).values(backlog=False))
