"""Ring: make the alerts that do not exist yet, and tell or hold each as its subscription's policy says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, tuple_

from pipeline.core.alert import Wish
from pipeline.core.model import Match
from pipeline.core.policy import Disposed, Mode, RingPolicy, Waiting, dispose, load
from pipeline.store import outbox
from pipeline.store.alerts.waiting import Candidate, ahead, events_of, lock, told, waiting
from pipeline.store.articles import linked
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.outbox import Parcel
from pipeline.store.sql import chunks, insert_missing, word
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import alerts, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What came to be: ids of new alerts, and of their deliveries."""

    alert_ids: tuple[int, ...]
    delivery_ids: tuple[int, ...]


#: An alert keeps so many matches: enough to show, and none can make a row without end.
MATCHES = 100

_Slot = tuple[int, int, bool, int]  # subscription, story, backlog; and article, or 0 for once a story

_keys: BindParameter[Any] = bindparam("keys", expanding=True)
_ACTIVE = select(subscriptions.c.id, subscriptions.c.policy).where(
    subscriptions.c.id.in_(_keys), subscriptions.c.state == word("active")
)
_TAKEN = select(alerts.c.subscription_id, alerts.c.story_id, alerts.c.backlog, alerts.c.article_id).where(
    tuple_(alerts.c.subscription_id, alerts.c.story_id).in_(_keys)
)
_HELD_BACK = select(alerts).where(alerts.c.article_id.in_(_keys), alerts.c.backlog)
_MADE = select(alerts.c.id).where(alerts.c.id.in_(_keys))


def ring(tx: Tx, wishes: Sequence[Wish], now: datetime) -> Rung:
    """Make the alerts that do not exist yet, with deliveries for those that are told at once.

    Of several wishes for one subscription and story the first counts, a live one
    before backlog; backlog alerts have no deliveries, and none is made where a
    live one is.  A subscription to every article has an alert for each of them.
    """
    if not wishes:
        return Rung(alert_ids=(), delivery_ids=())
    policies = _policies(tx, {wish.subscription_id for wish in wishes})
    wanted = sorted(_wanted(tx, wishes, policies).items())
    named = dict(zip(reserve(tx, "alerts", len(wanted)), wanted, strict=True))
    event_of = events_of(tx, {slot[1] for slot, _ in wanted})
    candidates = [
        Candidate(id_, slot[0], slot[1], event_of[slot[1]], now, held=None, follow_up=False)
        for id_, (slot, _) in named.items()
        if not slot[2]
    ]
    disposed = _dispose(tx, candidates, policies, now)
    channels = channels_of(tx, {slot[0] for slot, _ in wanted if not slot[2]})
    rows = []
    for id_, (slot, wish) in named.items():
        row = _row_of(id_, slot, wish, event_of[slot[1]], now)
        policy = policies[slot[0]]
        told_of = len(channels.get(slot[0], ()))
        rows.append({**row, "priority": str(policy.priority), **_disposition(id_, disposed, slot, told_of)})
    insert_missing(tx, alerts, rows)
    made = _made(tx, rows)
    parcels = [
        Parcel(alert_id=row["id"], channel_id=channel_id)
        for row in made
        if row["disposition"] == "sent"
        for channel_id in channels.get(row["subscription_id"], ())
    ]
    delivery_ids = outbox.put(tx, parcels, now=now, enqueued=True)
    return Rung(alert_ids=tuple(row["id"] for row in made), delivery_ids=tuple(delivery_ids))


def held_back(tx: Tx, article_ids: Collection[int]) -> list[Wish]:
    """Backlog alerts of articles that have become live news, as wishes for live alerts."""
    found = tx.execute(_HELD_BACK, {"keys": sorted(article_ids)}) if article_ids else ()
    return [
        Wish(
            subscription_id=row.subscription_id,
            story_id=row.story_id,
            article_id=row.article_id,
            revision_id=row.revision_id,
            backlog=False,
            matches=tuple(Match(**match) for match in row.matches),
        )
        for row in found
    ]


def _policies(tx: Tx, ids: Iterable[int]) -> dict[int, RingPolicy]:
    """Of the active ones: a percolator may be a moment behind one that was paused or removed."""
    return {
        row.id: load(row.policy)
        for part in chunks(sorted(ids))
        for row in tx.execute(_ACTIVE, {"keys": part})
    }


def _wanted(tx: Tx, wishes: Sequence[Wish], policies: Mapping[int, RingPolicy]) -> dict[_Slot, Wish]:
    """The wishes that lead to an alert, by the slot that they take."""
    same = linked(tx, {wish.story_id for wish in wishes})
    taken = _taken(
        tx,
        {
            (wish.subscription_id, id_)
            for wish in wishes
            for id_ in (wish.story_id, *same.get(wish.story_id, ()))
        },
    )
    wanted: dict[_Slot, Wish] = {}
    for wish in sorted(wishes, key=lambda wish: wish.backlog):
        policy = policies.get(wish.subscription_id)
        if policy is None:
            continue
        every = policy.mode is Mode.EVERY
        article = wish.article_id if every else 0
        slot = (wish.subscription_id, wish.story_id, wish.backlog, article)
        texts = (wish.story_id, *(() if every else same.get(wish.story_id, ())))
        live = {(wish.subscription_id, id_, False, article) for id_ in texts}
        if slot not in taken and live.isdisjoint(taken) and live.isdisjoint(wanted):
            wanted.setdefault(slot, wish)
    return wanted


def _taken(tx: Tx, pairs: Iterable[tuple[int, int]]) -> set[_Slot]:
    """For whoever wants each story once, and for whoever wants every article."""
    return {
        (row.subscription_id, row.story_id, row.backlog, article)
        for part in chunks(sorted(pairs))
        for row in tx.execute(_TAKEN, {"keys": part})
        for article in (0, row.article_id)
    }


def _dispose(
    tx: Tx, candidates: Sequence[Candidate], policies: Mapping[int, RingPolicy], now: datetime
) -> dict[int, Disposed]:
    """What becomes of the new alerts of each subscription; of two workers one decides after the other."""
    states = waiting(tx, candidates, policies)
    contended = {id_ for id_, found in states.items() if _contended(policies[id_], found)}
    if contended:
        lock(tx, contended)
        states = waiting(tx, candidates, policies)
    return {
        id_: dispose(
            policies[id_],
            found,
            told=told(tx, id_, policies[id_], now),
            ahead=ahead(tx, id_, policies[id_]),
            now=now,
        )
        for id_, found in sorted(states.items())
    }


def _contended(policy: RingPolicy, found: Sequence[Waiting]) -> bool:
    """Whether what others do at the same moment may decide on these."""
    gathers = bool(policy.follow_ups_s) and not policy.digests
    return policy.paced or (gathers and any(one.state.follow_up for one in found))


def _disposition(
    alert_id: int, disposed: Mapping[int, Disposed], slot: _Slot, channels: int
) -> dict[str, Any]:
    """The columns that say what became of an alert."""
    subscription_id, _, backlog, _ = slot
    if backlog:
        return {
            "disposition": "backlog",
            "held_because": "",
            "held_until": None,
            "follow_up": False,
            "channels": 0,
        }
    done = disposed[subscription_id]
    hold = done.held.get(alert_id)
    return {
        "disposition": "sent" if hold is None else "held",
        "held_because": "" if hold is None else str(hold.because),
        "held_until": None if hold is None else hold.until,
        "follow_up": alert_id in done.follow_ups,
        "channels": channels if hold is None else 0,
    }


def _row_of(alert_id: int, slot: _Slot, wish: Wish, event_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": alert_id,
        "subscription_id": wish.subscription_id,
        "story_id": wish.story_id,
        "event_id": event_id,
        "article_id": wish.article_id,
        "revision_id": wish.revision_id,
        "backlog": wish.backlog,
        "slot": slot[3],
        "state": "new",
        "matches": [match.as_json() for match in wish.matches[:MATCHES]],
        "created_at": now,
    }


def _made(tx: Tx, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those rows that were inserted: another worker may have rung for the same story at the same moment."""
    if tx.sqlite:
        return rows
    made: set[int] = set()
    for part in chunks([row["id"] for row in rows]):
        made.update(tx.execute(_MADE, {"keys": part}).scalars())
    return [row for row in rows if row["id"] in made]
