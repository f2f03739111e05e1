"""Turns at a host: how many at once, how far apart, and when the others come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.turns import NEAR_S, Courtesy, HostState, turns
from tests.stock import T0, later

TWO = Courtesy(at_once=2, gap_s=1.0)


def state(*, free: datetime = T0, hold: datetime | None = None, busy: int = 0) -> HostState:
    """A host."""
    return HostState(next_request_at=free, hold_until=hold, busy=busy)


def test_first_starts_at_once_and_the_second_after_the_gap() -> None:
    """The others come back one by one, with turns left between them for pages."""
    found = turns(4, state(free=later(-60)), TWO, T0)
    assert found.starts == (T0, later(1))
    assert found.back == (later(2), later(3.25))
    assert found.next_request_at == later(2)


def test_nobody_starts_at_a_busy_or_held_host() -> None:
    """Who comes back does so when the hold is over, each by himself; the host's next turn stays."""
    assert turns(1, state(busy=2), TWO, T0).starts == ()
    held = turns(200, state(hold=later(3600)), TWO, T0)
    assert held.starts == ()
    assert held.next_request_at == T0
    assert held.back[0] == later(3600)
    assert len({*held.back}) == 200
    assert held.back[-1] == later(3600 + 199 * 1.25)


def test_turn_that_is_far_away_is_not_waited_for() -> None:
    """A gap of a minute does not keep a task, and its claim, for a minute."""
    slow = Courtesy(at_once=2, gap_s=60.0)
    found = turns(2, state(), slow, T0)
    assert (found.starts, found.back) == ((T0,), (later(75),))


def test_without_limits_all_start_now() -> None:
    """A gap of 0 and room for all: a machine of one's own."""
    assert turns(3, state(), Courtesy(at_once=100, gap_s=0.0), T0).starts == (T0, T0, T0)


@given(
    count=st.integers(1, 300),
    courtesy=st.builds(Courtesy, at_once=st.integers(1, 5), gap_s=st.floats(0, 120)),
    at=st.builds(
        HostState,
        next_request_at=st.integers(-100, 100).map(later),
        hold_until=st.none() | st.integers(-100, 10_000).map(later),
        busy=st.integers(0, 6),
    ),
)
def test_turns_keep_what_the_host_has_to_bear(count: int, courtesy: Courtesy, at: HostState) -> None:
    """Whatever the state: nobody is lost, gaps and number are kept, and nothing starts before its time."""
    found = turns(count, at, courtesy, T0)
    assert len(found.starts) + len(found.back) == count
    assert len(found.starts) <= max(courtesy.at_once - at.busy, 0)
    earliest = max(T0, at.next_request_at, at.hold_until or T0)
    moments = [*found.starts, found.next_request_at] if found.starts else []
    least = timedelta(seconds=courtesy.gap_s) - timedelta(microseconds=2)
    assert all(b - a >= least for a, b in pairwise(moments))
    assert all(earliest <= start <= later(NEAR_S) for start in found.starts)
    assert all(back > T0 and back >= earliest for back in found.back)
