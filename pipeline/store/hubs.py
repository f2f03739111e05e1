"""Hubs: who pushes a feed's new documents, from the offer to the end of the lease."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from pipeline.core import websub
from pipeline.core.websub import Offer
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert, word
from pipeline.store.tables import feed_hubs, feeds, polls

#: A hub that missed something is not believed for so long, twice as long each time.
_DISTRUST = timedelta(minutes=10)
_DISTRUST_DOUBLINGS = 7
#: A hub that said no is asked again after this.
_DENIED = timedelta(days=1)
_ERROR_CHARS = 300
#: So often a hub is asked to let go of a feed; then it is forgotten.
_FAREWELLS = 3
#: States in which nothing is taken from a hub.
_PARTED = ("leaving", "denied")
_MINE = feed_hubs.c.feed_id == bindparam("feed")
_DUE = (
    select(feed_hubs.c.feed_id)
    .where(feed_hubs.c.next_at <= bindparam("now", type_=feed_hubs.c.next_at.type))
    .order_by(feed_hubs.c.next_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
    .cte("due")
)
_CLAIM = (
    update(feed_hubs)
    .where(feed_hubs.c.feed_id.in_(select(_DUE.c.feed_id)))
    .values(next_at=bindparam("until"))
    .returning(feed_hubs)
)
_IDLE = (
    select(feed_hubs.c.feed_id)
    .join(feeds, feeds.c.id == feed_hubs.c.feed_id)
    .where(feed_hubs.c.state != "leaving", feeds.c.state != word("active"))
    .order_by(feed_hubs.c.feed_id)
)
# A push that came after the poll may have brought it: what is polled now is parsed a moment later.
_RELIED_ON = (
    select(feed_hubs)
    .join(feeds, feeds.c.id == feed_hubs.c.feed_id)
    .join(polls, polls.c.feed_id == feeds.c.id)
    .where(
        polls.c.id.in_(bindparam("polls", expanding=True)),
        ~polls.c.pushed,
        feeds.c.pushed_until.is_not(None),
        feed_hubs.c.last_push_at < polls.c.at,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRow:
    """A feed's hub; our address there ends in ``token``, and pushes are signed with ``secret``.

    ``state`` is ``wanted`` until the hub has confirmed, then ``live``; ``denied``
    when it said no, ``leaving`` when we want no more of it.
    """

    feed_id: int
    hub: str
    topic: str
    token: str
    secret: str
    state: str
    next_at: datetime  # when the hub is asked again
    lease_until: datetime | None
    failures: int
    pushes: int
    misses: int  # polls that found what no push had brought, since the hub last confirmed
    last_push_at: datetime | None
    distrusted_until: datetime | None
    error: str

    @property
    def pushes_to_us(self) -> bool:
        """Whether we take what it pushes."""
        return self.state not in _PARTED


def offered(tx: Tx, offers: Mapping[int, Offer | None], now: datetime) -> None:
    """Note which hubs feeds name, by feed: a new one is to be asked, one that is named no more to be left."""
    held: dict[int, HubRow] = {}
    for part in chunks(sorted(offers)):
        found = tx.execute(
            select(feed_hubs).where(feed_hubs.c.feed_id.in_(part)).order_by(feed_hubs.c.feed_id)
        )
        held.update((row.feed_id, HubRow(**row._mapping)) for row in found)  # noqa: SLF001 - public in SQLAlchemy
    for feed_id, offer in sorted(offers.items()):
        known = held.get(feed_id)
        if offer is None:
            if known is not None:
                leave(tx, feed_id, now)
        elif known is None or known.state == "leaving" or Offer(hub=known.hub, topic=known.topic) != offer:
            _begin(tx, feed_id, offer, now)


def leave(tx: Tx, feed_id: int, now: datetime) -> None:
    """Want no more of a feed's hub: it is to be told, and is not relied on from now on."""
    stays = (feed_hubs.c.feed_id == feed_id, feed_hubs.c.state != "leaving")
    left = tx.execute(update(feed_hubs).where(*stays).values(state="leaving", next_at=now, failures=0))
    if left.rowcount:
        _believe(tx, feed_id, None)


def due(tx: Tx, *, now: datetime, limit: int, lease_s: float) -> list[HubRow]:
    """Hubs that are to be asked now, given to this caller until the lease ends."""
    params = {"now": now, "most": limit, "until": now + timedelta(seconds=lease_s)}
    return [HubRow(**row._mapping) for row in tx.execute(_CLAIM, params)]  # noqa: SLF001 - public in SQLAlchemy


def asked(tx: Tx, row: HubRow, *, error: str, next_at: datetime) -> None:
    """Note how asking ended; a hub that we want to leave is forgotten after a few attempts."""
    failures = row.failures + 1 if error or row.state == "leaving" else row.failures
    if row.state == "leaving" and failures >= _FAREWELLS:
        _forget(tx, row)
        return
    # A quick hub has confirmed by now, and set when it is asked again.
    waits = (feed_hubs.c.token == row.token, feed_hubs.c.next_at == row.next_at)
    values = {"failures": failures, "error": error[:_ERROR_CHARS], "next_at": next_at}
    tx.execute(update(feed_hubs).where(*waits).values(**values))


def find(tx: Tx, token: str) -> HubRow | None:
    """The feed's hub that knows this token."""
    if not token.isprintable():  # PostgreSQL takes no NUL
        return None
    row = tx.execute(select(feed_hubs).where(feed_hubs.c.token == token)).first()
    if row is None or not hmac.compare_digest(row.token.encode(), token.encode()):
        return None
    return HubRow(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy


def of(tx: Tx, feed_id: int) -> HubRow | None:
    """The hub of a feed."""
    row = tx.execute(select(feed_hubs).where(_MINE), {"feed": feed_id}).first()
    return None if row is None else HubRow(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy


def confirmed(tx: Tx, row: HubRow, lease_s: int, now: datetime) -> None:
    """The hub has confirmed: it pushes until the lease ends, and is to be asked again before."""
    _set(
        tx,
        row.feed_id,
        state="live",
        lease_until=now + timedelta(seconds=lease_s),
        next_at=now + timedelta(seconds=websub.renewal_s(lease_s)),
        failures=0,
        misses=0,
        error="",
    )


def denied(tx: Tx, row: HubRow, reason: str, now: datetime) -> None:
    """The hub said no, or has ended the lease; one that we leave is done with."""
    if row.state == "leaving":
        _forget(tx, row)
        return
    why = f"the hub refused: {reason}" if reason else "the hub refused"
    _set(tx, row.feed_id, state="denied", lease_until=None, next_at=now + _DENIED, error=why[:_ERROR_CHARS])
    _believe(tx, row.feed_id, None)


def left(tx: Tx, row: HubRow) -> None:
    """The hub has confirmed that it pushes no more."""
    _forget(tx, row)


def pushed(tx: Tx, row: HubRow, now: datetime) -> bool:
    """A push came: the hub is believed to bring what is new, unless it has missed something.

    False, and nothing is noted, where it has been left or has said no.
    """
    stands = (feed_hubs.c.token == row.token, feed_hubs.c.state.not_in(_PARTED))
    counted = (
        update(feed_hubs).where(*stands).values(pushes=feed_hubs.c.pushes + 1, last_push_at=now)
    ).returning(feed_hubs.c.lease_until, feed_hubs.c.distrusted_until)
    hub = tx.execute(counted).first()
    if hub is None:
        return False
    doubted = hub.distrusted_until is not None and hub.distrusted_until > now
    if hub.lease_until is not None and not doubted:
        _believe(tx, row.feed_id, hub.lease_until)
    return True


def missed(tx: Tx, poll_ids: Sequence[int], now: datetime) -> None:
    """These documents brought articles: where one was a poll's, and a hub was relied on, that missed them."""
    relied_on: dict[int, HubRow] = {}
    for part in chunks(poll_ids):
        for row in tx.execute(_RELIED_ON, {"polls": part}):
            relied_on[row.feed_id] = HubRow(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy
    for _, hub in sorted(relied_on.items()):
        distrust(tx, hub, now)


def distrust(tx: Tx, row: HubRow, now: datetime) -> None:
    """Have a feed polled as if it had no hub, for a while, and longer each time."""
    span = _DISTRUST * 2 ** min(row.misses, _DISTRUST_DOUBLINGS)
    _set(tx, row.feed_id, misses=row.misses + 1, distrusted_until=now + span)
    _believe(tx, row.feed_id, None)


def settle(tx: Tx, now: datetime) -> None:
    """Leave the hubs of feeds that are not polled any more, and believe none whose lease is over."""
    for feed_id in tx.execute(_IDLE).scalars().all():
        leave(tx, feed_id, now)
    over = feed_hubs.c.lease_until.is_not(None) & (feed_hubs.c.lease_until < now)
    tx.execute(
        update(feed_hubs)
        .where(feed_hubs.c.state == "live", over)
        .values(state="wanted", lease_until=None, error="the lease ran out")
    )
    tx.execute(update(feeds).where(feeds.c.pushed_until < now).values(pushed_until=None))


def _begin(tx: Tx, feed_id: int, offer: Offer, now: datetime) -> None:
    row: dict[str, Any] = {
        "hub": offer.hub,
        "topic": offer.topic,
        "token": secrets.token_urlsafe(24),
        "secret": secrets.token_urlsafe(32),
        "state": "wanted",
        "next_at": now,
        "lease_until": None,
        "failures": 0,
        "pushes": 0,
        "misses": 0,
        "last_push_at": None,
        "distrusted_until": None,
        "error": "",
    }
    made = insert(tx.sqlite, feed_hubs).on_conflict_do_update(index_elements=[feed_hubs.c.feed_id], set_=row)
    tx.execute(made, {"feed_id": feed_id, **row})
    _believe(tx, feed_id, None)


def _set(tx: Tx, feed_id: int, **values: object) -> None:
    tx.execute(update(feed_hubs).where(feed_hubs.c.feed_id == feed_id).values(**values))


def _believe(tx: Tx, feed_id: int, until: datetime | None) -> None:
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(pushed_until=until))


def _forget(tx: Tx, row: HubRow) -> None:
    gone = delete(feed_hubs).where(feed_hubs.c.feed_id == row.feed_id, feed_hubs.c.token == row.token)
    if tx.execute(gone).rowcount:
        _believe(tx, row.feed_id, None)
