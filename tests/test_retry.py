"""When to try again, and when to give up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.retry import BREAKER_FAILURES, backoff, next_delivery, patience, rest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(
    attempt=st.integers(0, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
    base_s=st.floats(0.1, 1e4),
    cap_s=st.floats(0.1, 1e6),
)
def test_a_wait_grows_to_its_cap_and_never_beyond(
    attempt: int, jitter: float, base_s: float, cap_s: float
) -> None:
    """Whatever the numbers, the wait is positive, capped, and at most a fifth shorter than nominal."""
    wait_s = backoff(attempt, base_s=base_s, factor=2.0, cap_s=cap_s, jitter=jitter)
    assert 0 < wait_s <= cap_s
    assert wait_s >= 0.79 * min(base_s, cap_s)


def test_waits_double_until_the_cap() -> None:
    """Without jitter the waits are the plain powers."""
    waits = [backoff(n, base_s=10, factor=2.0, cap_s=60, jitter=0.0) for n in range(5)]
    assert waits == [10, 20, 40, 60, 60]


def attempts_until_given_up(jitter: float) -> list[datetime]:
    """The moments at which a delivery that always fails at once is attempted."""
    moments = [NOW]
    while (due := next_delivery(len(moments), NOW, moments[-1], jitter)) is not None:
        moments.append(due)
    return moments


@given(jitter=st.floats(0, 1, exclude_max=True))
def test_a_delivery_is_tried_a_dozen_times_over_a_day(jitter: float) -> None:
    """A receiver that is down for most of a day misses nothing, and one that is gone is left alone."""
    moments = attempts_until_given_up(jitter)
    assert moments[-1] - NOW >= timedelta(hours=24)
    assert moments[-1] - NOW <= timedelta(hours=48)
    assert 12 <= len(moments) <= 24


def test_the_second_attempt_follows_within_seconds() -> None:
    """A blip costs seconds."""
    due = next_delivery(1, NOW, NOW, 0.5)
    assert due is not None
    assert due - NOW <= timedelta(seconds=6)


def test_a_day_of_standstill_uses_up_no_attempt() -> None:
    """Workers that were down for two days still try the delivery a dozen times."""
    assert next_delivery(1, NOW - timedelta(days=2), NOW, 0.0) is not None
    assert next_delivery(11, NOW - timedelta(days=2), NOW, 0.0) is not None
    assert next_delivery(12, NOW - timedelta(days=2), NOW, 0.0) is None


def test_what_the_receiver_asks_for_is_obeyed_within_reason() -> None:
    """Retry-After lengthens a wait, never shortens it, and binds for a day at most."""
    assert next_delivery(1, NOW, NOW, 0.0, 600.0) == NOW + timedelta(seconds=600)
    assert next_delivery(1, NOW, NOW, 0.0, 0.1) == NOW + timedelta(seconds=5)
    assert patience(1e12) == 86_400
    assert patience(-5) == patience(None) == 0


def test_a_channel_rests_longer_with_each_failure_and_never_long() -> None:
    """A few failures are no reason; a receiver that is back is found within ten minutes."""
    assert [rest(n, jitter=0.0) for n in range(BREAKER_FAILURES)] == [None] * BREAKER_FAILURES
    waits = [rest(BREAKER_FAILURES + n, jitter=0.0) for n in range(9)]
    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600]
