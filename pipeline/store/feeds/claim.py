"""Feeds that are due, each given to one caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update

from pipeline.core.model import Feed, Rhythm, Wariness
from pipeline.store.engine import Tx
from pipeline.store.sql import word
from pipeline.store.tables import feeds

#: The columns that a feed's rhythm keeps under the same name.
_SAME = ("every_s", "rate", "watched_s", "usual_s", "last_item_at", "owed", "asked_s", "answer_ms")
#: The columns that :func:`rhythm` reads.
RHYTHM = (
    *(feeds.c[name] for name in _SAME),
    feeds.c.last_success_at,
    feeds.c.urgent_until,
    feeds.c.pushed_until,
)
ACTIVE = feeds.c.state == word("active")
_now = bindparam("now", type_=feeds.c.next_poll_at.type)
_DUE = (
    select(feeds.c.id)
    .where(
        ACTIVE,
        feeds.c.next_poll_at <= _now,
        # Else one that is made due while it is polled would be polled twice at a time.
        or_(feeds.c.polled_until.is_(None), feeds.c.polled_until <= _now),
    )
    .order_by(feeds.c.next_poll_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
    .cte("due")
)
_CLAIMED = (
    feeds.c.id,
    feeds.c.url,
    feeds.c.host,
    feeds.c.seq,
    feeds.c.etag,
    feeds.c.last_modified,
    feeds.c.known,
    feeds.c.failures,
    feeds.c.first_brought_seq,
    feeds.c.auth_user,
    feeds.c.auth_password,
    feeds.c.headers,
    *RHYTHM,
    feeds.c.moved_to,
    feeds.c.moved_times,
    feeds.c.unmodified,
    feeds.c.whole_at,
    feeds.c.strikes,
    feeds.c.doubted_until,
    feeds.c.overlapped,
)
_CLAIM = (
    update(feeds)
    .where(feeds.c.id.in_(select(_DUE.c.id)))
    .values(seq=feeds.c.seq + 1, next_poll_at=bindparam("until"), polled_until=bindparam("until"))
    .returning(*_CLAIMED)
)
_ONE = select(*_CLAIMED).where(feeds.c.id == bindparam("feed"), ACTIVE)
# It asks nothing of the host: whether a poll is under way stays as it is.
_CLAIM_ONE = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed"), feeds.c.seq == bindparam("seen"), ACTIVE)
    .values(seq=feeds.c.seq + 1)
)
_PUT_OFF = update(feeds).where(feeds.c.id == bindparam("feed")).values(next_poll_at=bindparam("at"))
_FINGERPRINT = 16


def poll_now(tx: Tx, feed_id: int | None, now: datetime) -> int:
    """Make one active feed, or all, due at once; how many."""
    statement = update(feeds).where(ACTIVE).values(next_poll_at=now)
    if feed_id is not None:
        statement = statement.where(feeds.c.id == feed_id)
    return tx.execute(statement).rowcount


def claim(tx: Tx, *, now: datetime, limit: int, lease_s: float) -> list[Feed]:
    """The feeds longest due, given to this caller alone until the lease ends."""
    params = {"now": now, "most": limit, "until": now + timedelta(seconds=lease_s)}
    return [_claimed(row) for row in tx.execute(_CLAIM, params).all()]


def active(tx: Tx, feed_id: int) -> Feed | None:
    """A feed as it stands, claimed by nobody for this; None when it is not active."""
    row = tx.execute(_ONE, {"feed": feed_id}).first()
    return None if row is None else _claimed(row)


def claim_pushed(tx: Tx, feed: Feed) -> Feed | None:
    """The feed as it was read, for what was pushed; None where it was claimed or changed since.

    A poll under way is no longer the newest and will be dropped; it comes again
    when its lease ends, which is then the next poll.
    """
    claimed = tx.execute(_CLAIM_ONE, {"feed": feed.id, "seen": feed.seq}).rowcount
    return replace(feed, seq=feed.seq + 1) if claimed else None


def overdue(tx: Tx, *, before: datetime, limit: int) -> list[int]:
    """Ids of active feeds that were due before that moment, the longest due first."""
    statement = select(feeds.c.id).where(ACTIVE, feeds.c.next_poll_at < before)
    return list(tx.execute(statement.order_by(feeds.c.next_poll_at, feeds.c.id).limit(limit)).scalars())


def put_off(tx: Tx, moments: Mapping[int, datetime]) -> None:
    """Set when feeds are due, by id."""
    tx.many(_PUT_OFF, [{"feed": id_, "at": at} for id_, at in sorted(moments.items())])


def rhythm(row: Row[Any]) -> Rhythm:
    """The rhythm that stands in a feed's row."""
    return Rhythm(
        **{name: getattr(row, name) for name in _SAME},
        rated_at=row.last_success_at,
        urgent=row.urgent_until is not None,
        pushed=row.pushed_until is not None,
    )


def _claimed(row: Row[Any]) -> Feed:
    known = row.known
    return Feed(
        id=row.id,
        url=row.url,
        host=row.host,
        seq=row.seq,
        etag=row.etag,
        last_modified=row.last_modified,
        known=frozenset(known[at : at + _FINGERPRINT] for at in range(0, len(known), _FINGERPRINT)),
        failures=row.failures,
        first=row.first_brought_seq is None,
        auth=None if row.auth_user is None else (row.auth_user, row.auth_password or ""),
        headers=tuple((name, value) for name, value in row.headers),
        moved_to=row.moved_to,
        moved_times=row.moved_times,
        rhythm=rhythm(row),
        wariness=Wariness(
            unmodified=row.unmodified,
            whole_at=row.whole_at,
            strikes=row.strikes,
            doubted_until=row.doubted_until,
            overlapped=row.overlapped,
        ),
    )
