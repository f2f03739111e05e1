"""When a silence is told: habits, chance, weekends, bursts, and how rarely it is wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.silence import find

#: A Monday, at noon.
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)


def _at_hours(*hours: int, until: datetime = NOW, days: int = 15, weekends: bool = True) -> list[datetime]:
    """Alerts at these hours of each day, up to ``until``."""
    midnight = until.replace(hour=0)
    found = [
        midnight - timedelta(days=back) + timedelta(hours=hour)
        for back in range(days, -1, -1)
        for hour in hours
        if weekends or (midnight - timedelta(days=back)).weekday() < 5
    ]
    return [at for at in found if at <= until]


def _told_after(alerts: list[datetime], began: datetime = LONG_AGO) -> float | None:
    """Hours of silence after which it is told, within ten days."""
    for hours in range(1, 240):
        if find(alerts, began=began, now=alerts[-1] + timedelta(hours=hours)):
            return hours
    return None


@pytest.mark.parametrize("hours", [(0, 6, 12, 18), (8, 12, 16, 20), (9, 10, 11, 12), (3, 9, 17, 23)])
@pytest.mark.parametrize("day", range(7))
def test_four_a_day_and_36_hours_are_told(hours: tuple[int, ...], day: int) -> None:
    """Whatever hours of the day they come at, and whatever day it is; a day alone is not."""
    alerts = _at_hours(*hours, until=NOW + timedelta(days=day))
    after = _told_after(alerts)
    assert after is not None
    assert 12 < after <= 36


def test_what_is_told_names_the_habit() -> None:
    """Since when, for how long, and what would be usual."""
    alerts = _at_hours(0, 6, 12, 18)
    found = find(alerts, began=LONG_AGO, now=NOW + timedelta(hours=36))
    assert found is not None
    assert (found.since, found.hours) == (NOW, 36)
    assert found.usual_per_day == pytest.approx(4)
    assert found.expected == pytest.approx(6, rel=0.05)


def test_silent_weekend_is_no_silence_where_weekends_are_silent() -> None:
    """From Friday evening to Monday morning nothing is told; a silent Monday and Tuesday is."""
    friday = datetime(2026, 3, 13, 20, tzinfo=UTC)
    alerts = _at_hours(8, 12, 16, 20, until=friday, weekends=False)
    after = _told_after(alerts)
    assert after is not None
    assert 64 < after <= 100


def test_silent_nights_are_tolerated() -> None:
    """Forty a day, all within office hours: the night that follows tells nothing."""
    alerts = _at_hours(*sorted([*range(8, 18)] * 4), until=NOW.replace(hour=17))
    after = _told_after(alerts)
    assert after is not None
    assert 15 < after < 24


def test_one_day_of_great_news_makes_nothing_usual() -> None:
    """Forty alerts on one day of a fortnight of a few are no habit of three a day."""
    quiet = [NOW - timedelta(days=n) for n in range(14, 0, -3)]
    burst = [NOW - timedelta(minutes=15 * n) for n in range(40, 0, -1)]
    after = _told_after([*quiet, *burst])
    assert after is None


@pytest.mark.parametrize(
    ("alerts", "began"),
    [
        ([], LONG_AGO),
        (_at_hours(0, 6, 12, 18, days=3), LONG_AGO),  # no history
        (_at_hours(6), LONG_AGO),  # one a day: the fortnight says too little for 36 hours
        (_at_hours(0, 6, 12, 18), NOW + timedelta(hours=30)),  # its query has changed since
    ],
)
def test_what_makes_no_habit_is_never_told_after_36_hours(alerts: list[datetime], began: datetime) -> None:
    """A young, rare or changed subscription."""
    assert find(alerts, began=began, now=NOW + timedelta(hours=36)) is None


def _poisson(chance: random.Random, per_day: float, days: int) -> Iterator[datetime]:
    at = NOW
    while (at := at + timedelta(days=chance.expovariate(per_day))) < NOW + timedelta(days=days):
        yield at


@pytest.mark.parametrize("per_day", [2, 4, 12, 40])
def test_chance_alone_is_rarely_told(per_day: float) -> None:
    """Even where alerts come by pure chance, a false alarm is rarer than once in a month."""
    chance = random.Random(per_day)
    days = 400
    times = list(_poisson(chance, per_day, days))
    false = 0
    for index in range(200, len(times) - 1):
        known = times[max(0, index - 15 * int(per_day) - 60) : index + 1]
        false += find(known, began=LONG_AGO, now=times[index + 1]) is not None
    assert false <= (len(times) - 200) / per_day / 30
