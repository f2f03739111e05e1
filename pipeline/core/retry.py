"""When to try again: exponential back-off with jitter, and when to give up.

Chance comes in as ``jitter``, a number in [0, 1) that the caller has drawn.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_SPREAD = 0.2  # a wait is up to a fifth shorter than its nominal length, so that herds dissolve

_DELIVERY_BASE_S = 5.0
_DELIVERY_FACTOR = 3.0
_DELIVERY_CAP_S = 3 * 3600.0
_DELIVERY_ATTEMPTS = 12
_DELIVERY_AGE = timedelta(hours=24)
_RETRY_AFTER_CAP_S = 24 * 3600.0  # nobody may silence us for longer

#: A channel that failed so often in a row is left alone for a while.
BREAKER_FAILURES = 5
_BREAKER_BASE_S = 15.0
_BREAKER_FACTOR = 2.0
_BREAKER_CAP_S = 600.0


def backoff(attempt: int, *, base_s: float, factor: float, cap_s: float, jitter: float) -> float:
    """Seconds to wait before trying again; ``attempt`` counts the waits before this one, from 0.

    Between 80 % and 100 % of ``base_s * factor ** attempt``, and never above ``cap_s``.
    """
    nominal = base_s
    for _ in range(attempt):
        if nominal >= cap_s:
            break
        nominal *= factor
    return min(nominal, cap_s) * (1.0 - _SPREAD * jitter)


def patience(retry_after_s: float | None) -> float:
    """Seconds that a receiver's Retry-After binds us: never negative, at most a day."""
    return min(max(retry_after_s or 0.0, 0.0), _RETRY_AFTER_CAP_S)


def next_delivery(
    attempts: int, created_at: datetime, now: datetime, jitter: float, retry_after_s: float | None = None
) -> datetime | None:
    """When to attempt a delivery again after ``attempts`` (≥ 1) failed ones; None gives up.

    Nothing is given up before twelve attempts and twenty-four hours: a worker
    that stood still for a day has not used up anybody's chances.
    """
    if attempts >= _DELIVERY_ATTEMPTS and now - created_at >= _DELIVERY_AGE:
        return None
    wait_s = backoff(
        attempts - 1, base_s=_DELIVERY_BASE_S, factor=_DELIVERY_FACTOR, cap_s=_DELIVERY_CAP_S, jitter=jitter
    )
    return now + timedelta(seconds=max(wait_s, patience(retry_after_s)))


def rest(failures: int, *, jitter: float) -> float | None:
    """Seconds that a channel is left alone after ``failures`` in a row; None when it is not, yet."""
    if failures < BREAKER_FAILURES:
        return None
    return backoff(
        failures - BREAKER_FAILURES,
        base_s=_BREAKER_BASE_S,
        factor=_BREAKER_FACTOR,
        cap_s=_BREAKER_CAP_S,
        jitter=jitter,
    )
