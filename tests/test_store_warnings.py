"""Warnings: noticed, counted, over."""

from __future__ import annotations

from pipeline.store import warnings
from pipeline.store.engine import Store
from tests import stock
from tests.stock import T0, later


def test_warning_stands_once_and_counts_how_often_it_was_noticed(store: Store) -> None:
    """The second notice keeps the first's moment and brings the newest text."""
    feed, other = stock.add_feed(store), stock.add_feed(store, "https://b.example/feed")
    for text, now in (("first", T0), ("second", later(60))):
        store.write(lambda tx, text=text, now=now: warnings.warn(tx, feed, "gap", text, now))
    store.write(lambda tx: warnings.warn(tx, feed, "etag", "lies", later(30)))
    with store.read() as tx:
        found = warnings.of(tx, [feed, other])
    assert list(found) == [feed]
    assert [(one.word, one.text, one.since, one.last_at, one.count) for one in found[feed]] == [
        ("gap", "second", T0, later(60), 2),
        ("etag", "lies", later(30), later(30), 1),
    ]


def test_cleared_warning_is_gone_and_begins_anew(store: Store) -> None:
    """Clearing tells whether there was one."""
    feed = stock.add_feed(store)
    store.write(lambda tx: warnings.warn(tx, feed, "gap", "x", T0))
    assert store.write(lambda tx: warnings.clear(tx, feed, "gap"))
    assert not store.write(lambda tx: warnings.clear(tx, feed, "gap"))
    store.write(lambda tx: warnings.warn(tx, feed, "gap", "y", later(5)))
    with store.read() as tx:
        assert [(one.since, one.count) for one in warnings.of(tx, [feed])[feed]] == [(later(5), 1)]


def test_a_warning_that_was_not_noticed_again_expires(store: Store) -> None:
    """By its word, and by when it was noticed last."""
    feed = stock.add_feed(store)
    for word, now in (("gap", T0), ("gap", later(60)), ("poison", T0), ("etag", T0)):
        store.write(lambda tx, word=word, now=now: warnings.warn(tx, feed, word, "x", now))
    store.write(lambda tx: warnings.expire(tx, ("gap", "poison"), later(30)))
    with store.read() as tx:
        assert {one.word for one in warnings.of(tx, [feed])[feed]} == {"gap", "etag"}
