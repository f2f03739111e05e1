"""Whose turn it is at a host: few requests at once, a gap between their starts, and none while it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A request whose start is this near waits for it in its own task, so that gaps are kept to the moment.
NEAR_S = 5.0
#: Who has to come back does so in steps a little longer than the gap: the turns between are left for pages.
_STRIDE = 1.25
_LEAST_STEP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Courtesy:
    """What a host has to bear from us."""

    at_once: int
    gap_s: float  # between the starts of two requests


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """How things stand at a host."""

    next_request_at: datetime  # no request starts before
    hold_until: datetime | None  # it asked to be left alone until then
    busy: int  # requests under way, or waiting for their start


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """When requests start, and when those come back that have no turn now."""

    starts: tuple[datetime, ...]
    back: tuple[datetime, ...]
    next_request_at: datetime


def turns(count: int, state: HostState, courtesy: Courtesy, now: datetime) -> Turns:
    """Turns for ``count`` requests to a host that are due now, in their order."""
    gap = timedelta(seconds=courtesy.gap_s)
    at = max(now, state.next_request_at, state.hold_until or now)
    latest = now + timedelta(seconds=NEAR_S)
    starts: list[datetime] = []
    while len(starts) < min(count, courtesy.at_once - state.busy) and at <= latest:
        starts.append(at)
        at += gap
    step = timedelta(seconds=max(courtesy.gap_s * _STRIDE, _LEAST_STEP_S))
    first = max(at, now + step)
    return Turns(
        starts=tuple(starts),
        back=tuple(first + step * number for number in range(count - len(starts))),
        next_request_at=at if starts else state.next_request_at,
    )
