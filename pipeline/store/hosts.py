"""Hosts: whose turn it is to ask them, over all feeds and pages and any number of schedulers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, or_, select, update

from pipeline.core.canary import HOUSE
from pipeline.core.model import Feed
from pipeline.core.turns import Courtesy, HostState, turns
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert, insert_missing, word
from pipeline.store.tables import feeds, hosts, pages

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_names: BindParameter[Any] = bindparam("names", expanding=True)
_now = bindparam("now", type_=hosts.c.next_request_at.type)
# Locked in one order: a second scheduler waits here, and then sees what the first one has claimed.
_LOCKED = select(hosts).where(hosts.c.host.in_(_names)).order_by(hosts.c.host).with_for_update()
_POLLED = select(feeds.c.host, feeds.c.id).where(feeds.c.host.in_(_names), feeds.c.polled_until > _now)
_FETCHED = (
    select(pages.c.host, func.count().label("number"))
    .where(pages.c.host.in_(_names), pages.c.state == word("due"), pages.c.lease_until > _now)
    .group_by(pages.c.host)
)
_BOOK = update(hosts).where(hosts.c.host == bindparam("name")).values(next_request_at=bindparam("at"))
_GIVE_BACK = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed"))
    .values(next_poll_at=bindparam("at"), seq=feeds.c.seq - 1, polled_until=None)
)


def take_turns(
    tx: Tx, claimed: Sequence[Feed], courtesy: Courtesy, now: datetime
) -> list[tuple[Feed, datetime]]:
    """Those of the feeds claimed in this transaction whose turn it is, each with its start.

    The others are given back, as if they had not been claimed, until their turn comes.
    """
    ours = [(feed, now) for feed in claimed if feed.id == HOUSE]  # the canary asks nobody
    waiting: dict[str, list[Feed]] = defaultdict(list)
    for feed in sorted(claimed, key=_heard_from):
        if feed.id != HOUSE:
            waiting[feed.host].append(feed)
    states = _states(tx, waiting, {feed.id for feed in claimed}, now)
    back: list[dict[str, Any]] = []
    booked: list[dict[str, Any]] = []
    for name, listed in sorted(waiting.items()):
        found = turns(len(listed), states[name], courtesy, now)
        ours += zip(listed, found.starts, strict=False)
        late = zip(listed[len(found.starts) :], found.back, strict=True)
        back += [{"feed": feed.id, "at": at} for feed, at in late]
        if found.starts:
            booked.append({"name": name, "at": found.next_request_at})
    tx.many(_GIVE_BACK, back)
    tx.many(_BOOK, booked)
    return ours


def _heard_from(feed: Feed) -> datetime:
    """Who has waited longest goes first."""
    return feed.rhythm.rated_at or _NEVER


def polled(tx: Tx, names: Collection[str], now: datetime) -> Counter[str]:
    """How many polls are under way at each host, or wait for their start."""
    found: Counter[str] = Counter()
    for part in chunks(sorted(names)):
        found.update(row.host for row in tx.execute(_POLLED, {"names": part, "now": now}))
    return found


def hold(tx: Tx, until: Mapping[str, datetime]) -> None:
    """Leave hosts alone until then, or longer where that was asked before."""
    for name, at in sorted(until.items()):
        row = {"host": name, "next_request_at": at, "hold_until": at}
        made = insert(tx.sqlite, hosts)
        made = made.on_conflict_do_update(
            index_elements=[hosts.c.host],
            set_={"hold_until": made.excluded.hold_until},
            where=or_(hosts.c.hold_until.is_(None), hosts.c.hold_until < made.excluded.hold_until),
        )
        tx.execute(made, row)


def _states(tx: Tx, names: Iterable[str], claimed: set[int], now: datetime) -> dict[str, HostState]:
    states: dict[str, HostState] = {}
    for part in chunks(sorted(names)):
        found = {row.host: row for row in tx.execute(_LOCKED, {"names": part})}
        if missing := [name for name in part if name not in found]:
            insert_missing(tx, hosts, [{"host": name, "next_request_at": now} for name in missing])
            found |= {row.host: row for row in tx.execute(_LOCKED, {"names": missing})}
        asked = {"names": part, "now": now}
        busy = Counter(row.host for row in tx.execute(_POLLED, asked) if row.id not in claimed)
        busy.update({row.host: row.number for row in tx.execute(_FETCHED, asked)})
        for name, row in found.items():
            states[name] = HostState(
                next_request_at=row.next_request_at, hold_until=row.hold_until, busy=busy[name]
            )
    return states
