"""One matcher: stream, archive, backtest and a naive reading agree on every query, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.match import Percolator
from pipeline.core.model import Subscription
from pipeline.core.query import parse
from pipeline.flow.backtest import backtest
from pipeline.flow.search import search
from pipeline.store.engine import Store
from tests import archive, naive, stock
from tests.naive import Text
from tests.test_match import articles, queries, readable

#: Queries of an example, at least; about a third of those drawn need no term and are refused.
PER_EXAMPLE = 40
NOW = stock.T0 + timedelta(hours=1)


@pytest.fixture
def filled(store: Store) -> tuple[Store, list[tuple[int, Text]]]:
    """A store that examples fill anew is slow; they share one, and differ in what they ask."""
    drawn: list[Text] = []

    @settings(max_examples=60, database=None, derandomize=True)
    @given(articles)
    def draw(text: Text) -> None:
        drawn.append(text)

    draw()
    return store, archive.fill(store, drawn)


def test_all_ways_to_ask_agree(
    filled: tuple[Store, list[tuple[int, Text]]], pytestconfig: pytest.Config
) -> None:
    """The percolator, the archive's search, its backtest and a naive reading find the same articles."""
    store, known = filled
    wanted = pytestconfig.getoption("queries")
    tried = 0

    @settings(max_examples=-(-wanted // PER_EXAMPLE), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(queries, min_size=2 * PER_EXAMPLE, max_size=2 * PER_EXAMPLE))
    def agree(drawn: list[str]) -> None:
        nonlocal tried
        asked = list(filter(readable, drawn))
        tried += len(asked)
        compare(store, known, asked)

    while tried < wanted:  # how many of those drawn are refused is chance
        agree()
    assert tried >= wanted


def compare(store: Store, known: Sequence[tuple[int, Text]], asked: Sequence[str]) -> None:
    """Ask each query in every way; the first that is answered in two ways fails."""
    streamed = _streamed(asked, known)
    for number, query in enumerate(asked):
        expected = [id_ for id_, text in known if naive.holds(parse(query).root, text)]
        found = sorted(article.id for article, _ in search(store, query, limit=1_000))
        tested = backtest(store, query, days=1, now=NOW)
        assert (streamed[number], found, tested.articles) == (expected, expected, len(expected)), query


def _streamed(asked: Sequence[str], known: Sequence[tuple[int, Text]]) -> list[list[int]]:
    percolator = Percolator()
    percolator.apply(
        Subscription(id=number, name=str(number), query=query, active=True, version=1)
        for number, query in enumerate(asked)
    )
    rung: list[list[int]] = [[] for _ in asked]
    for id_, text in known:
        for hit in percolator.match(text.analysed):
            rung[hit.subscription_id].append(id_)
    return rung
