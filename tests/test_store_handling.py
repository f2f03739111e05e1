"""What people and time do to alerts: one row for each act, one winner of two, and nobody is told twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.core.errors import NotFoundError, TakenError
from pipeline.core.policy import read
from pipeline.flow.messages import compose
from pipeline.store import alerts, audit, channels, subscriptions
from pipeline.store.alerts import remind
from pipeline.store.deliveries import claim
from pipeline.store.engine import Store
from pipeline.store.tables import deliveries, notices
from tests import stock
from tests.stock import T0, later


class Desk:
    """An alert of a subscription with a channel, and another channel."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.channel = stock.add_channel(store)
        self.boss = stock.add_channel(store, "boss")
        self.subscription = stock.add_subscription(store, channel_ids=[self.channel])
        stock.add_feed(store)
        self.saved = stock.news(store, "one").saved[0]

    def set(self, **said: Any) -> None:
        policy = read(said)
        self.store.write(lambda tx: subscriptions.edit(tx, self.subscription, policy=policy, now=T0))

    def ring(self) -> int:
        wish = stock.wish(self.subscription, self.saved)
        return self.store.write(lambda tx: alerts.ring(tx, [wish], T0)).alert_ids[0]

    def row(self, id_: int) -> alerts.AlertRow:
        with self.store.read() as tx:
            return alerts.show(tx, id_)

    def acts(self, id_: int) -> list[tuple[str, str, str]]:
        with self.store.read() as tx:
            return [(one.actor, one.action, one.detail) for one in alerts.actions_of(tx, id_)]

    def told(self, ids: list[int]) -> list[tuple[int | None, int]]:
        """The alert, None for a notice, and the channel of these deliveries."""
        with self.store.read() as tx:
            found = tx.execute(select(deliveries).where(deliveries.c.id.in_(ids)).order_by(deliveries.c.id))
            return [(row.alert_id, row.channel_id) for row in found]


@pytest.fixture
def desk(store: Store) -> Desk:
    """On both databases."""
    return Desk(store)


def test_of_two_who_acknowledge_at_once_one_wins_and_both_see_who(desk: Desk) -> None:
    """The other is told in one line who has it, since when; one row says so."""
    id_ = desk.ring()
    names = ("anna", "bea", "carl", "dora")
    start = threading.Barrier(len(names))

    def ack(name: str) -> str:
        start.wait()
        try:
            desk.store.write(lambda tx: alerts.ack(tx, id_, by=name, now=later(90)))
        except TakenError as exc:
            return str(exc)
        return name

    with ThreadPoolExecutor(len(names)) as pool:
        said = dict(zip(names, pool.map(ack, names), strict=True))
    (winner,) = [name for name in names if said[name] == name]
    for name in names:
        if name != winner:
            assert said[name] == (
                f"alert {id_} is acknowledged already: {winner} has it since 1 Mar 2026, 12:01:30 UTC"
            )
    row = desk.row(id_)
    assert (row.state, row.handled_by, row.handled_at) == ("acknowledged", winner, later(90))
    assert desk.acts(id_) == [(winner, "acknowledge", "")]


def test_assignment_and_mark_are_written_down(desk: Desk) -> None:
    """With who did it, and to whom."""
    id_ = desk.ring()
    desk.store.write(lambda tx: alerts.assign(tx, id_, to="bea", by="anna", now=later(1)))
    desk.store.write(lambda tx: alerts.assign(tx, id_, to="", by="bea", now=later(2)))
    desk.store.write(lambda tx: alerts.mark(tx, [id_], False, by="bea", now=later(3)))
    assert desk.acts(id_) == [
        ("anna", "assign", "to bea"),
        ("bea", "assign", "to nobody"),
        ("bea", "mark", "not relevant"),
    ]
    for act in (alerts.assign, alerts.snooze):
        more: dict[str, Any] = {"to": "x"} if act is alerts.assign else {"until": T0}
        with pytest.raises(NotFoundError):
            desk.store.write(lambda tx, act=act, more=more: act(tx, 10**9, by="x", now=T0, **more))


def test_snoozed_alert_comes_back_as_new_and_its_channels_are_reminded(desk: Desk) -> None:
    """Also one that was acknowledged meanwhile or before; once, whoever looks."""
    id_ = desk.ring()
    desk.store.write(lambda tx: alerts.ack(tx, id_, by="anna", now=later(1)))
    desk.store.write(lambda tx: alerts.snooze(tx, id_, until=later(600), by="anna", now=later(2)))
    assert desk.store.write(lambda tx: remind.wake(tx, later(599))) == []
    made = _at_once([lambda: desk.store.write(lambda tx: remind.wake(tx, later(600)))] * 3)
    (ids,) = [ids for ids in made if ids]
    assert desk.told(ids) == [(None, desk.channel)]
    row = desk.row(id_)
    assert (row.state, row.handled_by, row.snoozed_until) == ("new", "", None)
    assert desk.acts(id_)[-1] == ("tocsin", "remind", "")
    with desk.store.read() as tx:
        notice = tx.execute(notices.select()).one()
        assert audit.check(tx) == []
    assert (notice.type, notice.subscription_id) == ("reminder", desk.subscription)
    with desk.store.begin() as tx:
        job = claim(tx, ids[0], now=later(600), lease_s=60)
    assert job
    message = compose(job, "https://tocsin.example")
    assert (message.data["type"], message.data["data"]["alert"]) == ("alert.reminder", {"id": id_})
    assert "Title of one" in message.subject
    assert f"https://tocsin.example/alerts/{id_}" in message.text


def test_acknowledging_ends_a_snooze(desk: Desk) -> None:
    """What is done needs no reminder."""
    id_ = desk.ring()
    desk.store.write(lambda tx: alerts.snooze(tx, id_, until=later(600), by="anna", now=later(2)))
    desk.store.write(lambda tx: alerts.ack(tx, id_, by="anna", now=later(3)))
    assert desk.store.write(lambda tx: remind.wake(tx, later(601))) == []
    assert desk.row(id_).state == "acknowledged"


def test_urgent_alert_that_nobody_acknowledges_goes_to_another_channel_once(desk: Desk) -> None:
    """The same alert, after its time, whichever scheduler looks; the account stays even."""
    desk.set(priority="urgent", escalate="boss", escalate_after="10m")
    id_ = desk.ring()
    assert desk.store.write(lambda tx: remind.escalate(tx, later(599))) == []
    made = _at_once([lambda: desk.store.write(lambda tx: remind.escalate(tx, later(600)))] * 3)
    (ids,) = [ids for ids in made if ids]
    assert desk.told(ids) == [(id_, desk.boss)]
    assert desk.row(id_).escalated_at == later(600)
    assert desk.acts(id_) == [("tocsin", "escalate", "to boss")]
    with desk.store.read() as tx:
        assert audit.check(tx) == []


@pytest.mark.parametrize("act", ["acknowledged", "snoozed", "too late", "not urgent", "paused"])
def test_what_is_seen_to_or_long_past_is_not_escalated(desk: Desk, act: str) -> None:
    """An escalation that is set up later does not bring back the alerts of last week."""
    if act != "not urgent":
        desk.set(priority="urgent", escalate="boss", escalate_after="10m")
    id_ = desk.ring()
    at = later(700)
    if act == "acknowledged":
        desk.store.write(lambda tx: alerts.ack(tx, id_, by="anna", now=later(5)))
    elif act == "snoozed":
        desk.store.write(lambda tx: alerts.snooze(tx, id_, until=later(9_000), by="anna", now=later(5)))
    elif act == "paused":
        desk.store.write(lambda tx: subscriptions.set_state(tx, desk.subscription, "paused", T0))
    elif act == "too late":
        at = later(700) + timedelta(days=1)
    else:
        desk.set(priority="urgent", escalate="boss", escalate_after="10m")
    assert desk.store.write(lambda tx: remind.escalate(tx, at)) == []
    assert desk.row(id_).escalated_at is None


def test_after_a_snooze_there_is_the_whole_time_again(desk: Desk) -> None:
    """What comes back is escalated when nobody acknowledges it then."""
    desk.set(priority="urgent", escalate="boss", escalate_after="10m")
    id_ = desk.ring()
    desk.store.write(lambda tx: alerts.snooze(tx, id_, until=later(3600), by="anna", now=later(5)))
    desk.store.write(lambda tx: remind.wake(tx, later(3600)))
    assert desk.store.write(lambda tx: remind.escalate(tx, later(3600 + 599))) == []
    assert len(desk.store.write(lambda tx: remind.escalate(tx, later(3600 + 600)))) == 1


def test_escalation_to_a_channel_that_is_gone_is_written_down(desk: Desk) -> None:
    """Once; whoever looks at the alert sees that it went nowhere."""
    desk.set(priority="urgent", escalate="boss", escalate_after="10m")
    id_ = desk.ring()
    desk.store.write(lambda tx: channels.remove(tx, desk.boss, later(1)))
    for _ in range(2):
        assert desk.store.write(lambda tx: remind.escalate(tx, later(600))) == []
    assert desk.acts(id_) == [("tocsin", "escalate", "no channel boss")]


def _at_once(calls: list[Callable[[], list[int]]]) -> list[list[int]]:
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], list[int]]) -> list[int]:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
