"""What a policy says of one alert at one moment: tell it, or hold it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.core.policy.model import Because, Priority, RingPolicy


@dataclass(frozen=True, slots=True)
class Send:
    """Tell it now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold it; ``until`` is when to decide again, None where no time is known."""

    because: Because
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a decision on an alert rests on, beside its policy."""

    since: datetime  # when the alert came to be
    held: Because | None = None  # why it has waited so far; None: it is new
    follow_up: bool = False  # the subscription was told of another story of its event
    gathering: datetime | None = None  # when the first follow-up of its event came that waits still
    sources: int = 1  # independent ones of its event
    told: tuple[datetime, ...] = ()  # when the subscription's channels were told, the newest first
    ahead: Hold | None = None  # what the first of those waits for that wait for their time


def decide(policy: RingPolicy, state: State, now: datetime) -> Send | Hold:
    """Whether the alert is told ``now``; what is held is decided on again when its time comes."""
    gates = _GATES[:2] if policy.priority is Priority.URGENT else _GATES
    for gate in gates:
        hold = gate(policy, state, now)
        if hold is not None:
            return _awake(policy, hold)
    return Send()


def _sources(policy: RingPolicy, state: State, now: datetime) -> Hold | None:  # noqa: ARG001 - a gate
    return Hold(Because.SOURCES, None) if state.sources < policy.min_sources else None


def _follow_up(policy: RingPolicy, state: State, now: datetime) -> Hold | None:
    """Follow-ups of an event are gathered from the first on; a digest gathers them by itself."""
    if not state.follow_up or not policy.follow_ups_s or policy.digests:
        return None
    if state.held not in {None, Because.SOURCES, Because.FOLLOW_UP}:
        return None  # it was gathered already
    first = min(_since(state, now), state.gathering or now)
    until = first + timedelta(seconds=policy.follow_ups_s)
    return (
        None if state.held is Because.FOLLOW_UP and until <= now else Hold(Because.FOLLOW_UP, max(until, now))
    )


def _digest(policy: RingPolicy, state: State, now: datetime) -> Hold | None:
    if not policy.digests:
        return None
    until = policy.next_digest(_since(state, now))
    return Hold(Because.DIGEST, until) if until > now else None


def _quiet(policy: RingPolicy, state: State, now: datetime) -> Hold | None:  # noqa: ARG001 - a gate
    if policy.quiet is None or not policy.quiet.cover(now):
        return None
    return Hold(Because.QUIET, policy.quiet.over(now))


def _queue(policy: RingPolicy, state: State, now: datetime) -> Hold | None:  # noqa: ARG001 - a gate
    """A new alert overtakes none that waits: else each could put off the others anew."""
    if state.held is not None or state.ahead is None or state.ahead.until is None:
        return None
    return replace(state.ahead, until=max(state.ahead.until, now))


def _cooldown(policy: RingPolicy, state: State, now: datetime) -> Hold | None:
    if not policy.cooldown_s or not state.told:
        return None
    until = state.told[0] + timedelta(seconds=policy.cooldown_s)
    return Hold(Because.COOLDOWN, until) if until > now else None


def _rate(policy: RingPolicy, state: State, now: datetime) -> Hold | None:
    if policy.rate is None or len(state.told) < policy.rate.count:
        return None
    until = state.told[policy.rate.count - 1] + timedelta(seconds=policy.rate.per_s)
    return Hold(Because.RATE, until) if until > now else None


_Gate = Callable[[RingPolicy, State, datetime], Hold | None]
_GATES: tuple[_Gate, ...] = (_sources, _follow_up, _digest, _quiet, _queue, _cooldown, _rate)


def _since(state: State, now: datetime) -> datetime:
    """From when its wait counts: what waited for sources begins once there are enough."""
    return now if state.held is Because.SOURCES else state.since


def _awake(policy: RingPolicy, hold: Hold) -> Hold:
    """The same, not ending within quiet hours."""
    if hold.until is None or policy.quiet is None or policy.priority is Priority.URGENT:
        return hold
    return replace(hold, until=policy.quiet.over(hold.until))
