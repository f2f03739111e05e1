"""Subscriptions: named queries and the channels that they ring."""

from __future__ import annotations

import pytest

from pipeline.core.errors import NotFoundError, UsageError
from pipeline.store import subscriptions
from pipeline.store.engine import Store
from tests import stock
from tests.stock import later


def test_every_change_has_a_number_of_its_own(store: Store) -> None:
    """A percolator that asks for what changed since its last look misses nothing."""
    first, second = stock.add_subscription(store, "a"), stock.add_subscription(store, "b")
    with store.read() as tx:
        seen = subscriptions.version(tx)
        assert [one.id for one in subscriptions.since(tx, 0)] == [first, second]
        assert subscriptions.since(tx, seen) == []
    store.write(lambda tx: subscriptions.edit(tx, first, query="peace", now=later(1)))
    store.write(lambda tx: subscriptions.set_state(tx, second, "paused", later(2)))
    with store.read() as tx:
        changed = subscriptions.since(tx, seen)
        assert subscriptions.version(tx) == changed[-1].version
    assert [(one.id, one.query, one.active) for one in changed] == [
        (first, "peace", True),
        (second, "invasion", False),
    ]


def test_removed_subscription_is_inactive_and_frees_its_name(store: Store) -> None:
    """Its rows stay for its alerts, but nobody finds it by name, and another may have it."""
    id_ = stock.add_subscription(store)
    with pytest.raises(UsageError, match="already"):
        stock.add_subscription(store)
    store.write(lambda tx: subscriptions.remove(tx, id_, later(1)))
    with store.read() as tx:
        assert [one.active for one in subscriptions.since(tx, 0)] == [False]
        assert subscriptions.rows(tx) == []
        with pytest.raises(NotFoundError):
            subscriptions.find(tx, "war")
    assert stock.add_subscription(store) != id_


def test_row_shows_channels_and_alerts(store: Store) -> None:
    """What a subscription rings and how often it rang is told with it."""
    desk, night = stock.add_channel(store, "desk"), stock.add_channel(store, "night")
    id_ = stock.add_subscription(store, channel_ids=[night, desk])
    stock.add_feed(store)
    stock.news(store, "one", ring=stock.Ring((id_,)))
    with store.read() as tx:
        row = subscriptions.find(tx, str(id_))
        assert subscriptions.channels_of(tx, [id_, 10**9]) == {id_: [desk, night]}
    assert (row.name, row.channels, row.channel_ids, row.alerts) == (
        "war",
        ("desk", "night"),
        (desk, night),
        1,
    )
    store.write(lambda tx: subscriptions.edit(tx, id_, channel_ids=[night], name="peace", now=later(1)))
    with store.read() as tx:
        assert subscriptions.find(tx, "peace").channels == ("night",)


def test_edit_refuses_what_is_not_there_or_taken(store: Store) -> None:
    """A name stays one subscription's, and nothing is changed that does not exist."""
    first, _ = stock.add_subscription(store, "a"), stock.add_subscription(store, "b")
    with pytest.raises(UsageError, match="already"):
        store.write(lambda tx: subscriptions.edit(tx, first, name="b", now=later(1)))
    store.write(lambda tx: subscriptions.edit(tx, first, name="a", managed=True, now=later(1)))
    with pytest.raises(NotFoundError):
        store.write(lambda tx: subscriptions.edit(tx, 10**9, query="x", now=later(1)))
    with store.read() as tx:
        assert [(row.name, row.managed) for row in subscriptions.rows(tx, limit=1)] == [("a", True)]
