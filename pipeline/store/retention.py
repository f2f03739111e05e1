"""Retention: what is old is forgotten, a small batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, exists, or_, select, update

from pipeline.store import dead_letters, search
from pipeline.store.articles import copies, events
from pipeline.store.articles import stories as story_counts
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import (
    alerts,
    articles,
    deliveries,
    digests,
    pages,
    polls,
    raw_items,
    revisions,
    stories,
    tellings,
    updates,
)

_PURGED = (
    update(polls).where(polls.c.id == bindparam("poll")).values(purged=polls.c.purged + bindparam("number"))
)
_SHRINK = (
    update(digests)
    .where(digests.c.id == bindparam("digest"))
    .values(alerts=digests.c.alerts - bindparam("number"))
)
_EMPTY = ~exists().where(raw_items.c.poll_id == polls.c.id)


def purge(
    tx: Tx,
    *,
    now: datetime,
    raw_days: int,
    poll_days: int,
    article_days: int,
    batch: int,
    story_window_s: float,
) -> int:
    """Forget up to ``batch`` rows of each kind; how many went, 0 when nothing old is left.

    Raw items that died stay as long as polls do.  Articles go, with their alerts,
    when nothing came to them for ``article_days`` (0 keeps them for ever) and the
    raw items that they came from are gone, and none of their alerts waits for its
    time; a story goes with its last article.  Identities of entries are kept
    always.  The keys of texts go when no copy of them could join their story any
    more.
    """
    raw_before = now - timedelta(days=raw_days)
    poll_before = now - timedelta(days=max(raw_days, poll_days))
    gone = _purge_items(tx, word("done"), raw_before, batch)
    gone += _purge_items(tx, word("dead"), poll_before, batch)
    gone += _purge_page_bodies(tx, raw_before, batch)
    gone += _purge_polls(tx, poll_before, batch)
    gone += copies.expire(tx, now - timedelta(seconds=story_window_s), batch)
    gone += _purge_tellings(tx, now - events.WINDOW, batch)
    if article_days:
        gone += _purge_articles(tx, now - timedelta(days=article_days), batch)
    return gone


def _oldest(tx: Tx, table: Table, *where: ColumnElement[bool], batch: int) -> Sequence[int]:
    """Ids to work on; what another transaction holds has time."""
    statement = select(table.c.id).where(*where).order_by(table.c.id).limit(batch)
    return tx.execute(statement.with_for_update(skip_locked=True)).scalars().all()


def _purge_items(tx: Tx, state: ColumnElement[str], before: datetime, batch: int) -> int:
    ids = _oldest(tx, raw_items, raw_items.c.state == state, raw_items.c.fetched_at < before, batch=batch)
    per_poll: Counter[int] = Counter()
    for part in chunks(ids):
        gone = delete(raw_items).where(raw_items.c.id.in_(part)).returning(raw_items.c.poll_id)
        per_poll.update(tx.execute(gone).scalars().all())
    tx.many(_PURGED, [{"poll": poll, "number": number} for poll, number in sorted(per_poll.items())])
    for part in chunks(sorted(per_poll)):
        tx.execute(update(polls).where(polls.c.id.in_(part), _EMPTY).values(head=None, tail=None))
    dead_letters.expired(tx, "ingest", ids)
    return len(ids)


def _purge_page_bodies(tx: Tx, before: datetime, batch: int) -> int:
    closed = pages.c.state.in_(("done", "skipped", "dead"))
    ids = _oldest(tx, pages, closed, pages.c.fetched_at < before, pages.c.body.is_not(None), batch=batch)
    for part in chunks(ids):
        tx.execute(update(pages).where(pages.c.id.in_(part)).values(body=None))
        tx.execute(
            update(pages).where(pages.c.id.in_(part), pages.c.state == word("dead")).values(state="skipped")
        )
    dead_letters.expired(tx, "page", ids)
    return len(ids)


def _purge_polls(tx: Tx, before: datetime, batch: int) -> int:
    ids = _oldest(tx, polls, polls.c.at < before, _EMPTY, batch=batch)
    for part in chunks(ids):
        tx.execute(delete(polls).where(polls.c.id.in_(part)))
    return len(ids)


def _purge_tellings(tx: Tx, before: datetime, batch: int) -> int:
    """Of stories that new ones are no longer compared with."""
    statement = select(tellings.c.story_id).where(tellings.c.at < before).order_by(tellings.c.at).limit(batch)
    ids = tx.execute(statement.with_for_update(skip_locked=True)).scalars().all()
    events.forget(tx, ids)
    return len(ids)


def _purge_articles(tx: Tx, before: datetime, batch: int) -> int:
    came_from = or_(
        raw_items.c.id == articles.c.raw_item_id,
        raw_items.c.id.in_(select(revisions.c.raw_item_id).where(revisions.c.article_id == articles.c.id)),
    )
    pending = exists().where(
        or_(deliveries.c.alert_id == alerts.c.id, deliveries.c.digest_id == alerts.c.digest_id),
        deliveries.c.state == word("pending"),
    )
    held = and_(alerts.c.disposition == word("held"), alerts.c.held_until.is_not(None))
    waiting = exists().where(alerts.c.article_id == articles.c.id, or_(held, pending))
    untold = (deliveries.c.update_id == updates.c.id, deliveries.c.state == word("pending"))
    its_news = exists().where(updates.c.article_id == articles.c.id, *untold)
    news = exists().where(alerts.c.article_id == articles.c.id, updates.c.alert_id == alerts.c.id, *untold)
    ids = _oldest(
        tx,
        articles,
        articles.c.first_seen_at < before,
        articles.c.updated_at < before,
        ~exists().where(came_from),
        ~waiting,
        ~its_news,
        ~news,
        batch=batch,
    )
    for part in chunks(ids):
        forget(tx, part)
    return len(ids)


def forget(tx: Tx, ids: Sequence[int]) -> None:
    """Delete articles with all that is about them, and their stories where they were the last."""
    told = tx.execute(select(alerts.c.id).where(alerts.c.article_id.in_(ids))).scalars().all()
    _forget_updates(tx, updates.c.article_id.in_(ids))
    for part in chunks(told):
        _forget_updates(tx, updates.c.alert_id.in_(part))
        _forget_deliveries(tx, deliveries.c.alert_id.in_(part))
        gone = delete(alerts).where(alerts.c.id.in_(part)).returning(alerts.c.digest_id)
        _shrink(tx, Counter(id_ for id_ in tx.execute(gone).scalars() if id_ is not None))
    search.remove(tx, ids)
    copies.forget(tx, ids)
    gone = delete(articles).where(articles.c.id.in_(ids)).returning(articles.c.story_id)
    touched = sorted(set(tx.execute(gone).scalars()))
    story_counts.recount(tx, touched)
    for part in chunks(touched):
        empty = select(stories.c.id).where(stories.c.id.in_(part), stories.c.article_count == 0)
        events.forget(tx, tx.execute(empty).scalars().all())
        tx.execute(delete(stories).where(stories.c.id.in_(part), stories.c.article_count == 0))


def _forget_updates(tx: Tx, which: ColumnElement[bool]) -> None:
    _forget_deliveries(tx, deliveries.c.update_id.in_(select(updates.c.id).where(which)))
    tx.execute(delete(updates).where(which))


def _shrink(tx: Tx, gone: Counter[int]) -> None:
    """Digests tell of fewer alerts now; one that has none left goes, with its deliveries."""
    tx.many(_SHRINK, [{"digest": id_, "number": number} for id_, number in sorted(gone.items())])
    for part in chunks(sorted(gone)):
        empty = select(digests.c.id).where(digests.c.id.in_(part), digests.c.alerts == 0)
        _forget_deliveries(tx, deliveries.c.digest_id.in_(empty))
        tx.execute(delete(digests).where(digests.c.id.in_(part), digests.c.alerts == 0))


def _forget_deliveries(tx: Tx, which: ColumnElement[bool]) -> None:
    gone = delete(deliveries).where(which).returning(deliveries.c.id)
    dead_letters.expired(tx, "deliver", tx.execute(gone).scalars().all())
