"""A feed's interval follows its rhythm, within what operator and publisher say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest

from pipeline.core import rhythm
from pipeline.core.model import Rhythm
from pipeline.core.rhythm import Limits, Pacing, Why

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KNOWN = Rhythm(rate=4.0, watched_s=36_000.0, rated_at=NOW, last_item_at=NOW)
PACING = Pacing(limits=Limits(), stretch_s=300.0)


def polled(one: Rhythm, counts: list[int], *, every_s: float, whole: bool = False) -> Rhythm:
    """The rhythm after polls that brought ``counts`` items."""
    begun = one.rated_at or NOW
    for number, count in enumerate(counts, 1):
        at = begun + timedelta(seconds=number * every_s)
        one = rhythm.heard(one, count, whole=whole, neutral=1.0, now=at)
    return one


def test_a_first_poll_says_nothing_about_the_rhythm() -> None:
    """What stood there before is no rate: the feed begins with the rate of the mean interval."""
    one = rhythm.heard(Rhythm(), 30, whole=True, neutral=PACING.neutral, now=NOW)
    assert rhythm.interval(one, PACING) == (300.0, Why.UNKNOWN)
    assert not rhythm.known(one)
    assert rhythm.known(polled(one, [0], every_s=30))
    assert (one.owed, one.last_item_at, one.rated_at) == (0, None, NOW)


@pytest.mark.parametrize("every_s", [60.0, 900.0])
def test_the_rate_is_learned_whatever_the_interval(every_s: float) -> None:
    """Six items an hour are six items an hour, seen by the minute or by the quarter."""
    per_poll = 6 * every_s / 3600
    counts = [round((n + 1) * per_poll) - round(n * per_poll) for n in range(round(2 * 86_400 / every_s))]
    assert polled(KNOWN, counts, every_s=every_s).rate == pytest.approx(6.0, rel=0.1)


def test_a_feed_that_falls_silent_is_polled_ever_more_rarely() -> None:
    """The rate fades, and the interval grows with its root up to the longest."""
    one, waits = KNOWN, []
    for _ in range(40):
        one = polled(one, [0], every_s=3 * 3600)
        waits.append(rhythm.interval(one, PACING)[0])
    assert waits == sorted(waits)
    assert waits[-1] == 3600.0


def test_a_document_that_is_all_new_is_a_lower_bound() -> None:
    """After a stop others may have come and gone: the rate is not taken to have fallen."""
    assert polled(KNOWN, [3], every_s=36_000, whole=True).rate == 4.0
    assert (polled(KNOWN, [3], every_s=36_000).rate or 0) < 4.0


def test_versions_and_repetitions_are_taken_back() -> None:
    """A feed that changes all its items at each poll has the rate of its news, which is none."""
    one = KNOWN
    for _ in range(50):
        one = replace(polled(one, [30], every_s=3600, whole=True), owed=-30)
    assert (one.rate or 0.0) < 0.5
    assert one.last_item_at == NOW + timedelta(hours=1)  # taken for news once


def test_the_usual_time_between_items_knows_the_nights() -> None:
    """By day every six minutes, by night nothing for eight hours: silence is usual for hours."""
    one, at = KNOWN, NOW
    for _ in range(56):
        for _ in range(160):
            at += timedelta(minutes=6)
            one = rhythm.heard(one, 1, whole=False, neutral=1.0, now=at)
        at += timedelta(hours=8)
    assert one.usual_s == pytest.approx(8 * 3600 * 8 / 24, rel=0.25)


@pytest.mark.parametrize("days", [30, 365])
def test_a_time_in_which_nobody_looked_is_no_silence_of_the_feed(days: int) -> None:
    """After a month at rest, or a clock that was a year ahead, a feed that falls silent is still found out."""
    daily = replace(KNOWN, usual_s=86_400.0)
    one = rhythm.heard(daily, 3, whole=False, neutral=1.0, now=NOW + timedelta(days=days))
    assert one.usual_s == pytest.approx(86_400.0)
    assert polled(daily, [0] * 47 + [1], every_s=3600.0).usual_s > 86_400.0  # two days that were watched
    weekly = replace(daily, every_s=7 * 86_400)
    assert polled(weekly, [1] * 9, every_s=7 * 86_400).usual_s == pytest.approx(7 * 86_400, rel=0.1)


def test_busier_feeds_are_polled_more_often_by_the_root() -> None:
    """Four times the items, half the interval; nothing beyond the limits."""
    waits = [rhythm.interval(replace(KNOWN, rate=rate), PACING)[0] for rate in (0.0, 1e-3, 1, 4, 16, 1e6)]
    assert waits == [3600, 3600, 300, 150, 75, 30]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"every_s": 17, "asked_s": 900, "urgent": True}, (17.0, Why.FIXED)),
        ({"asked_s": 200}, (200.0, Why.ASKED)),
        ({"asked_s": 86_400}, (300.0, Why.ASKED)),
        ({"asked_s": 149}, (150.0, Why.RHYTHM)),
        ({"rate": 1e-6, "asked_s": 900}, (3600.0, Why.RHYTHM)),
        ({"urgent": True, "asked_s": 900}, (45.0, Why.URGENT)),
        ({"urgent": True, "rate": 900.0}, (30.0, Why.RHYTHM)),
        ({"rate": None}, (300.0, Why.UNKNOWN)),
        ({"rate": None, "urgent": True}, (45.0, Why.URGENT)),
    ],
)
def test_operator_and_publisher_have_their_say(
    changes: dict[str, object], expected: tuple[float, Why]
) -> None:
    """Fixed is fixed; who waits for urgent news goes before the publisher, who is heard up to a limit."""
    assert rhythm.interval(replace(KNOWN, **changes), PACING) == expected  # type: ignore[arg-type]


def test_the_mean_interval_is_within_the_limits_whatever_they_are() -> None:
    """An operator who polls each ten seconds, or each two hours, need not know of the other options."""
    assert Limits(every_s=10).bounds == (10, 3600)
    assert Limits(every_s=7200).bounds == (30, 7200)


def test_the_next_poll_is_never_in_step() -> None:
    """Jitter about the interval, and any part of it after a feed's first answer."""
    assert [rhythm.wait_s(100, first=False, jitter=j) for j in (0.0, 0.5)] == [95.0, 100.0]
    assert [rhythm.wait_s(100, first=True, jitter=j) for j in (0.0, 1.0)] == [25.0, 100.0]


def _cost(rates: list[float], asked: list[int], pacing: Pacing) -> float:
    found = [replace(KNOWN, rate=rate, asked_s=asked_s) for rate, asked_s in zip(rates, asked, strict=True)]
    return sum(1 / rhythm.interval(one, pacing)[0] for one in found)


@pytest.mark.parametrize("every_s", [60, 300, 1200])
def test_all_feeds_together_cost_what_the_mean_interval_allows(every_s: int) -> None:
    """Limits and publishers' wishes included, the budget is spent to a few hundredths."""
    rates = [0.0] * 200 + [2.0 ** (n % 15 - 8) for n in range(600)]
    asked = [(n % 5) * 15 for n in range(800)]
    counted: dict[tuple[int, int], int] = {}
    for rate, asked_s in zip(rates, asked, strict=True):
        key = rhythm.bucket(rate, asked_s)
        counted[key] = counted.get(key, 0) + 1
    limits = Limits(every_s=every_s)
    stretch_s = rhythm.solve(counted, limits)
    assert _cost(rates, asked, Pacing(limits=limits, stretch_s=stretch_s)) == pytest.approx(
        800 / every_s, rel=0.04
    )


def test_where_no_stretch_meets_the_budget_the_nearest_is_taken() -> None:
    """Feeds that are all silent get the longest interval, feeds that are all busy the shortest; none no stretch."""
    assert rhythm.solve({}, Limits()) is None
    alike = {rhythm.bucket(9.0, 0): 10}
    stretch_s = rhythm.solve(alike, Limits(every_s=300))
    assert stretch_s == pytest.approx(300 * sqrt(9.0), rel=0.05)
    courteous = {rhythm.bucket(9.0, 300): 10}
    assert rhythm.solve(courteous, Limits(every_s=60)) is not None


@pytest.mark.parametrize(
    ("headers", "head", "expected"),
    [
        ({}, b"", 0),
        ({"cache-control": "public, max-age=600"}, b"", 600),
        ({"cache-control": 'Max-Age="600"', "age": "100"}, b"", 500),
        ({"cache-control": "max-age=60", "age": "100"}, b"", 0),
        ({"cache-control": "s-maxage=900"}, b"", 0),
        ({"cache-control": "no-cache, max-age=600"}, b"", 0),
        ({"cache-control": "max-age=99999999"}, b"", 86_400),
        ({"cache-control": "max-age=²"}, b"", 0),
        ({"expires": "Mon, 02 Mar 2026 12:10:00 GMT"}, b"", 600),
        (
            {"expires": "Mon, 02 Mar 2026 13:10:00 GMT", "date": "Mon, 02 Mar 2026 13:00:00 GMT"},
            b"",
            600,
        ),
        ({"expires": "0"}, b"", 0),
        ({"expires": "Mon, 02 Mar 2026 12:10:00 GMT", "cache-control": "max-age=5"}, b"", 5),
        ({}, b"<rss><channel><ttl> 15 </ttl>", 900),
        ({}, b"<ttl>-1</ttl>", 0),
        (
            {},
            b"<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            900,
        ),
        ({}, b"<sy:updatePeriod>daily</sy:updatePeriod>", 86_400),
        ({}, b"<sy:updatePeriod>often</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 0),
        ({"cache-control": "max-age=60"}, b"<ttl>5</ttl>", 300),
    ],
)
def test_what_publishers_ask_for_is_read(headers: dict[str, str], head: bytes, expected: int) -> None:
    """Freshness by HTTP, ttl by RSS, and the syndication module; the longest counts, nonsense does not."""
    assert rhythm.asked_s(headers, head, NOW) == expected


@pytest.mark.parametrize(
    ("why", "rate", "expected"),
    [
        (Why.RHYTHM, 3.14, "every 95 s: 3.1 items an hour"),
        (Why.RHYTHM, 0.1, "every 95 s: 2.4 items a day"),
        (Why.RHYTHM, 0.01, "every 95 s: 1.7 items a week"),
        (Why.RHYTHM, 0.0, "every 95 s: less than an item a week"),
        (Why.FIXED, 1.0, "every 95 s: fixed"),
        (Why.ASKED, 1.0, "every 95 s: the publisher asks for it"),
        (Why.URGENT, 1.0, "every 95 s: urgent alerts of Desk came from it"),
        (Why.UNKNOWN, None, "every 95 s: its rhythm is not known yet"),
    ],
)
def test_an_interval_is_told_with_its_reason(why: Why, rate: float | None, expected: str) -> None:
    """An operator reads why a feed is polled as it is."""
    assert rhythm.sentence(95.2, why, Rhythm(rate=rate), urgent_for="Desk") == expected


def test_answers_are_timed_by_a_decayed_mean() -> None:
    """One slow answer does not make a slow feed, ten do."""
    mean = rhythm.answered(None, 0.1)
    assert mean == 100.0
    assert rhythm.answered(mean, 1.1) == 200.0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(90, "90 seconds"), (150, "2.5 minutes"), (11_520, "3.2 hours"), (432_000, "5 days"), (9e6, "100 days")],
)
def test_times_are_told_in_their_unit(seconds: float, expected: str) -> None:
    """Two figures are enough."""
    assert rhythm.span(seconds) == expected
