"""Updates on record: counted, checked, and forgotten with what they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from pipeline.core.change import Version, change
from pipeline.core.errors import NotFoundError
from pipeline.store import audit, deliveries, updates
from pipeline.store.engine import Store
from pipeline.store.updates import NewUpdate
from tests import stock
from tests.stock import T0, Ring, later


@pytest.fixture
def told(store: Store) -> NewUpdate:
    """An alert with an update, and a channel for both."""
    channel_id = stock.add_channel(store)
    subscription_id = stock.add_subscription(store, channel_ids=[channel_id])
    stock.add_feed(store)
    done = stock.news(store, "one", ring=Ring((subscription_id,)))
    what = change(Version("Quake kills 12"), Version("Quake kills 15"))
    assert what is not None
    one = NewUpdate(
        alert_id=done.rung.alert_ids[0],
        subscription_id=subscription_id,
        article_id=done.saved[0].article_id,
        revision_id=None,
        change=what,
        held=False,
    )
    assert len(store.write(lambda tx: updates.put(tx, [one], later(1)))) == 1
    return one


def test_the_same_change_is_written_once(store: Store, told: NewUpdate) -> None:
    """The key keeps a second worker's from being told."""
    assert store.write(lambda tx: updates.put(tx, [told], later(2))) == []
    with store.read() as tx:
        (row,) = updates.rows(tx, told.alert_id)
        assert (row.channels, row.change["kinds"]) == (1, ["numbers"])
        assert [one.update_id for one in deliveries.rows(tx)] == [row.id, None]
        assert audit.check(tx) == []
        with pytest.raises(NotFoundError):
            updates.show(tx, row.id + 1)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE updates SET channels = 2", "it was to go to 2 channels, but has 1 deliveries"),
        (
            "DELETE FROM deliveries WHERE update_id IS NOT NULL",
            "it was to go to 1 channels, but has 0 deliveries",
        ),
        ("UPDATE alerts SET disposition = 'held'", "its alert is backlog or held, but it has 1 deliveries"),
    ],
)
def test_the_account_names_an_update_that_does_not_add_up(
    store: Store, told: NewUpdate, damage: str, sentence: str
) -> None:
    """Deliveries as counted, and of what was told only."""
    with store.begin() as tx:
        tx.execute(text(damage))
        assert sentence in [one.sentence for one in audit.check(tx) if one.table == "updates"]
    assert told.alert_id


def test_updates_go_with_their_article_once_they_were_told(store: Store, told: NewUpdate) -> None:
    """Nothing is taken from under an update that is still to be told."""

    def purge() -> int:
        return stock.purge(store, T0 + timedelta(days=40), article_days=30)

    with store.begin() as tx:
        tx.execute(text("UPDATE deliveries SET state = 'delivered', delivered_at = created_at, attempts = 1"))
        tx.execute(
            text("UPDATE deliveries SET state = 'pending', delivered_at = NULL WHERE update_id IS NOT NULL")
        )
    while purge():
        pass
    with store.read() as tx:
        assert len(updates.rows(tx, told.alert_id)) == 1
    with store.begin() as tx:
        tx.execute(text("UPDATE deliveries SET state = 'delivered', delivered_at = created_at"))
    while purge():
        pass
    with store.read() as tx:
        assert updates.rows(tx, told.alert_id) == []
        assert deliveries.rows(tx) == []
        assert audit.check(tx) == []
