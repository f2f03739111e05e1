"""Backtest: alerts by day, source and language, samples, and one query against another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.core.errors import QueryError
from pipeline.flow.backtest import SAMPLES, Backtest, backtest
from pipeline.store.engine import Store
from tests import archive, stock
from tests.naive import Text

WAR = Text(title="The invasion began", body="Troops crossed the border.")
TALKS = Text(title="Talks go on", summary="No invasion so far, they said.")
SPECIES = Text(title="Home invasion in Ohio", body="Police came.")
NEU = Text(title="Die Invasion", body="Neue Sanktionen", language="de")


@pytest.fixture
def filled(store: Store) -> Store:
    """Three articles three days ago, one today, one of old news, and one too old to count."""
    archive.fill(store, [WAR, TALKS, SPECIES], now=stock.T0 - timedelta(days=3))
    archive.fill(store, [NEU], now=stock.T0)
    archive.fill(store, [WAR], now=stock.T0, backlog=True)
    archive.fill(store, [WAR], now=stock.T0 - timedelta(days=40))
    return store


def probed(store: Store, query: str, against: str | None = None) -> Backtest:
    return backtest(store, query, days=30, now=stock.T0, against=against)


def test_alerts_are_counted_by_day_source_and_language(filled: Store) -> None:
    """Every day of the span is there; old news is counted apart; what is too old is left out."""
    found = probed(filled, "invasion")
    assert (found.alerts, found.articles, found.backlog, len(found.days)) == (4, 5, 1, 31)
    busy = {day.isoformat(): count for day, count in found.days if count}
    assert busy == {"2026-02-26": 3, "2026-03-01": 1}
    assert found.sources == (("World news", 3), ("The War", 1))
    assert found.languages == (("en", 3), ("de", 1))


def test_samples_show_where_the_query_was_met(filled: Store) -> None:
    """The newest come first, each with the words that matched."""
    samples = probed(filled, "invasion").samples
    assert [article.title for article, _ in samples] == [
        "Die Invasion",
        "Home invasion in Ohio",
        "Talks go on",
        "The invasion began",
    ]
    assert all(matches[0].text.lower() == "invasion" for _, matches in samples)


def test_ten_samples_are_spread_over_the_span(store: Store) -> None:
    """However many alerts there are, the samples reach from the newest to the oldest."""
    archive.fill(store, [Text(title=f"War number {number}") for number in range(95)])
    titles = [article.title for article, _ in probed(store, "war").samples]
    assert (len(titles), titles[0], titles[-1]) == (SAMPLES, "War number 94", "War number 9")


def test_a_query_against_another_tells_what_is_gained_and_lost(filled: Store) -> None:
    """Alerts that only one of the two has, with samples of each."""
    found = probed(filled, 'troop OR (invasion NOT "home invasion" NOT lang:de)', against="invasion").against
    assert found is not None
    assert (found.alerts, found.gained, found.lost) == (4, 0, 2)
    assert [article.title for article, _ in found.lost_samples] == ["Die Invasion", "Home invasion in Ohio"]
    other = probed(filled, "invasion", against='"home invasion"').against
    assert other is not None
    assert (other.gained, other.lost, len(other.gained_samples)) == (3, 0, 3)


def test_progress_is_told_to_the_end(filled: Store) -> None:
    """A caller can draw a bar: done and all, the last time both equal."""
    told: list[tuple[int, int]] = []
    backtest(filled, "invasion", days=30, now=stock.T0, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (5, 5)


def test_nothing_found_is_an_empty_report_and_a_wrong_query_an_error(filled: Store) -> None:
    """No samples, no alerts, and every day with none."""
    found = probed(filled, "earthquake")
    assert (found.alerts, found.samples, sum(count for _, count in found.days)) == (0, (), 0)
    with pytest.raises(QueryError):
        probed(filled, "a OR")
