"""What a channel lets through: its pace and its breaker, shared by every worker."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pipeline.core.model import Sent
from pipeline.core.retry import BREAKER_FAILURES
from pipeline.store import channels, deliveries, gates, status
from pipeline.store.channels import ChannelRow
from pipeline.store.deliveries import Job
from pipeline.store.engine import Store, Tx
from tests import stock
from tests.stock import LEASE_S, T0, later

DOWN = Sent(ok=False, error="no connection")
TAKEN = Sent(ok=True)


class Line:
    """One channel with deliveries on their way to it."""

    def __init__(self, store: Store, count: int, *, pace: int | None = None) -> None:
        self.store = store
        self.channel_id = stock.add_channel(store)
        if pace is not None:
            store.write(lambda tx: channels.edit(tx, self.channel_id, pace=pace, now=T0))
        subscription_id = stock.add_subscription(store, channel_ids=[self.channel_id])
        stock.add_feed(store)
        self.ids = [
            id_
            for n in range(count)
            for id_ in stock.news(
                store, f"news {n}", now=later(n * 300), ring=stock.Ring((subscription_id,))
            ).rung.delivery_ids
        ]
        store.write(lambda tx: gates.close(tx, self.channel_id, T0))  # all are due, and in no queue

    def claim(self, id_: int, now: datetime) -> Job | None:
        """Claim one delivery, as a worker does."""
        return self.store.write(lambda tx: deliveries.claim(tx, id_, now=now, lease_s=LEASE_S))

    def settle(self, job: Job, sent: Sent, now: datetime) -> datetime | None:
        """Settle it, as a worker does; until when the channel rests."""

        def work(tx: Tx) -> datetime | None:
            until = gates.leave(tx, self.channel_id, sent=sent, probe=job.probe, now=now, jitter=0.0)
            again = None if sent.ok else until or now + timedelta(seconds=5)
            deliveries.settle(tx, job.id, sent=sent, next_attempt_at=again, now=now)
            return until

        return self.store.write(work)

    def due(self, now: datetime) -> list[int]:
        """What the scheduler pushes now."""
        return self.store.write(
            lambda tx: deliveries.due(tx, now=now, lease_s=LEASE_S, enqueued_before=now, limit=100)
        )

    def fail(self, now: datetime, count: int = BREAKER_FAILURES) -> datetime | None:
        """So many attempts in a row fail; until when the channel rests."""
        jobs = [self.claim(id_, now) for id_ in self.ids[:count]]
        untils = [self.settle(job, DOWN, now) for job in jobs if job is not None]
        assert len(untils) == count
        return untils[-1]

    @property
    def row(self) -> ChannelRow:
        """The channel as operators see it."""
        with self.store.read() as tx:
            return channels.find(tx, str(self.channel_id))

    def attempts(self) -> list[int]:
        """How often each delivery was tried."""
        with self.store.read() as tx:
            return [row.attempts for row in reversed(deliveries.rows(tx))]


def test_a_pace_lets_one_through_at_a_time_in_order(store: Store) -> None:
    """Whatever a worker holds, the oldest goes first, and waiting is no attempt."""
    line = Line(store, 3, pace=10)
    first, second, third = line.ids
    assert line.claim(second, T0) is None
    assert line.due(T0) == [first]
    assert line.claim(first, T0) is not None
    assert [line.claim(id_, later(5)) for id_ in (second, third)] == [None, None]
    assert line.due(later(5)) == []
    assert line.due(later(6)) == [second]
    assert line.claim(third, later(6)) is None
    assert line.claim(second, later(6)) is not None
    assert line.attempts() == [1, 1, 0]


def test_a_minute_has_as_many_as_its_pace_says(store: Store) -> None:
    """Also where several go out in a second, and after a pause nothing is made up for."""
    line = Line(store, 40, pace=600)
    sent = 0
    for second in range(3):
        for id_ in line.due(later(second)):
            job = line.claim(id_, later(second))
            sent += job is not None
        if second == 0:
            assert sent == 10
    assert 28 <= sent <= 31


def test_a_new_pace_counts_at_once(store: Store) -> None:
    """What waited for the old one's turn does not wait any longer."""
    line = Line(store, 3, pace=1)
    assert line.claim(line.ids[0], T0) is not None
    assert line.claim(line.ids[1], later(1)) is None
    store.write(lambda tx: channels.edit(tx, line.channel_id, pace=0, now=later(2)))
    assert line.row.pace_per_minute is None
    assert line.due(later(2)) == line.ids[1:]
    assert line.claim(line.ids[1], later(2)) is not None


def test_failures_in_a_row_shut_a_channel(store: Store) -> None:
    """Others wait without being tried; the rest grows with each probe that fails."""
    line = Line(store, 8)
    assert line.fail(T0, BREAKER_FAILURES - 1) is None
    last = line.claim(line.ids[4], T0)
    assert last is not None
    until = line.settle(last, DOWN, T0)
    assert until == later(15)
    assert line.row.resting
    assert [line.claim(id_, later(14)) for id_ in line.ids[5:]] == [None] * 3
    assert line.due(later(14)) == []
    assert line.attempts() == [1] * 5 + [0] * 3
    for at, rest in ((15, 30), (45, 60), (105, 120)):
        (id_,) = line.due(later(at))
        probe = line.claim(id_, later(at))
        assert probe is not None
        assert probe.probe
        assert line.settle(probe, DOWN, later(at)) == later(at + rest)


def test_a_probe_is_one_and_what_was_tried_least(store: Store) -> None:
    """While it is under way nobody else tries; one that dies with its worker is followed by another."""
    line = Line(store, 7)
    line.fail(T0)
    assert line.due(later(20)) == [line.ids[5]]
    assert line.claim(line.ids[5], later(20)) is not None
    assert line.claim(line.ids[6], later(20)) is None
    assert line.claim(line.ids[6], later(20 + LEASE_S - 1)) is None
    assert line.claim(line.ids[6], later(20 + LEASE_S)) is not None


def test_success_opens_a_channel_for_all_that_waited(store: Store) -> None:
    """At once and in order, whatever each one's own back-off was."""
    line = Line(store, 7)
    line.fail(T0)
    probe = line.claim(line.ids[6], later(20))
    assert probe is not None
    assert line.settle(probe, TAKEN, later(20)) is None
    assert (line.row.failures, line.row.open_until, line.row.resting) == (0, None, False)
    assert line.due(later(20)) == line.ids[:6]


def test_a_success_between_failures_counts_them_anew(store: Store) -> None:
    """In a row means in a row."""
    line = Line(store, 8)
    line.fail(T0, 4)
    job = line.claim(line.ids[4], T0)
    assert job is not None
    line.settle(job, TAKEN, T0)
    assert line.row.failures == 0
    assert line.fail(later(10), 4) is None


def test_sends_that_were_under_way_when_a_channel_shut_count_once(store: Store) -> None:
    """Four at once that fail together are no reason to rest for longer."""
    line = Line(store, 9)
    late = [line.claim(id_, T0) for id_ in line.ids[5:]]
    until = line.fail(T0)
    assert [line.settle(job, DOWN, later(1)) for job in late if job] == [until] * 4
    assert line.row.failures == BREAKER_FAILURES


def test_a_receiver_may_ask_for_a_pause(store: Store) -> None:
    """Retry-After shuts the whole channel until then, and is no probe afterwards."""
    line = Line(store, 3)
    job = line.claim(line.ids[0], T0)
    assert job is not None
    assert line.settle(job, Sent(ok=False, error="429", retry_after_s=120), T0) == later(120)
    assert line.due(later(119)) == []
    assert sorted(line.due(later(120))) == line.ids
    again = line.claim(line.ids[1], later(120))
    assert again is not None
    assert not again.probe


def test_one_target_that_fails_is_no_dead_channel(store: Store) -> None:
    """A message that some targets took shows that the service works."""
    line = Line(store, 3)
    partly = Sent(ok=False, error="1 of 2 targets have it", have=frozenset({"a"}))
    for round_ in range(BREAKER_FAILURES + 1):
        now = later(round_ * 100)
        job = line.claim(line.ids[0], now)
        assert job is not None
        assert job.have == (frozenset({"a"}) if round_ else frozenset())
        line.settle(job, partly, now)
    assert not line.row.resting


@pytest.mark.parametrize("way", ["resume", "retry", "edit"])
def test_a_person_can_have_a_channel_tried_now(store: Store, way: str) -> None:
    """Whoever has mended a receiver need not wait for the next probe."""
    line = Line(store, 7)
    line.fail(T0)

    def ask(tx: Tx) -> None:
        if way == "resume":
            channels.set_state(tx, line.channel_id, "active", now=later(1))
        elif way == "edit":
            channels.edit(tx, line.channel_id, url="https://new.example/", now=later(1))
        else:
            deliveries.retry(tx, state="pending", channel_id=line.channel_id, now=later(1))

    store.write(ask)
    assert line.due(later(1)) == ([line.ids[5]] if way == "retry" else line.ids)


def test_the_operator_hears_of_a_channel_that_rests(store: Store) -> None:
    """Once while it lasts, with what waits and why."""
    line = Line(store, 7)
    line.fail(T0)
    with store.read() as tx:
        (trouble,) = status.troubles(tx, failing_before=T0)
        counts = status.counts(tx)
    assert trouble.cause == f"channel:{line.channel_id}"
    assert trouble.subject == "Channel desk takes nothing"
    assert "waits: 7. The last error: no connection" in trouble.text
    assert counts.channels == {"active": 1, "resting": 1}


def test_other_channels_go_on(store: Store) -> None:
    """Hundreds that wait for a dead channel take nobody's place."""
    line = Line(store, 6)
    line.fail(T0)
    other = stock.add_channel(store, "other")
    subscription_id = stock.add_subscription(store, "other", channel_ids=[other])
    done = stock.news(store, "more", now=later(9_000), ring=stock.Ring((subscription_id,)))
    now = later(9_000) + timedelta(seconds=LEASE_S + 1)
    found = store.write(lambda tx: deliveries.due(tx, now=now, lease_s=LEASE_S, enqueued_before=now, limit=1))
    assert set(done.rung.delivery_ids) <= set(found)
