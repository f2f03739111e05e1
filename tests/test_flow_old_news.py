"""What is old stays silent: a first poll full of it, and what comes back after it was forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from pipeline.store import alerts, audit
from pipeline.store.tables import articles
from tests import stock
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site

DAY = 86_400


def sound(bench: Bench) -> tuple[int, int, int]:
    """Articles, live alerts and backlog; all adds up."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        kept = tx.execute(select(func.count()).select_from(articles)).scalar_one()
        return kept, len(alerts.rows(tx, backlog=False)), len(alerts.rows(tx, backlog=True))


def test_a_first_poll_of_300_old_items_delivers_nothing(bench: Bench, site: Site) -> None:
    """All are stored and matched, none rings; the first one after them does."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    old = [
        item(
            number,
            f"Gazette of day {number}",
            f"On day {number} page {number * 7} of the gazette told of invasion number {number * 11}.",
            at=bench.now - timedelta(days=number),
        )
        for number in range(1, 301)
    ]
    feed = site.answer("/feed", Reply(body=rss(*old)))
    bench.feed(feed)
    bench.poll()
    bench.ingest()
    assert sound(bench) == (300, 0, 300)
    assert bench.pushed["deliver"] == []
    bench.pass_by(minutes=6)
    fresh = item(301, "Troops cross the river", "An invasion has begun in the east.", at=bench.now)
    site.answer("/feed", Reply(body=rss(fresh, *old[:-1])))
    bench.run()
    assert sound(bench) == (301, 1, 300)
    assert len(bench.pushed["deliver"]) == 1


def test_an_item_that_returns_after_its_purge_does_not_ring(bench: Bench, site: Site) -> None:
    """Also under a new date: its feed's memory outlives the article."""
    bench.subscribe("invasion")
    text = ("Border", "The invasion began before dawn, the ministry of the interior said.")
    feed = site.answer("/feed", Reply(body=rss(item(1, *text, at=bench.now))))
    bench.feed(feed)
    bench.run()
    assert sound(bench) == (1, 1, 0)
    bench.pass_by(days=60)
    while _purge(bench):
        pass
    assert sound(bench) == (0, 0, 0)
    site.answer("/feed", Reply(body=rss(item(2, "Harvest", "It was good.", at=bench.now))))
    bench.run()
    bench.pass_by(hours=1)
    site.answer("/feed", Reply(body=rss(item(1, *text, at=bench.now), item(2, "Harvest", "It was good."))))
    assert bench.run().duplicates == 2
    assert sound(bench) == (1, 0, 0)


def _purge(bench: Bench) -> int:
    return stock.purge(bench.store, bench.now, article_days=30)
