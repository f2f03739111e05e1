"""Resend: what was told is told again with the same id, and nothing else rings for it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from pipeline.core.errors import NotFoundError
from pipeline.core.model import Sent
from pipeline.store import audit, deliveries, resend
from pipeline.store.engine import Store
from pipeline.store.resend import Resent
from pipeline.store.tables import actions, alerts
from tests import stock
from tests.stock import T0, Ring, later


def rung(store: Store, *channels: str) -> tuple[int, list[int]]:
    """One alert that was told to these channels; its id, and those of its deliveries."""
    ids = [stock.add_channel(store, name) for name in channels]
    subscription = stock.add_subscription(store, channel_ids=ids)
    stock.add_feed(store)
    rang = stock.news(store, "one", ring=Ring((subscription,))).rung
    for id_ in rang.delivery_ids:
        with store.begin() as tx:
            assert deliveries.claim(tx, id_, now=T0, lease_s=60)
            deliveries.settle(tx, id_, sent=Sent(ok=True), next_attempt_at=None, now=T0)
    return rang.alert_ids[0], list(rang.delivery_ids)


def again(store: Store, *ids: int, channel_id: int | None = None) -> list[Resent]:
    """Ask for alerts again, a minute later."""
    return store.write(lambda tx: resend.resend(tx, ids, channel_id=channel_id, actor="ann", now=later(60)))


def messages(store: Store) -> list[tuple[str, str, str]]:
    """Channel, message and state of each delivery, in order; all rows add up."""
    with store.read() as tx:
        assert audit.check(tx) == []
        return [(row.channel, row.message_id, row.state) for row in reversed(deliveries.rows(tx))]


def test_a_delivery_goes_out_again_with_its_message_id(store: Store) -> None:
    """The receiver can tell the repeat; while it is on its way it is not sent twice; each asking is noted."""
    alert, (delivery,) = rung(store, "desk")
    ((_, message_id, _),) = messages(store)
    assert again(store, alert) == [
        Resent(alert_id=alert, outcome="sent again", delivery_ids=(delivery,)),
    ]
    assert messages(store) == [("desk", message_id, "pending")]
    assert [one.outcome for one in again(store, alert)] == ["on its way"]
    with store.begin() as tx:
        job = deliveries.claim(tx, delivery, now=later(61), lease_s=60)
        assert job is not None
        assert (job.message_id, job.attempts) == (message_id, 2)
        assert deliveries.due(tx, now=later(61), lease_s=60, enqueued_before=later(61), limit=9) == []
    with store.read() as tx:
        (row,) = tx.execute(select(actions)).all()
    assert (row.alert_id, row.actor, row.action, row.at) == (alert, "ann", "resend", later(60))


def test_another_channel_gets_a_delivery_of_its_own(store: Store) -> None:
    """Once; asked for again, it is the same message."""
    alert, _ = rung(store, "desk")
    phone = stock.add_channel(store, "phone")
    ((_, told, _),) = messages(store)
    (one,) = again(store, alert, channel_id=phone)
    assert one.outcome == "sent again"
    first, (channel, fresh, state) = messages(store)
    assert first == ("desk", told, "delivered")
    assert (channel, state) == ("phone", "pending")
    assert fresh != told
    assert again(store, alert, channel_id=phone)[0].outcome == "on its way"


def test_an_alert_that_went_nowhere_goes_where_its_subscription_rings_now(store: Store) -> None:
    """Without any channel it goes nowhere still."""
    alert, _ = rung(store)
    assert [one.outcome for one in again(store, alert)] == ["no channel"]


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [({"disposition": "held"}, "held"), ({"disposition": "backlog", "backlog": True}, "backlog")],
)
def test_what_was_never_told_is_not_told_now(store: Store, columns: dict[str, Any], outcome: str) -> None:
    """Held alerts have their time, backlog has none."""
    alert, _ = rung(store)
    with store.begin() as tx:
        tx.execute(update(alerts).values(**columns))
    assert [one.outcome for one in again(store, alert)] == [outcome]


def test_an_unknown_alert_stops_all(store: Store) -> None:
    """None of those asked for is sent then."""
    alert, _ = rung(store, "desk")
    with pytest.raises(NotFoundError, match=f"no alert {alert + 1}"):
        again(store, alert, alert + 1)
    assert messages(store)[0][2] == "delivered"


def test_the_alerts_of_a_subscription_since_a_moment(store: Store) -> None:
    """Those made at that moment or later."""
    alert, _ = rung(store, "desk")
    with store.read() as tx:
        (subscription,) = tx.execute(select(alerts.c.subscription_id)).scalars()
        assert resend.since(tx, subscription, T0) == [alert]
        assert resend.since(tx, subscription, later(1)) == []
