"""A silent subscription tells its channels, once, until it rings again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, update

from pipeline.core import render
from pipeline.flow import silences, tend
from pipeline.flow.messages import compose
from pipeline.store import channels, deliveries, notices, subscriptions
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.tables import alerts, articles, stories
from pipeline.store.tables import subscriptions as table
from tests import stock
from tests.ground import Bench
from tests.stock import T0


def _ring(tx: Tx, subscription_id: int, moments: Sequence[datetime], *, backlog: bool = False) -> None:
    """Alerts as if the subscription had rung at ``moments``, each on a story of its own."""
    row = tx.execute(articles.select()).first()
    assert row is not None
    for at in moments:
        (story,) = reserve(tx, "stories")
        tx.execute(insert(stories), {"id": story, "created_at": at, "last_seen_at": at, "event_id": story})
        ring = {"id": reserve(tx, "alerts")[0], "subscription_id": subscription_id, "story_id": story}
        ring |= {"article_id": row.id, "backlog": backlog, "state": "new", "matches": [], "created_at": at}
        tx.execute(insert(alerts), ring)


def _four_a_day(until: datetime) -> list[datetime]:
    return [until - timedelta(hours=6 * n) for n in range(60, -1, -1)]


def _subscribe(bench: Bench, name: str = "war", *, moments: Sequence[datetime]) -> int:
    store = bench.store
    desk = store.write(
        lambda tx: channels.add(tx, name=f"to {name}", url="https://d.test/", secret="x", now=T0)
    )
    id_ = stock.add_subscription(store, name, channel_ids=[desk])
    long_ago = min(moments) - timedelta(days=60)
    store.write(lambda tx: tx.execute(update(table).where(table.c.id == id_).values(updated_at=long_ago)))
    store.write(lambda tx: _ring(tx, id_, moments))
    return id_


def test_silence_is_told_once_until_it_rings_again(bench: Bench) -> None:
    """36 hours after four a day; the watch for troubles leaves it open; another silence is told again."""
    stock.add_feed(bench.store)
    stock.news(bench.store, "one")
    id_ = _subscribe(bench, moments=_four_a_day(T0))
    store = bench.store
    bench.now = T0 + timedelta(hours=20)
    assert silences.look(bench.ground) == []
    bench.now = T0 + timedelta(hours=36)
    assert silences.look(bench.ground) == [id_]
    ((delivery,),) = bench.pushed["deliver"]
    job = store.write(lambda tx: deliveries.claim(tx, delivery, now=bench.now, lease_s=60))
    assert job is not None
    assert compose(job, None).data["type"] == "silence.created"
    tend.watch(bench.ground, [], {})
    store.write(lambda tx: _ring(tx, id_, [bench.now - timedelta(hours=1)], backlog=True))
    assert silences.look(bench.ground) == []
    back = bench.now + timedelta(hours=1)
    store.write(lambda tx: _ring(tx, id_, [back, *(back + timedelta(hours=6 * n) for n in range(1, 60))]))
    bench.now = back + timedelta(hours=6 * 59 + 1)
    assert silences.look(bench.ground) == []
    bench.now += timedelta(hours=36)
    assert silences.look(bench.ground) == [id_]
    with store.read() as tx:
        second, first = notices.rows(tx)
        told = deliveries.rows(tx)
    assert (first.type, first.subscription_id, first.cause) == ("silence", id_, f"silence:{id_}")
    assert (first.resolved_at is None, second.resolved_at) == (False, None)
    assert [(row.notice_id, row.channel) for row in told] == [(second.id, "to war"), (first.id, "to war")]


def test_paused_changed_or_lively_subscriptions_are_not_told(bench: Bench) -> None:
    """Only an active one, unchanged since, whose own alerts are missing; a pause ends an open silence."""
    stock.add_feed(bench.store)
    stock.news(bench.store, "one")
    store = bench.store
    paused = _subscribe(bench, "paused", moments=_four_a_day(T0))
    store.write(lambda tx: subscriptions.set_state(tx, paused, "paused", T0))
    changed = _subscribe(bench, "changed", moments=_four_a_day(T0))
    store.write(lambda tx: subscriptions.edit(tx, changed, query="other", now=T0 + timedelta(hours=30)))
    _subscribe(bench, "lively", moments=_four_a_day(T0 + timedelta(hours=30)))
    silent = _subscribe(bench, "silent", moments=_four_a_day(T0))
    bench.now = T0 + timedelta(hours=36)
    assert silences.look(bench.ground) == [silent]
    store.write(lambda tx: subscriptions.set_state(tx, silent, "paused", T0))
    silences.look(bench.ground)
    with store.read() as tx:
        assert notices.open_causes(tx, "silence") == set()


def test_message_names_the_subscription_and_its_habit() -> None:
    """What a stranger wrote into nothing; programs get numbers, people a sentence."""
    one = render.Silence(
        id=7,
        created_at=T0,
        subject="war: silent for 36 hours",
        text="It usually rings 4.0 times a day.",
        data={"subscription": {"id": 1, "name": "war", "query": "a <b>"}, "hours": 36.0},
    )
    message = render.silence(one, message_id="msg_1")
    assert message.subject == "Tocsin: war: silent for 36 hours"
    assert "<p>Subscription: war (a &lt;b&gt;)</p>" in message.html
    assert message.data["type"] == "silence.created"
    assert message.data["data"]["silence"]["id"] == 7
    assert message.data["data"]["hours"] == 36.0
