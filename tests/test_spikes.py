"""Spikes from the alerts on record to the message, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from pipeline.flow import spikes
from pipeline.flow.messages import compose
from pipeline.store import channels, deliveries, notices, subscriptions
from pipeline.store.engine import Store
from pipeline.store.ids import reserve
from pipeline.store.tables import alerts, articles
from pipeline.store.tables import deliveries as deliveries_table
from pipeline.store.tables import stories as stories_table
from pipeline.store.tables import subscriptions as subscriptions_table
from tests import stock
from tests.ground import Bench
from tests.stock import T0

HOUR = timedelta(hours=1)
NOW = T0 + timedelta(days=8)


@pytest.fixture
def desk(store: Store) -> Bench:
    """A subscription that asks for spikes, a week old, with two channels and one article to ring for."""
    stock.add_feed(store)
    stock.news(store, "one")
    with store.begin() as tx:
        ids = [
            channels.add(tx, name=name, url="https://hook.example/x", secret="whsec_x", now=T0)
            for name in ("desk", "night")
        ]
        subscriptions.add(tx, name="War", query="invasion", channel_ids=ids, now=T0)
        tx.execute(update(subscriptions_table).values(policy={"spikes": True}))
    return Bench(store, now=NOW)


def ring(bench: Bench, count: int, at: datetime) -> None:
    """So many alerts at this moment, each of a story of its own."""
    with bench.store.begin() as tx:
        subscription_id = tx.execute(select(subscriptions_table.c.id)).scalar_one()
        ids = reserve(tx, "alerts", count)
        made = reserve(tx, "stories", count)
        article_id = tx.execute(select(articles.c.id)).scalar_one()
        story = {"created_at": at, "last_seen_at": at, "article_count": 0, "source_count": 0}
        tx.many(insert(stories_table), [{"id": id_, "event_id": id_, **story} for id_ in made])
        row = {
            "subscription_id": subscription_id,
            "article_id": article_id,
            "revision_id": None,
            "backlog": False,
            "state": "new",
            "matches": [{"term": "invasion", "field": "title", "text": "invasion", "context": ""}],
            "created_at": at,
        }
        tx.many(insert(alerts), [{**row, "id": id_, "story_id": s} for id_, s in zip(ids, made, strict=True)])


def a_usual_week(bench: Bench, *, each_hour: int) -> None:
    """The same every hour, up to an hour ago."""
    for hour in range(1, 169):
        ring(bench, each_hour, NOW - HOUR * hour - timedelta(minutes=30))


def test_a_spike_is_told_once_to_every_channel_with_its_headlines(desk: Bench) -> None:
    """Three times the usual rate; while it lasts nothing more is said, and after it the next one is."""
    a_usual_week(desk, each_hour=2)
    ring(desk, 5, NOW - timedelta(minutes=20))
    assert spikes.look(desk.ground) == []
    ring(desk, 1, NOW - timedelta(minutes=1))
    (id_,) = spikes.look(desk.ground)
    assert spikes.look(desk.ground) == []
    assert [len(ids) for ids in desk.pushed["deliver"]] == [2]
    with desk.store.begin() as tx:
        job = deliveries.claim(tx, desk.pushed["deliver"][0][0], now=desk.now, lease_s=60)
        assert notices.open_causes(tx) == set()
    assert job is not None
    message = compose(job, "https://tocsin.example")
    assert message.subject == "Tocsin: spike: War: 6 alerts in an hour, usually 2"
    told = message.data["data"]
    assert message.data["type"] == "spike.created"
    assert told["subscription"] == {"id": id_, "name": "War", "query": "invasion"}
    assert (told["count"], told["usual"], told["words"]) == (6, 2, {"invasion": 6})
    assert [one["title"] for one in told["headlines"]] == ["Title of one"] * 6
    assert message.text.count("• Title of one") == 6
    assert message.html.count('href="https://tocsin.example/alerts/') == 6
    desk.pass_by(hours=1)
    assert spikes.look(desk.ground) == []
    ring(desk, 9, desk.now)
    assert spikes.look(desk.ground) == [id_]


def test_rare_young_and_unasked_subscriptions_have_no_spikes(desk: Bench) -> None:
    """One, then three is nothing; a first busy hour is nothing; and who did not ask is told nothing."""
    ring(desk, 1, NOW - HOUR * 30)
    ring(desk, 3, NOW - timedelta(minutes=20))
    assert spikes.look(desk.ground) == []
    ring(desk, 20, NOW - timedelta(minutes=10))
    with desk.store.begin() as tx:
        tx.execute(update(subscriptions_table).values(created_at=NOW - HOUR * 12))
    assert spikes.look(desk.ground) == []
    with desk.store.begin() as tx:
        tx.execute(update(subscriptions_table).values(created_at=T0, policy={}))
    assert spikes.look(desk.ground) == []
    with desk.store.begin() as tx:
        tx.execute(update(subscriptions_table).values(policy={"spikes": True}))
    assert len(spikes.look(desk.ground)) == 1
    with desk.store.read() as tx:
        assert len(tx.execute(select(deliveries_table.c.id)).all()) == 2
