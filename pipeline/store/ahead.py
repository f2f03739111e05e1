"""What is due further ahead than anything of its kind can be: a clock was wrong when it was written.

After a clock that was a year ahead has come back, nothing may wait for a year.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, Update, delete, or_, select, update

from pipeline.core import websub
from pipeline.store.engine import Tx
from pipeline.store.sql import word
from pipeline.store.tables import (
    alerts,
    blocks,
    channels,
    deliveries,
    feed_hubs,
    feed_warnings,
    feeds,
    hosts,
    pages,
    raw_items,
    robots,
)

#: Work is never put off for longer: a failed feed's interval, or the longest ``Retry-After``, and a day.
PUT_OFF = timedelta(days=2)
#: Clocks of several machines differ by less.
_SKEW = timedelta(minutes=1)
#: No policy holds an alert for longer.
_HELD = timedelta(days=40)

_LEASED_BY_HUBS = timedelta(seconds=websub.LEASE_S) + _SKEW

_LEASED = (
    (raw_items, raw_items.c.state == word("new")),
    (pages, pages.c.state == word("fetched")),
    (deliveries, deliveries.c.state == word("pending")),
)
_DUE = (
    (pages, pages.c.due_at, pages.c.state == word("due")),
    (deliveries, deliveries.c.next_attempt_at, deliveries.c.state == word("pending")),
)

#: A host is left alone for a day at most, a hub that missed something too, and a block ends within a week.
_UNTIL = (
    (hosts.c.hold_until, PUT_OFF),
    (feed_hubs.c.distrusted_until, PUT_OFF),
    (blocks.c.until, timedelta(days=8)),
)
#: What is over then: a feed is urgent for a week, and a hub is asked again before its lease ends.
_OVER = (
    (feeds.c.urgent_until, timedelta(days=8)),
    (feeds.c.pushed_until, _LEASED_BY_HUBS),
    (feed_hubs.c.lease_until, _LEASED_BY_HUBS),
    (feed_hubs.c.next_at, _LEASED_BY_HUBS),
)
_GATES = (channels.c.open_until, channels.c.paced_until)


def stranded(tx: Tx, *, now: datetime) -> list[int]:
    """Ids of active feeds that would be polled far later than their interval allows."""
    found = tx.execute(
        select(feeds.c.id, feeds.c.next_poll_at, feeds.c.interval_s)
        .where(feeds.c.state == word("active"), feeds.c.next_poll_at > now + PUT_OFF)
        .order_by(feeds.c.id)
    )
    return [
        row.id for row in found if row.next_poll_at > now + PUT_OFF + 2 * timedelta(seconds=row.interval_s)
    ]


def mend(tx: Tx, *, now: datetime, lease_s: float, poll_lease_s: float) -> int:
    """End leases and waits that cannot be meant, but for those of feeds between polls; how many there were.

    What a site's robots.txt said is forgotten, and warnings were last noticed now.
    """
    leased, polled = (now + timedelta(seconds=2 * length) + _SKEW for length in (lease_s, poll_lease_s))
    put_off = now + PUT_OFF
    freed = [_freed(table, open_, leased, now) for table, open_ in _LEASED]
    busy = update(pages).where(pages.c.state == word("due"), pages.c.lease_until > leased)
    held = update(alerts).where(alerts.c.disposition == word("held"), alerts.c.held_until > now + _HELD)
    statements = (
        *freed,
        busy.values(lease_until=None),
        # It is due when its lease ends, and that is now.
        update(feeds).where(feeds.c.polled_until > polled).values(polled_until=None, next_poll_at=now),
        held.values(held_until=now),
        *(update(table).where(open_, at > put_off).values({at.name: now}) for table, at, open_ in _DUE),
        *(update(channels).where(at > put_off).values({at.name: None}) for at in _GATES),
        *(update(at.table).where(at > now + span).values({at.name: None}) for at, span in _UNTIL),
        *(update(at.table).where(at > now + span).values({at.name: now}) for at, span in _OVER),
        update(hosts).where(hosts.c.next_request_at > put_off).values(next_request_at=now),
        update(feed_warnings).where(feed_warnings.c.last_at > put_off).values(last_at=now),
        delete(robots).where(robots.c.expires_at > put_off),  # it is asked for anew
    )
    return sum(tx.execute(statement).rowcount for statement in statements)


def _freed(table: Table, open_: ColumnElement[bool], leased: datetime, now: datetime) -> Update:
    """Work that is in nobody's hands any more: the sweeper finds it one lease later."""
    wrong = or_(table.c.lease_until > leased, table.c.enqueued_at > now + _SKEW)
    return update(table).where(open_, wrong).values(lease_until=None, enqueued_at=now)
