"""What is usual, and what is a spike over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.spike import CALM, FACTOR, FEWEST_HOURS, HOURS, LEAST, spikes, usual

weeks = st.lists(st.integers(0, 50), min_size=FEWEST_HOURS, max_size=HOURS)


def test_three_times_the_usual_rate_is_a_spike() -> None:
    """Below it, and for a few alerts over hardly any, it is not."""
    rate = usual([4] * HOURS)
    assert rate == 4
    assert spikes(12, rate, already=False)
    assert not spikes(11, rate, already=False)
    rare = usual([1, *[0] * 23] * 7)
    assert rare is not None
    assert not spikes(LEAST - 1, rare, already=False)
    assert spikes(LEAST, rare, already=False)


def test_a_spike_lasts_until_the_rate_has_fallen() -> None:
    """Between the two bounds it neither begins nor ends, so it is told once."""
    for count in (7, 11):
        assert spikes(count, 4, already=True)
        assert not spikes(count, 4, already=False)
    assert not spikes(6, 4, already=True)


def test_the_young_have_no_spikes() -> None:
    """Without a day to compare with, nothing is usual."""
    assert usual([9] * (FEWEST_HOURS - 1)) is None
    assert usual([9] * FEWEST_HOURS) == 9


def test_former_spikes_do_not_raise_what_is_usual() -> None:
    """A busy night last week hides no busy night today."""
    quiet = [2] * HOURS
    assert usual([*quiet[:60], 40, 60, 35, *quiet[63:]]) == 2


def test_the_busy_hour_of_each_day_is_no_spike() -> None:
    """What comes every morning is usual in the morning."""
    # The last hour is that of the morning: 23, 47 … hours before it are those of the days before.
    week = [20 if hour % 24 == 23 else 22 if hour % 24 in {0, 22} else 1 for hour in range(HOURS)]
    rate = usual(week)
    assert rate is not None
    assert not spikes(25, rate, already=False)


@given(weeks, st.integers(0, 500))
def test_the_bounds_hold_for_every_week(week: list[int], count: int) -> None:
    """A spike has the least count and three times the usual; it ends below where it began."""
    rate = usual(week)
    assert rate is not None
    assert 0 <= rate <= max(week)
    if spikes(count, rate, already=False):
        assert count >= LEAST
        assert count >= FACTOR * rate
        assert spikes(count, rate, already=True)
    if not spikes(count, rate, already=True):
        assert count <= max(CALM * rate, LEAST / 2)


@given(weeks, st.integers(0, 200), st.integers(0, 200), st.booleans())
def test_more_alerts_are_never_less_of_a_spike(week: list[int], few: int, more: int, already: bool) -> None:
    """The judgement grows with the count."""
    rate = usual(week)
    assert rate is not None
    low, high = sorted((few, more))
    assert spikes(low, rate, already=already) <= spikes(high, rate, already=already)


@given(st.integers(0, 50), st.integers(FEWEST_HOURS, HOURS))
def test_a_steady_rate_is_the_usual_one(steady: int, hours: int) -> None:
    """Whatever it is, and however long it is known."""
    assert usual([steady] * hours) == steady
