"""Alerts: one for each subscription and story, with the deliveries that tell of it."""

from __future__ import annotations

import pytest

from pipeline.core.errors import NotFoundError
from pipeline.store import alerts, audit, channels, deliveries, subscriptions
from pipeline.store.articles import Saved
from pipeline.store.engine import Store
from tests import stock
from tests.stock import T0, later


@pytest.fixture
def rung(store: Store) -> tuple[Store, int, int, Saved]:
    """A store with a channel, a subscription that rings it, and an article."""
    channel_id = stock.add_channel(store)
    subscription_id = stock.add_subscription(store, channel_ids=[channel_id])
    stock.add_feed(store)
    return store, subscription_id, channel_id, stock.news(store, "one").saved[0]


def test_alert_comes_with_a_delivery_for_each_channel(rung: tuple[Store, int, int, Saved]) -> None:
    """The alert names what matched and where it goes, and the delivery is due at once."""
    store, subscription_id, channel_id, saved = rung
    made = store.write(lambda tx: alerts.ring(tx, [stock.wish(subscription_id, saved)], T0))
    with store.read() as tx:
        row = alerts.show(tx, made.alert_ids[0])
        (delivery,) = deliveries.rows(tx)
        assert audit.check(tx) == []
    assert (row.subscription_name, row.query, row.title) == ("war", "invasion", "Title of one")
    assert (row.article_count, row.source_count, row.state, row.backlog) == (1, 1, "new", False)
    assert (row.feed_url, row.url) == ("https://a.example/feed", "https://news.example/one")
    assert row.body == "The text of one."
    assert row.matches[0]["text"] == row.body[row.matches[0]["start"] : row.matches[0]["end"]]
    assert (delivery.id, delivery.alert_id, delivery.channel_id) == (made.delivery_ids[0], row.id, channel_id)
    assert (delivery.state, delivery.next_attempt_at) == ("pending", T0)
    assert delivery.message_id.startswith("msg_")
    assert len(delivery.message_id) >= 30


def test_story_rings_once_for_a_subscription(rung: tuple[Store, int, int, Saved]) -> None:
    """Neither a repeated wish, nor another of the same batch makes a second alert."""
    store, subscription_id, _, saved = rung
    wish = stock.wish(subscription_id, saved)
    assert len(store.write(lambda tx: alerts.ring(tx, [wish, wish], T0)).alert_ids) == 1
    assert store.write(lambda tx: alerts.ring(tx, [wish], later(1))).alert_ids == ()
    with store.read() as tx:
        assert len(alerts.rows(tx)) == len(deliveries.rows(tx)) == 1


def test_backlog_does_not_take_the_place_of_a_live_alert(rung: tuple[Store, int, int, Saved]) -> None:
    """Backlog is shown, not delivered; a live copy rings after it, and no backlog comes after that."""
    store, subscription_id, _, saved = rung
    backlog, live = (stock.wish(subscription_id, saved, backlog=one) for one in (True, False))
    first = store.write(lambda tx: alerts.ring(tx, [backlog], T0))
    assert (len(first.alert_ids), first.delivery_ids) == (1, ())
    second = store.write(lambda tx: alerts.ring(tx, [backlog, live], later(1)))
    assert (len(second.alert_ids), len(second.delivery_ids)) == (1, 1)
    with store.read() as tx:
        assert [row.backlog for row in alerts.rows(tx)] == [False, True]
        assert [row.id for row in alerts.rows(tx, backlog=True)] == list(first.alert_ids)
        assert audit.check(tx) == []


def test_live_alert_comes_before_backlog_of_the_same_batch(rung: tuple[Store, int, int, Saved]) -> None:
    """Where both are wished for at once, only the live one is made."""
    store, subscription_id, _, saved = rung
    both = [stock.wish(subscription_id, saved, backlog=one) for one in (True, False)]
    assert len(store.write(lambda tx: alerts.ring(tx, both, T0)).delivery_ids) == 1
    with store.read() as tx:
        assert [row.backlog for row in alerts.rows(tx)] == [False]


def test_paused_or_removed_subscription_rings_no_more(rung: tuple[Store, int, int, Saved]) -> None:
    """A percolator that is a moment behind makes no alert for what was switched off."""
    store, subscription_id, _, saved = rung
    store.write(lambda tx: subscriptions.set_state(tx, subscription_id, "paused", later(1)))
    wish = stock.wish(subscription_id, saved)
    assert store.write(lambda tx: alerts.ring(tx, [wish], later(2))).alert_ids == ()


def test_paused_channel_gets_its_delivery_and_a_removed_one_none(
    rung: tuple[Store, int, int, Saved],
) -> None:
    """A pause holds deliveries back, it does not drop them."""
    store, subscription_id, channel_id, saved = rung
    other = stock.add_channel(store, "other")
    store.write(
        lambda tx: subscriptions.edit(tx, subscription_id, channel_ids=[channel_id, other], now=later(1))
    )
    store.write(lambda tx: channels.set_state(tx, channel_id, "paused", now=T0))
    store.write(lambda tx: channels.remove(tx, other, later(2)))
    store.write(lambda tx: alerts.ring(tx, [stock.wish(subscription_id, saved)], later(3)))
    with store.read() as tx:
        assert [row.channel for row in deliveries.rows(tx)] == ["desk"]
        assert audit.check(tx) == []


def test_acknowledged_alert_is_told_apart(rung: tuple[Store, int, int, Saved]) -> None:
    """Acknowledging changes the state, and an alert that is not there is refused."""
    store, subscription_id, _, saved = rung
    (id_,) = store.write(lambda tx: alerts.ring(tx, [stock.wish(subscription_id, saved)], T0)).alert_ids
    store.write(lambda tx: alerts.ack(tx, id_, by="anna", now=T0))
    with store.read() as tx:
        assert [row.id for row in alerts.rows(tx, state="acknowledged", subscription_id=subscription_id)] == [
            id_
        ]
        assert alerts.rows(tx, state="new") == []
        assert [row.id for row in alerts.rows(tx, story_id=saved.story_id, before_id=id_ + 1, limit=1)] == [
            id_
        ]
        with pytest.raises(NotFoundError):
            alerts.show(tx, 10**9)
    with pytest.raises(NotFoundError):
        store.write(lambda tx: alerts.ack(tx, 10**9, by="anna", now=T0))


def test_mark_is_kept_changed_and_taken_back(rung: tuple[Store, int, int, Saved]) -> None:
    """An alert is unmarked until somebody says what it is, and finds its way back there."""
    store, subscription_id, _, saved = rung
    (id_,) = store.write(lambda tx: alerts.ring(tx, [stock.wish(subscription_id, saved)], T0)).alert_ids

    def seen() -> tuple[bool | None, int, int]:
        with store.read() as tx:
            false, true = (alerts.rows(tx, relevant=one) for one in (False, True))
            return alerts.show(tx, id_).relevant, len(false), len(true)

    assert seen() == (None, 0, 0)
    store.write(lambda tx: alerts.mark(tx, [id_, id_], False, by="anna", now=T0))
    assert seen() == (False, 1, 0)
    store.write(lambda tx: alerts.mark(tx, [id_], True, by="anna", now=T0))
    assert seen() == (True, 0, 1)
    store.write(lambda tx: alerts.mark(tx, [id_], None, by="anna", now=T0))
    assert seen() == (None, 0, 0)


def test_marks_are_set_all_or_none(rung: tuple[Store, int, int, Saved]) -> None:
    """One number that is no alert leaves the others as they were."""
    store, subscription_id, _, saved = rung
    (id_,) = store.write(lambda tx: alerts.ring(tx, [stock.wish(subscription_id, saved)], T0)).alert_ids
    with pytest.raises(NotFoundError, match="no alert 1000000000"):
        store.write(lambda tx: alerts.mark(tx, [id_, 10**9], False, by="anna", now=T0))
    with store.read() as tx:
        assert alerts.show(tx, id_).relevant is None


def test_judged_alerts_come_before_the_others_with_the_text_that_matched(store: Store) -> None:
    """However old a mark is, it is not crowded out by newer alerts that nobody judged."""
    stock.add_feed(store)
    war, other = (stock.add_subscription(store, name) for name in ("war", "peace"))
    made = stock.news(store, "one", "two", "three", ring=stock.Ring((war, other)))
    with store.read() as tx:
        first, second, third = sorted(row.id for row in alerts.rows(tx, subscription_id=war))
    assert len(made.rung.alert_ids) == 6
    store.write(lambda tx: alerts.mark(tx, [first], False, by="anna", now=T0))
    with store.read() as tx:
        assert [row.id for row in alerts.judged(tx, war, limit=9)] == [first, third, second]
        (row,) = alerts.judged(tx, war, limit=1)
        assert (row.relevant, row.title, row.body) == (False, "Title of one", "The text of one.")


def test_alert_keeps_a_bounded_number_of_matches(rung: tuple[Store, int, int, Saved]) -> None:
    """A text that repeats a word ten thousand times makes no endless row."""
    store, subscription_id, _, saved = rung
    wish = stock.wish(subscription_id, saved)
    many = type(wish)(
        **{**{n: getattr(wish, n) for n in wish.__dataclass_fields__}, "matches": wish.matches * 9999}
    )
    (id_,) = store.write(lambda tx: alerts.ring(tx, [many], T0)).alert_ids
    with store.read() as tx:
        assert len(alerts.show(tx, id_).matches) == alerts.MATCHES
