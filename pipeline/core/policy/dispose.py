"""What becomes of alerts of one subscription that are decided on together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pipeline.core.policy.decide import Hold, Send, State, decide
from pipeline.core.policy.model import Because, RingPolicy

#: What waits for these is told alone when its time comes; everything else in a digest.
_ALONE = (None, Because.SOURCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An alert to decide on; its state says nothing yet of what was told, nor of who is ahead."""

    id: int
    event_id: int
    state: State


@dataclass(frozen=True, slots=True)
class Gathered:
    """Alerts that are told in one message: a digest, or the follow-ups of one event."""

    event_id: int | None  # None: a digest
    ids: tuple[int, ...]


@dataclass(slots=True)
class Disposed:
    """Every alert that was decided on stands in exactly one of the three."""

    sent: list[int] = field(default_factory=list)
    gathered: list[Gathered] = field(default_factory=list)
    held: dict[int, Hold] = field(default_factory=dict)
    follow_ups: set[int] = field(default_factory=set)  # those among all of them that are follow-ups


def dispose(
    policy: RingPolicy,
    waiting: Iterable[Waiting],
    *,
    told: Sequence[datetime],
    ahead: Hold | None = None,
    now: datetime,
) -> Disposed:
    """Decide on each, the oldest first; ``told`` is when messages went out before, the newest first.

    Each message counts for the cooldown and the rate, a digest as one.
    """
    done = Disposed()
    told = tuple(told)
    events: set[int] = set()  # told of here, by an alert alone
    groups: dict[int | None, list[Waiting]] = {}
    for one in sorted(waiting, key=lambda each: each.id):
        if one.state.held not in _ALONE:
            event_id = one.event_id if one.state.held is Because.FOLLOW_UP else None
            groups.setdefault(event_id, []).append(one)
            continue
        state = replace(one.state, follow_up=one.state.follow_up or one.event_id in events)
        if _decided(done, policy, replace(one, state=state), now, told=told, ahead=ahead):
            done.sent.append(one.id)
            events.add(one.event_id)
            told = (now, *told)
    for event_id, group in sorted(groups.items(), key=lambda item: item[0] or 0):
        ids = tuple(one.id for one in group if _decided(done, policy, one, now, told=told, ahead=ahead))
        if ids:
            done.gathered.append(Gathered(event_id, ids))
            told = (now, *told)
    return done


def _decided(
    done: Disposed,
    policy: RingPolicy,
    one: Waiting,
    now: datetime,
    *,
    told: tuple[datetime, ...],
    ahead: Hold | None,
) -> bool:
    """Whether the alert may be told; else it is held."""
    state = replace(one.state, told=told, ahead=ahead)
    if state.follow_up:
        done.follow_ups.add(one.id)
    verdict = decide(policy, state, now)
    if isinstance(verdict, Send):
        return True
    done.held[one.id] = verdict
    return False
