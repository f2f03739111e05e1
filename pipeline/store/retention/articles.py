"""Articles go with all that is about them; the identities of their entries stay."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from pipeline.store import dead_letters, search
from pipeline.store.articles import copies, events
from pipeline.store.articles import stories as story_counts
from pipeline.store.engine import Tx
from pipeline.store.retention.kind import Kind
from pipeline.store.sql import chunks, word
from pipeline.store.tables import (
    alerts,
    articles,
    deliveries,
    digests,
    raw_items,
    revisions,
    stories,
    updates,
)

#: Alerts that one transaction forgets, with all that is about them.
_ALERTS = 100
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_FIRST = select(alerts.c.id).where(alerts.c.article_id.in_(_ids)).order_by(alerts.c.id).limit(_ALERTS + 1)
_TOLD = (
    select(alerts.c.article_id, func.count().label("number"))
    .where(alerts.c.article_id.in_(_ids))
    .group_by(alerts.c.article_id)
)
_SHRINK = (
    update(digests)
    .where(digests.c.id == bindparam("digest"))
    .values(alerts=digests.c.alerts - bindparam("number"))
)


def closed(open_since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Which articles may go: whose raw items are gone, and none of whose alerts waits or is on its way.

    An alert that is snoozed waits too.  And an alert keeps its story from ringing
    twice: it stays while copies may join, which is while one came since ``open_since``.
    """
    came_from = or_(
        raw_items.c.id == articles.c.raw_item_id,
        raw_items.c.id.in_(select(revisions.c.raw_item_id).where(revisions.c.article_id == articles.c.id)),
    )
    on_its_way = deliveries.c.state == word("pending")
    # Apart, since PostgreSQL has no index for either of two columns.
    alone = exists().where(deliveries.c.alert_id == alerts.c.id, on_its_way)
    in_digest = exists().where(deliveries.c.digest_id == alerts.c.digest_id, on_its_way)
    held = and_(alerts.c.disposition == word("held"), alerts.c.held_until.is_not(None))
    open_ = exists().where(stories.c.id == alerts.c.story_id, stories.c.last_seen_at >= open_since)
    waits = or_(held, alerts.c.snoozed_until.is_not(None), alone, in_digest, open_)
    waiting = exists().where(alerts.c.article_id == articles.c.id, waits)
    untold = (deliveries.c.update_id == updates.c.id, on_its_way)
    its_news = exists().where(updates.c.article_id == articles.c.id, *untold)
    news = exists().where(alerts.c.article_id == articles.c.id, updates.c.alert_id == alerts.c.id, *untold)
    return ~exists().where(came_from), ~waiting, ~its_news, ~news


class Articles(Kind):
    """Articles that may go, with no more alerts than one transaction should forget."""

    def find(
        self, tx: Tx, before: datetime, batch: int, after: datetime | None
    ) -> list[tuple[int, datetime]]:
        """As many of up to ``batch`` articles as have few alerts together, or one that has many."""
        found = super().find(tx, before, batch, after)
        told: dict[int, int] = {}
        for part in chunks([id_ for id_, _ in found]):
            told.update((row.article_id, row.number) for row in tx.execute(_TOLD, {"ids": part}))
        total = list(accumulate(told.get(id_, 0) for id_, _ in found))
        return found[: max(1, bisect_right(total, _ALERTS))]


def articles_but(open_since: datetime) -> Kind:
    """Articles, but those that rang for a story that somebody told since ``open_since``."""
    return Articles(
        "articles", articles.c.first_seen_at, closed(open_since), _forget_few, articles.c.updated_at
    )


def _forget_few(tx: Tx, ids: Sequence[int]) -> None:
    """Delete articles; of one with too many alerts the first of those: it goes with the last."""
    told = tx.execute(_FIRST, {"ids": ids}).scalars().all() if len(ids) == 1 else ()
    if len(told) > _ALERTS:
        _forget_alerts(tx, told[:_ALERTS])
    else:
        forget(tx, ids)


def forget(tx: Tx, ids: Sequence[int]) -> None:
    """Delete articles with all that is about them, and their stories where they were the last."""
    told = tx.execute(select(alerts.c.id).where(alerts.c.article_id.in_(ids))).scalars().all()
    _forget_updates(tx, updates.c.article_id.in_(ids))
    for part in chunks(told):
        _forget_alerts(tx, part)
    search.remove(tx, ids)
    copies.forget(tx, ids)
    gone = delete(articles).where(articles.c.id.in_(ids)).returning(articles.c.story_id)
    touched = sorted(set(tx.execute(gone).scalars()))
    story_counts.recount(tx, touched)
    for part in chunks(touched):
        empty = select(stories.c.id).where(stories.c.id.in_(part), stories.c.article_count == 0)
        events.forget(tx, tx.execute(empty).scalars().all())
        tx.execute(delete(stories).where(stories.c.id.in_(part), stories.c.article_count == 0))


def _forget_alerts(tx: Tx, ids: Sequence[int]) -> None:
    _forget_updates(tx, updates.c.alert_id.in_(ids))
    forget_deliveries(tx, deliveries.c.alert_id.in_(ids))
    gone = delete(alerts).where(alerts.c.id.in_(ids)).returning(alerts.c.digest_id)
    _shrink(tx, Counter(id_ for id_ in tx.execute(gone).scalars() if id_ is not None))


def _forget_updates(tx: Tx, which: ColumnElement[bool]) -> None:
    forget_deliveries(tx, deliveries.c.update_id.in_(select(updates.c.id).where(which)))
    tx.execute(delete(updates).where(which))


def _shrink(tx: Tx, gone: Counter[int]) -> None:
    """Digests tell of fewer alerts now; one that has none left goes, with its deliveries."""
    tx.many(_SHRINK, [{"digest": id_, "number": number} for id_, number in sorted(gone.items())])
    for part in chunks(sorted(gone)):
        empty = select(digests.c.id).where(digests.c.id.in_(part), digests.c.alerts == 0)
        forget_deliveries(tx, deliveries.c.digest_id.in_(empty))
        tx.execute(delete(digests).where(digests.c.id.in_(part), digests.c.alerts == 0))


def forget_deliveries(tx: Tx, which: ColumnElement[bool]) -> None:
    """Delete deliveries; the dead letters that name them are expired."""
    gone = delete(deliveries).where(which).returning(deliveries.c.id)
    dead_letters.expired(tx, "deliver", tx.execute(gone).scalars().all())
