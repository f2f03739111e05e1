"""Latencies in the database: many writers, old minutes, and restarts."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from pipeline.core.latency import Sample, Stage
from pipeline.store import latencies
from pipeline.store.engine import Store
from tests.stock import T0, later


def _count(store: Store, seconds: float, *, at: float = 0.0, times: int = 1) -> None:
    store.write(lambda tx: latencies.count(tx, [Sample(Stage.STORED, seconds)] * times, later(at)))


def test_counts_add_up_and_may_be_asked_for_since_a_moment(store: Store) -> None:
    """All that was ever counted, or what the last minutes brought."""
    _count(store, 0.02, times=3)
    _count(store, 0.04)
    _count(store, 7, at=600)
    with store.read() as tx:
        ever = latencies.histograms(tx)
        lately = latencies.histograms(tx, since=later(540))
    assert (ever[Stage.STORED].counts, ever[Stage.STORED].seconds) == ({50: 4, 10_000: 1}, pytest.approx(7.1))
    assert lately[Stage.STORED].counts == {10_000: 1}
    assert list(ever) == [Stage.STORED]


def test_old_minutes_are_folded_and_nothing_is_lost(store: Store) -> None:
    """Folding takes rows, never counts; the newest minutes stay apart."""
    for minute in range(5):
        _count(store, 0.02 * minute, at=60 * minute)
    with store.read() as tx:
        before = latencies.histograms(tx)
    now = later(240)
    for _ in range(2):
        store.write(lambda tx: latencies.fold(tx, before=timedelta(minutes=2), now=now))
    with store.read() as tx:
        after = latencies.histograms(tx)
        recent = latencies.histograms(tx, since=T0 + timedelta(seconds=120))
    assert after[Stage.STORED].counts == before[Stage.STORED].counts
    assert after[Stage.STORED].seconds == pytest.approx(before[Stage.STORED].seconds)
    assert recent[Stage.STORED].total == 3
    assert store.write(lambda tx: latencies.fold(tx, before=timedelta(minutes=2), now=now)) == 0


def test_minutes_of_a_long_time_are_folded_few_at_once(store: Store) -> None:
    """A day of them in one transaction would keep writers waiting."""
    for minute in range(25):
        _count(store, 0.02, at=60 * minute)
    went = [
        store.write(lambda tx: latencies.fold(tx, before=timedelta(minutes=2), now=later(60 * 30)))
        for _ in range(4)
    ]
    assert went == [10, 10, 5, 0]
    with store.read() as tx:
        assert latencies.histograms(tx)[Stage.STORED].total == 25


def test_many_writers_and_a_folder_lose_no_sample(store: Store) -> None:
    """Writers of one lane wait for each other, those of others do not; every sample is counted."""

    def write() -> None:
        for n in range(20):
            _count(store, 0.01 * n, at=n)

    def fold() -> None:
        for _ in range(10):
            store.write(lambda tx: latencies.fold(tx, before=timedelta(0), now=later(600)))

    threads = [threading.Thread(target=work) for work in (write, write, write, fold)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with store.read() as tx:
        assert latencies.histograms(tx)[Stage.STORED].total == 60
