"""The interval of one feed: its rhythm, within what operator and publisher say, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from pipeline.core.model import Rhythm
from pipeline.core.rhythm.estimate import known

#: A rate at which every interval is the longest; nothing needs to be told from it.
RAREST = 1e-4  # items an hour
_JITTER = 0.1
_DAY_H = 24.0
_WEEK_H = 168.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the operator has set, all in seconds."""

    every_s: float = 300.0  # the mean interval: it sets the budget of polls
    least_s: float = 30.0
    most_s: float = 3600.0
    courtesy_s: float = 300.0  # a publisher may ask for this long an interval at most
    urgent_s: float = 45.0  # the longest interval of a feed that fed urgent alerts
    backup_s: float = 1800.0  # the shortest interval of a feed whose hub pushes what is new; 0: none does

    @property
    def bounds(self) -> tuple[float, float]:
        """The shortest and the longest interval; the mean is always among them."""
        return min(self.least_s, self.every_s), max(self.most_s, self.every_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """What an interval is decided with: the limits, and what the census has found."""

    limits: Limits = Limits()
    stretch_s: float | None = (
        None  # between polls of a feed of one item an hour; None before the first census
    )

    @property
    def stretch(self) -> float:
        """The stretch; before any census a feed of one item an hour has the mean interval."""
        return self.limits.every_s if self.stretch_s is None else self.stretch_s

    @property
    def neutral(self) -> float:
        """The rate, in items an hour, at which a feed has the mean interval."""
        return (self.stretch / self.limits.every_s) ** 2


class Why(StrEnum):
    """What has set an interval."""

    FIXED = "fixed"  # the operator
    URGENT = "urgent"  # an urgent subscription waits for this feed
    PUSHED = "pushed"  # its hub brings what is new; polls only look whether it does
    ASKED = "asked"  # the publisher
    RHYTHM = "rhythm"
    UNKNOWN = "unknown"  # no rhythm is known yet


def interval(rhythm: Rhythm, pacing: Pacing) -> tuple[float, Why]:
    """Seconds between polls of a feed, and why.

    The operator's word goes first. What a hub pushes comes sooner than any poll
    could bring it; somebody who waits for urgent news goes before what publishers
    ask of everybody.
    """
    limits = pacing.limits
    if rhythm.every_s is not None:
        return float(rhythm.every_s), Why.FIXED
    least_s, most_s = limits.bounds
    if rhythm.rate is None:
        own_s, why = limits.every_s, Why.UNKNOWN
    else:
        own_s = min(max(pacing.stretch / sqrt(max(rhythm.rate, RAREST)), least_s), most_s)
        why = Why.RHYTHM if known(rhythm) else Why.UNKNOWN
    if rhythm.pushed and limits.backup_s > own_s:
        return limits.backup_s, Why.PUSHED
    if rhythm.urgent:
        soon_s = max(min(own_s, limits.urgent_s), least_s)
        return soon_s, Why.URGENT if soon_s < own_s else why
    asked_s = min(rhythm.asked_s, limits.courtesy_s)
    return (asked_s, Why.ASKED) if asked_s > own_s else (own_s, why)


def wait_s(interval_s: float, *, first: bool, jitter: float) -> float:
    """Seconds until the next poll: the interval give or take a twentieth, so that no herd forms.

    After a feed's ``first`` answer it is any part of the interval above a quarter:
    feeds that were added together go apart at once.  ``jitter`` is in [0, 1).
    """
    if first:
        return interval_s * (0.25 + 0.75 * jitter)
    return interval_s * (1.0 - _JITTER / 2 + _JITTER * jitter)


def first_wait_s(number: int) -> float:
    """Seconds until the first poll of the feed that is ``number``, from 0, of those added together.

    Ten begin each second, so that a list of hundreds is polled within the minute and not at one moment.
    """
    return number % 600 / 10.0


def sentence(interval_s: float, why: Why, rhythm: Rhythm, *, urgent_for: str | None = None) -> str:
    """An interval and its reason for people: ``every 95 s: 3.1 items an hour``.

    ``urgent_for`` names the urgent subscription that waits for the feed.
    """
    reason = {
        Why.FIXED: "fixed",
        Why.URGENT: f"urgent alerts of {urgent_for or 'a subscription'} came from it",
        Why.PUSHED: "its hub pushes what is new",
        Why.ASKED: "the publisher asks for it",
        Why.UNKNOWN: "its rhythm is not known yet",
        Why.RHYTHM: _often(rhythm.rate or 0.0),
    }[why]
    return f"every {interval_s:.0f} s: {reason}"


def span(seconds: float) -> str:
    """A time in the unit that people would say it in: ``40 minutes``, ``3.2 hours``, ``5 days``."""
    for unit, length_s in (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length_s:
            return f"{float(f'{seconds / length_s:.2g}'):g} {unit}"
    return f"{seconds:.0f} seconds"


def _often(rate: float) -> str:
    """A rate in the unit that people would count it in."""
    for hours, unit in ((1.0, "an hour"), (_DAY_H, "a day"), (_WEEK_H, "a week")):
        if rate * hours >= 1.0:
            return f"{rate * hours:.1f} items {unit}"
    return "less than an item a week"
