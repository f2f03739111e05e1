"""Feeds that urgent subscriptions wait for: those that their latest alerts came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, exists, func, or_, select, update

from pipeline.core.canary import HOUSE
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import alerts, article_feeds, census, feeds, subscriptions
from pipeline.store.types import Moment

#: Ids are given before they are committed: alerts this young are looked at once more.
_SETTLED = timedelta(minutes=1)
_ROW = census.c.id == HOUSE
_SOON = bindparam("soon", type_=Moment())
_HASTEN = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed"), feeds.c.id != HOUSE)
    .values(
        urgent_until=bindparam("until"),
        urgent_for=bindparam("whom"),
        # A feed that fails keeps its patience.
        next_poll_at=case(
            (and_(feeds.c.failures == 0, feeds.c.every_s.is_(None), feeds.c.next_poll_at > _SOON), _SOON),
            else_=feeds.c.next_poll_at,
        ),
    )
)
_URGENT = and_(
    subscriptions.c.state == word("active"), subscriptions.c.policy["priority"].as_string() == "urgent"
)
_WAITS = exists().where(subscriptions.c.id == feeds.c.urgent_for, _URGENT)
_LAPSED = select(feeds.c.id).where(feeds.c.urgent_until.is_not(None), ~_WAITS).order_by(feeds.c.id)
_latest = func.max(alerts.c.created_at)
_HEIRS = (
    select(article_feeds.c.feed_id, alerts.c.subscription_id, _latest.label("at"))
    .join(alerts, alerts.c.article_id == article_feeds.c.article_id)
    .join(subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .where(
        article_feeds.c.feed_id.in_(bindparam("ids", expanding=True)),
        alerts.c.priority == "urgent",
        ~alerts.c.backlog,
        alerts.c.created_at > bindparam("since", type_=Moment()),
        subscriptions.c.id != HOUSE,
        _URGENT,
    )
    .group_by(article_feeds.c.feed_id, alerts.c.subscription_id)
    .order_by(_latest)
)
_INHERIT = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed"))
    .values(urgent_for=bindparam("whom"), urgent_until=bindparam("until"))
)


def hasten(tx: Tx, *, now: datetime, until: datetime, urgent_s: float, limit: int) -> int:
    """Make feeds urgent until ``until`` that new urgent alerts came from; how many alerts were gone through.

    Their next poll is within ``urgent_s``.
    """
    last = tx.execute(select(census.c.last_alert_id).where(_ROW).with_for_update()).scalar_one_or_none()
    if last is None:
        return 0
    found = tx.execute(
        select(alerts.c.id, alerts.c.article_id, alerts.c.subscription_id, alerts.c.priority,
               alerts.c.backlog, alerts.c.created_at)
        .where(alerts.c.id > last)
        .order_by(alerts.c.id)
        .limit(limit)
    ).all()  # fmt: skip
    waiting = _feeds(tx, [row for row in found if row.priority == "urgent" and not row.backlog])
    soon = now + timedelta(seconds=urgent_s)
    tx.many(
        _HASTEN,
        [
            {"feed": feed, "whom": whom, "until": until, "soon": soon}
            for feed, whom in sorted(waiting.items())
        ],
    )
    # One of the future was written while a clock was wrong: waiting for that moment would hold up all others.
    settled = [row.id for row in found if abs(now - row.created_at) > _SETTLED]
    if settled:
        tx.execute(update(census).where(_ROW).values(last_alert_id=settled[-1]))
    return len(settled)


def relent(tx: Tx, now: datetime, span: timedelta) -> int:
    """Let feeds be that no urgent subscription waits for any more; how many.

    One that rang for another urgent subscription, too, is that one's until ``span`` after it last did.
    """
    _pass_on(tx, now - span, span)
    over = and_(feeds.c.urgent_until.is_not(None), or_(feeds.c.urgent_until <= now, ~_WAITS))
    return tx.execute(update(feeds).where(over).values(urgent_until=None, urgent_for=None)).rowcount


def _pass_on(tx: Tx, since: datetime, span: timedelta) -> None:
    """Feeds whose subscription waits no more go to the one of those that wait that they rang for last."""
    for ids in chunks(tx.execute(_LAPSED).scalars().all()):
        heirs = {row.feed_id: row for row in tx.execute(_HEIRS, {"ids": ids, "since": since})}
        tx.many(
            _INHERIT,
            [
                {"feed": feed, "whom": row.subscription_id, "until": row.at + span}
                for feed, row in sorted(heirs.items())
            ],
        )


def _feeds(tx: Tx, rang: Sequence[Row[Any]]) -> Mapping[int, int]:
    """The feeds that list the articles of alerts, each with a subscription that waits for it."""
    whom = {row.article_id: row.subscription_id for row in rang if row.subscription_id != HOUSE}
    listed = select(article_feeds.c.article_id, article_feeds.c.feed_id)
    found: dict[int, int] = {}
    for ids in chunks(sorted(whom)):
        for row in tx.execute(listed.where(article_feeds.c.article_id.in_(ids))):
            found[row.feed_id] = whom[row.article_id]
    return found
