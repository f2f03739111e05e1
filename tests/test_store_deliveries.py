"""Deliveries: the outbox; claimed by state and lease, settled, retried."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipeline.core.model import Sent
from pipeline.store import alerts, audit, channels, dead_letters, deliveries, notices
from pipeline.store.deliveries import Job
from pipeline.store.engine import Store
from tests import stock
from tests.stock import LEASE_S, T0, later

FAILED = Sent(ok=False, error="the receiver answered 503")


@pytest.fixture
def outbox(store: Store) -> tuple[Store, int, int]:
    """A store with one delivery on its way to one channel."""
    channel_id = stock.add_channel(store)
    subscription_id = stock.add_subscription(store, channel_ids=[channel_id])
    stock.add_feed(store)
    done = stock.news(store, "one", ring=stock.Ring((subscription_id,)))
    return store, done.rung.delivery_ids[0], channel_id


def _claim(store: Store, id_: int, now: datetime = T0) -> Job | None:
    return store.write(lambda tx: deliveries.claim(tx, id_, now=now, lease_s=LEASE_S))


def _settle(store: Store, id_: int, sent: Sent, again: datetime | None, now: datetime) -> None:
    store.write(lambda tx: deliveries.settle(tx, id_, sent=sent, next_attempt_at=again, now=now))


def _due(store: Store, now: datetime, before: datetime | None = None) -> list[int]:
    return store.write(
        lambda tx: deliveries.due(tx, now=now, lease_s=LEASE_S, enqueued_before=before or now, limit=10)
    )


def test_claimed_delivery_carries_all_that_sending_needs(outbox: tuple[Store, int, int]) -> None:
    """The claim brings the alert, the channel with its secret, and the id that never changes."""
    store, id_, channel_id = outbox
    job = _claim(store, id_)
    assert job is not None
    assert (job.attempts, job.created_at, job.notice) == (1, T0, None)
    assert (job.channel.id, job.channel.secret, job.channel.paused) == (channel_id, "whsec_x", False)
    assert job.alert is not None
    assert job.alert.title == "Title of one"
    again = _claim(store, id_, later(LEASE_S))
    assert again is not None
    assert (again.attempts, again.message_id) == (2, job.message_id)


def test_delivery_is_sent_by_one_worker_at_a_time(outbox: tuple[Store, int, int]) -> None:
    """A live lease keeps others away, and so does the end."""
    store, id_, _ = outbox
    assert _claim(store, id_) is not None
    assert _claim(store, id_, later(LEASE_S - 1)) is None
    _settle(store, id_, Sent(ok=True), None, later(2))
    assert _claim(store, id_, later(1000)) is None
    with store.read() as tx:
        (row,) = deliveries.rows(tx, state="delivered")
        assert audit.check(tx) == []
    assert (row.delivered_at, row.attempts, row.last_error) == (later(2), 1, "")


def test_failed_delivery_comes_back_when_its_time_has_come(outbox: tuple[Store, int, int]) -> None:
    """Not before, and to no job that asks too early."""
    store, id_, _ = outbox
    _claim(store, id_)
    _settle(store, id_, FAILED, later(100), later(2))
    assert (_due(store, later(99)), _claim(store, id_, later(99))) == ([], None)
    assert _due(store, later(100)) == [id_]
    assert _due(store, later(101)) == []
    job = _claim(store, id_, later(102))
    assert job is not None
    assert job.attempts == 2


def test_delivery_that_lost_its_job_is_due_again(outbox: tuple[Store, int, int]) -> None:
    """Pushed long ago, without a live lease and not behind the queue's head: no job holds it."""
    store, id_, _ = outbox
    assert _due(store, later(LEASE_S)) == []
    assert _due(store, later(LEASE_S + 1), before=later(-5)) == []
    assert _due(store, later(LEASE_S + 1)) == [id_]


def test_delivery_given_up_is_a_dead_letter_and_can_be_retried(outbox: tuple[Store, int, int]) -> None:
    """What failed for good is listed with its cause, and a retry starts its tries anew."""
    store, id_, channel_id = outbox
    _claim(store, id_)
    _settle(store, id_, FAILED, None, later(2))
    with store.read() as tx:
        (letter,) = dead_letters.rows(tx, stage="deliver")
        assert [row.state for row in deliveries.rows(tx)] == ["dead"]
        assert audit.check(tx) == []
    assert (letter.ref_id, letter.cause) == (id_, FAILED.error)
    retry = deliveries.retry
    assert store.write(lambda tx: retry(tx, channel_id=channel_id + 1, now=later(3))) == 0
    assert store.write(lambda tx: retry(tx, since=later(1), now=later(3))) == 0
    assert store.write(lambda tx: retry(tx, ids=[id_], channel_id=channel_id, since=T0, now=later(3))) == 1
    assert _due(store, later(3)) == [id_]
    job = _claim(store, id_, later(4))
    assert job is not None
    assert job.created_at == later(3)
    with store.read() as tx:
        assert dead_letters.rows(tx) == []


def test_delivered_one_is_never_sent_again(outbox: tuple[Store, int, int]) -> None:
    """A late failure of a second sender changes nothing, nor does a retry."""
    store, id_, _ = outbox
    _claim(store, id_)
    _settle(store, id_, Sent(ok=True), None, later(2))
    _settle(store, id_, FAILED, None, later(3))
    assert store.write(lambda tx: deliveries.retry(tx, ids=[id_], now=later(4))) == 0
    with store.read() as tx:
        assert [row.state for row in deliveries.rows(tx)] == ["delivered"]
        assert dead_letters.rows(tx) == []


def test_paused_channel_holds_its_deliveries(outbox: tuple[Store, int, int]) -> None:
    """Nothing goes out during a pause, and all of it at its end."""
    store, id_, channel_id = outbox
    store.write(lambda tx: channels.set_state(tx, channel_id, "paused", now=T0))
    assert (_claim(store, id_), _due(store, later(1000))) == (None, [])
    store.write(lambda tx: channels.set_state(tx, channel_id, "active", now=T0))
    assert _due(store, later(1)) == [id_]


def test_removed_channel_ends_its_deliveries(outbox: tuple[Store, int, int]) -> None:
    """They are dead with that cause, and no retry revives them."""
    store, id_, channel_id = outbox
    store.write(lambda tx: channels.remove(tx, channel_id, later(1)))
    assert _claim(store, id_) is None
    with store.read() as tx:
        (row,) = deliveries.rows(tx, channel_id=channel_id)
        assert audit.check(tx) == []
    assert row.state == "dead"
    assert "removed" in row.last_error
    assert store.write(lambda tx: deliveries.retry(tx, ids=[id_], now=later(2))) == 0


def test_routes_name_the_channels_of_what_is_pending(outbox: tuple[Store, int, int]) -> None:
    """A job learns where its deliveries go before it claims any."""
    store, id_, channel_id = outbox
    with store.read() as tx:
        assert deliveries.routes(tx, [id_, 10**9]) == {id_: channel_id}
        (alert,) = alerts.rows(tx)
        assert [row.id for row in deliveries.rows(tx, alert_id=alert.id, before_id=id_ + 1, limit=1)] == [id_]


def test_notice_is_delivered_like_an_alert(store: Store) -> None:
    """A notice to the operator is claimed with its text, and its cause is told once while it lasts."""
    channel_id = stock.add_channel(store)

    def tell(seconds: float) -> int | None:
        return store.write(
            lambda tx: notices.open(
                tx, cause="feed:1", subject="S", text="T", channel_id=channel_id, now=later(seconds)
            )
        )

    first = tell(0)
    assert first is not None
    assert tell(1) is None
    (id_,) = _due(store, later(2))
    job = _claim(store, id_, later(2))
    assert job is not None
    assert job.notice is not None
    assert (job.alert, job.notice.cause, job.notice.text) == (None, "feed:1", "T")
    with store.read() as tx:
        assert notices.open_causes(tx) == {"feed:1"}
    store.write(lambda tx: notices.resolve(tx, "feed:1", later(3)))
    with store.read() as tx:
        assert notices.open_causes(tx) == set()
        assert [row.resolved_at for row in notices.rows(tx)] == [later(3)]
    assert tell(4) not in (None, first)
