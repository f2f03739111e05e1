"""Which events new stories join, decided as they are founded.

A batch only reads what others have committed and writes rows that are its own,
so that no worker waits for another.  Two that found stories of one event in the
same moment do not see each other: the event is then told as two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Executable,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    union_all,
)

from pipeline.core.event import HOLDERS, NEAREST, Candidate, Held, Sightings, Telling, best
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import event_keys, stories, tellings

#: Stories further apart tell no event together, nor does one join an event that was founded earlier.
WINDOW = timedelta(hours=72)

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_FIRST = (
    select(tellings.c.story_id)
    .where(tellings.c.at >= bindparam("since", type_=tellings.c.at.type))
    .order_by(tellings.c.at)
    .limit(1)
)
_TOLD = (
    select(tellings, stories.c.event_id)
    .join_from(tellings, stories, stories.c.id == tellings.c.story_id)
    .where(tellings.c.story_id.in_(_ids))
)
_KEEP = insert(tellings)
_KEEP_KEYS = insert(event_keys)
_TERMS = select(tellings.c.story_id, tellings.c.terms).where(tellings.c.story_id.in_(_ids))
_FORGET = delete(tellings).where(tellings.c.story_id.in_(_ids))
_FORGET_KEY = delete(event_keys).where(
    event_keys.c.key == bindparam("key"), event_keys.c.story_id == bindparam("story")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A new story; ``at`` is when it was first seen, or published where that is earlier."""

    story_id: int
    telling: Telling | None  # None: it says too little to be compared
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A story with its event; ``founded_at`` is the event's."""

    story_id: int
    event_id: int
    at: datetime
    founded_at: datetime
    telling: Telling | None  # None: it is not compared


def judge(tx: Tx, founded: Sequence[Founded], now: datetime) -> list[Joined]:
    """The event of each new story, its own where it joins none; ``founded`` comes by rising id.

    A story is compared with those of the store and with those before it.  What is
    older than the window when it comes is compared with none.
    """
    alone = [_alone(one, now) for one in founded]
    told = {one.story_id: one for one in alone if one.telling is not None}
    if not told:
        return alone
    seen = _sightings(tx, told, now)
    known = _known(tx, {id_ for each in seen.values() for id_ in each.nearest()} - told.keys())
    for one in told.values():
        known[one.story_id] = _join(one, seen[one.story_id], known)
    return [known.get(one.story_id, one) for one in alone]


def keep(tx: Tx, joined: Sequence[Joined]) -> None:
    """Keep what stories tell, for those that come; the stories are there."""
    told = [(one, one.telling) for one in joined if one.telling is not None]
    tx.many(
        _KEEP,
        [
            {"story_id": one.story_id, "at": one.at, "founded_at": one.founded_at, "terms": telling.pack()}
            for one, telling in told
        ],
    )
    tx.many(
        _KEEP_KEYS,
        [{"key": key, "story_id": one.story_id} for one, telling in told for key in sorted(telling.keys)],
    )


def forget(tx: Tx, story_ids: Collection[int]) -> None:
    """Compare nothing with these stories any more."""
    for part in chunks(sorted(story_ids)):
        found = tx.execute(_TERMS, {"ids": part}).all()
        keys = [(key, row.story_id) for row in found for key in Telling.unpack(row.terms).keys]
        tx.many(_FORGET_KEY, [{"key": key, "story": story_id} for key, story_id in sorted(keys)])
        tx.execute(_FORGET, {"ids": part})


def _alone(one: Founded, now: datetime) -> Joined:
    return Joined(
        story_id=one.story_id,
        event_id=one.story_id,
        at=one.at,
        founded_at=one.at,
        telling=one.telling if one.at >= now - WINDOW else None,
    )


def _sightings(tx: Tx, told: Mapping[int, Joined], now: datetime) -> dict[int, Sightings]:
    """Who has each new story's keys, those before it in the batch included."""
    first_id = tx.execute(_FIRST, {"since": now - WINDOW}).scalar() or min(told)
    before: defaultdict[int, list[int]] = defaultdict(list)
    seen: dict[int, Sightings] = {}
    for story_id, one in told.items():
        keys = one.telling.keys if one.telling is not None else ()
        shared, held = _holders(tx, keys, first_id)
        for key in keys:
            if ids := before[key]:
                shared.update(ids)
                others = held.get(key, Held(number=0, first_id=ids[0]))
                held[key] = replace(others, number=min(others.number + len(ids), HOLDERS))
            ids.append(story_id)
        seen[story_id] = Sightings(shared=shared, held=held, first_id=first_id, story_id=story_id)
    return seen


def _holders(tx: Tx, keys: Sequence[int], first_id: int) -> tuple[Counter[int], dict[int, Held]]:
    """The stories that share the most of the keys, with how many, and who has each key."""
    slots = {f"key{n}": key for n, key in enumerate(keys)}
    shared: Counter[int] = Counter()
    held: dict[int, Held] = {}
    for id_, key, number, oldest in map(tuple, tx.execute(_newest(len(slots)), {**slots, "first": first_id})):
        if key is None:
            shared[id_] = number
        else:
            held[key] = Held(number=number, first_id=oldest)
    return shared, held


@cache
def _newest(keys: int) -> Executable:
    """One statement for all keys, which reads no more than it has to of those that many stories have."""
    parts = [
        select(event_keys)
        .where(event_keys.c.key == bindparam(f"key{n}"), event_keys.c.story_id >= bindparam("first"))
        .order_by(event_keys.c.story_id.desc())
        .limit(literal_column(str(HOLDERS)))
        .subquery()
        for n in range(keys)
    ]
    holders = union_all(*(select(part) for part in parts)).cte("holders")
    number, nothing = func.count().label("number"), cast(null(), event_keys.c.key.type)
    by_story = (
        select(holders.c.story_id, nothing.label("key"), number, nothing.label("oldest"))
        .group_by(holders.c.story_id)
        .order_by(number.desc(), holders.c.story_id)
        .limit(literal_column(str(NEAREST)))
        .subquery()
    )
    by_key = select(nothing, holders.c.key, number, func.min(holders.c.story_id)).group_by(holders.c.key)
    return union_all(select(by_story), by_key)


def _known(tx: Tx, ids: Collection[int]) -> dict[int, Joined]:
    return {
        row.story_id: Joined(
            story_id=row.story_id,
            event_id=row.event_id,
            at=row.at,
            founded_at=row.founded_at,
            telling=Telling.unpack(row.terms),
        )
        for part in chunks(sorted(ids))
        for row in tx.execute(_TOLD, {"ids": part})
    }


def _join(one: Joined, seen: Sightings, known: Mapping[int, Joined]) -> Joined:
    """The story in the event of the one that is the most alike, if one is."""
    telling = one.telling
    assert telling is not None  # it would not be compared
    near = [known[id_] for id_ in seen.nearest() if id_ in known]
    candidates = [
        Candidate(story_id=other.story_id, event_id=other.event_id, telling=other.telling)
        for other in near
        if other.telling is not None
        if abs(one.at - other.at) <= WINDOW and abs(one.at - other.founded_at) <= WINDOW
    ]
    met = best(telling, candidates, seen.worth(telling.weights))
    if met is None:
        return one
    return replace(one, event_id=met.event_id, founded_at=known[met.story_id].founded_at)
