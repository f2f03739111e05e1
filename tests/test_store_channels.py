"""Channels: where alerts go."""

from __future__ import annotations

import pytest

from pipeline.core.errors import NotFoundError, UsageError
from pipeline.store import channels, subscriptions
from pipeline.store.engine import Store
from tests import stock
from tests.stock import T0, later


def test_channel_is_found_by_name_and_id_and_hides_its_secret(store: Store) -> None:
    """A channel's URL may hold a token, so neither it nor the secret is shown by accident."""
    id_ = stock.add_channel(store)
    with store.read() as tx:
        row = channels.find(tx, "desk")
        assert channels.find(tx, str(id_)) == row
        with pytest.raises(NotFoundError):
            channels.find(tx, "night")
    assert (row.url, row.secret, row.state) == ("https://hook.example/x", "whsec_x", "active")
    assert "whsec_x" not in repr(row)
    assert "hook.example" not in repr(row)


def test_name_is_taken_until_its_channel_is_removed(store: Store) -> None:
    """A removed channel leaves its name and its subscriptions."""
    id_ = stock.add_channel(store)
    subscription_id = stock.add_subscription(store, channel_ids=[id_])
    with pytest.raises(UsageError, match="already"):
        stock.add_channel(store)
    store.write(lambda tx: channels.remove(tx, id_, later(1)))
    with store.read() as tx:
        assert channels.rows(tx) == []
        assert channels.get(tx, [id_]) == {}
        assert subscriptions.channels_of(tx, [subscription_id]) == {}
    assert stock.add_channel(store) != id_
    with pytest.raises(NotFoundError):
        store.write(lambda tx: channels.remove(tx, id_, later(2)))


def test_channel_changes_only_where_asked(store: Store) -> None:
    """An edit leaves the rest as it was, and a pause is told to senders."""
    id_, other = stock.add_channel(store), stock.add_channel(store, "other")
    store.write(lambda tx: channels.edit(tx, id_, url="https://new.example/", managed=True, now=T0))
    store.write(lambda tx: channels.set_state(tx, id_, "paused", now=T0))
    with store.read() as tx:
        row = channels.find(tx, "desk")
        senders = channels.get(tx, [id_, other])
        assert [one.name for one in channels.rows(tx, limit=1)] == ["desk"]
    assert (row.url, row.secret, row.managed, row.state) == (
        "https://new.example/",
        "whsec_x",
        True,
        "paused",
    )
    assert [senders[one].paused for one in (id_, other)] == [True, False]
    with pytest.raises(UsageError, match="already"):
        store.write(lambda tx: channels.edit(tx, id_, name="other", now=T0))
    with pytest.raises(NotFoundError):
        store.write(lambda tx: channels.edit(tx, 10**9, url="x", now=T0))
