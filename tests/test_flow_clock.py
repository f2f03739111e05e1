"""Clocks that are set, and machines that stand still: polling goes on, nothing rings twice, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pipeline.core.model import FeedState, FullText
from pipeline.core.websub import LEASE_S, Offer
from pipeline.flow import Poller, mend, tend
from pipeline.flow.retain import Retainer
from pipeline.store import alerts, audit, feeds, hosts, hubs, raw, warnings, wary
from pipeline.store.feeds import NewFeed
from pipeline.store.retention import Keep
from pipeline.store.tables import articles, raw_items
from tests import stock
from tests.ground import Bench
from tests.newswire import Wire, item, rss
from tests.sites import Reply, Site

KEEP = Keep(raw_days=7, poll_days=14, article_days=30, story_window_s=259_200)


def rung(bench: Bench) -> list[int]:
    """Stories that rang, and all adds up."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        return [one.story_id for one in alerts.rows(tx, backlog=False)]


def step(bench: Bench, **spans: float) -> int:
    """Time passes, what is due is polled and ingested; how many polls."""
    bench.pass_by(**spans)
    count = bench.poll()
    bench.ingest()
    return count


def test_a_clock_that_is_set_back_an_hour_stops_nothing(bench: Bench, site: Site) -> None:
    """The feed waits for what is left of its interval at most, and no item rings twice."""
    bench.subscribe("invasion")
    bench.feed(site.answer("/feed", Wire("north", 30, step=3)))
    assert step(bench) == 1
    bench.pass_by(hours=-1)
    mend.mend(bench.ground)
    assert step(bench, minutes=70) == 1
    assert step(bench, minutes=6) == 1
    assert len(rung(bench)) == len(set(rung(bench))) == 3


def test_a_year_ahead_and_back_leaves_no_feed_unpolled(bench: Bench, site: Site) -> None:
    """What the wrong clock has put off for a year is due within the minute; what it leased is swept."""
    bench.subscribe("invasion")
    feed = bench.feed(site.answer("/feed", Wire("north", 30, step=3)))
    slow = bench.feed(site.answer("/slow", Wire("slow", 30)), interval_s=7 * 86_400)
    assert step(bench) == 2
    bench.pass_by(days=365)
    assert bench.poll() == 2
    (ids,) = bench.pushed["ingest"]
    bench.store.write(lambda tx: raw.take(tx, ids[:1], now=bench.now, lease_s=60))  # its worker dies
    bench.pushed["ingest"].clear()
    bench.pass_by(days=-365, minutes=10)
    assert bench.poll() == 0
    assert mend.mend(bench.ground) == 3 + len(ids)  # both feeds, their host, and all that waits
    assert mend.mend(bench.ground) == 0
    assert step(bench, minutes=1) == 2
    bench.pass_by(minutes=2)
    assert tend.sweep(bench.ground, lambda _: None) == len(ids)
    bench.ingest()
    assert len(rung(bench)) == len(set(rung(bench))) == 4
    with bench.store.read() as tx:
        assert tx.execute(select(func.count()).where(raw_items.c.state == "new")).scalar_one() == 0
        week = feeds.find(tx, str(slow)).next_poll_at - bench.now
        assert feeds.find(tx, str(feed)).next_poll_at < bench.now + timedelta(minutes=6)
    assert week > timedelta(days=6)
    assert mend.mend(bench.ground) == 0  # a long interval is meant


@pytest.mark.parametrize("hours", [1, 365 * 24])
def test_a_poll_that_a_wrong_clock_began_is_not_under_way_for_ever(bench: Bench, hours: int) -> None:
    """Its scheduler was killed: its feed is due, and it does not count at its host, whatever the feed's state."""
    ids = [bench.feed(f"https://a.example/{name}") for name in "ab"]
    bench.pass_by(hours=hours)
    stock.claim(bench.store, bench.now)
    bench.store.write(lambda tx: feeds.set_state(tx, ids[0], FeedState.PAUSED))
    bench.pass_by(hours=-hours)
    mend.mend(bench.ground)
    with bench.store.read() as tx:
        assert hosts.polled(tx, ["a.example"], bench.now) == {}
    bench.pass_by(minutes=1)
    assert [feed.id for feed in stock.claim(bench.store, bench.now)] == ids[1:]


def test_a_wrong_year_is_over_for_all_feeds_at_once(bench: Bench) -> None:
    """Whatever their number, and whatever intervals others have that are meant to be long."""
    new = [NewFeed(url=f"https://h{n}.example/feed") for n in range(1_200)]
    rare = [NewFeed(url=f"https://r{n}.example/feed", every_s=7 * 86_400) for n in range(1_200)]
    with bench.store.begin() as tx:
        list(feeds.add_all(tx, rare, interval_s=300, now=bench.now + timedelta(days=6)))
        list(feeds.add_all(tx, new, interval_s=300, now=bench.now + timedelta(days=3)))
    assert mend.mend(bench.ground) == 1_200
    bench.pass_by(minutes=1)
    with bench.store.read() as tx:
        assert len(feeds.overdue(tx, before=bench.now, limit=9_999)) == 1_200


def test_a_wrong_year_makes_no_hub_believed_or_doubted_for_a_year(bench: Bench) -> None:
    """It is asked again, and until it has confirmed its feeds are polled as if they had none."""
    ids = [bench.feed(f"https://{name}.example/feed") for name in "ab"]
    with bench.store.begin() as tx:
        hubs.offered(tx, dict.fromkeys(ids, Offer(hub="https://hub.example", topic="t")), bench.now)
        wrong = bench.now + timedelta(days=365)
        rows = [row for id_ in ids if (row := hubs.of(tx, id_))]
        for row in rows:
            hubs.confirmed(tx, row, LEASE_S, wrong)
            hubs.pushed(tx, row, wrong)
        hubs.distrust(tx, rows[1], wrong)
    mend.mend(bench.ground)
    bench.pass_by(seconds=1)
    with bench.store.begin() as tx:
        hubs.settle(tx, bench.now)
        due = hubs.due(tx, now=bench.now, limit=9, lease_s=60)
        assert [(row.state, row.distrusted_until) for row in due] == [("wanted", None)] * 2
        assert [row.rhythm.pushed for row in feeds.rows(tx)] == [False] * 2
    assert mend.mend(bench.ground) == 0


def test_a_year_ahead_and_back_makes_no_word_of_a_site_last_for_a_year(bench: Bench, site: Site) -> None:
    """A robots.txt that could not be read meanwhile is asked for again, and a warning ends in its time."""
    site.answer("/robots.txt", Reply(503), Reply(404))
    page = (
        f"<title>Harvest</title><article><p>{'The harvest was good this year, they say. ' * 9}</p></article>"
    )
    site.answer("/page", Reply(body=page.encode(), headers={"Content-Type": "text/html"}))
    listed = rss(item(1, "Harvest", "It was good.", link=site.url("/page")))
    feed = bench.feed(site.answer("/feed", Reply(body=listed)), full_text=FullText.ALWAYS)
    step(bench)
    bench.pass_by(days=365)
    with bench.store.begin() as tx:
        wary.gap(tx, feed, again_at=bench.now, now=bench.now)
    assert bench.fetch_pages() == 1
    bench.pass_by(days=-365, minutes=1)
    mend.mend(bench.ground)
    assert bench.fetch_pages() == 1
    assert len(site.seen("/robots.txt")) == 2
    assert mend.mend(bench.ground) == 0
    bench.pass_by(days=8)
    tend.watch(bench.ground, [], {})
    with bench.store.read() as tx:
        assert warnings.of(tx, [feed]) == {}


def test_a_clock_a_year_ahead_has_nothing_forgotten(bench: Bench, site: Site) -> None:
    """Retention waits a day after a leap; a clock that comes back needs no day, one that stays is believed."""
    retainer = Retainer(bench.ground, KEEP, 0)
    bench.feed(site.answer("/feed", Wire("north", 30, step=3)))
    step(bench)

    def run() -> int:
        """A run of retention as the scheduler makes it; how many articles are left."""
        if retainer.steady():
            retainer.begin()
            while retainer.round():
                pass
        with bench.store.read() as tx:
            return int(tx.execute(select(func.count()).select_from(articles)).scalar_one())

    assert run() == 3
    bench.pass_by(days=365)
    assert run() == 3
    bench.pass_by(hours=23)
    assert run() == 3
    bench.pass_by(days=-364)
    assert (run(), retainer.steady()) == (3, True)
    bench.pass_by(days=365)
    assert run() == 3
    for _ in range(4):
        bench.pass_by(hours=7)
        left = run()
    assert left == 0


def test_after_two_hours_of_standing_still_each_feed_is_polled_once(bench: Bench, site: Site) -> None:
    """One poll makes up for all that were missed, spread over a minute, and then it goes on as before."""
    bench.subscribe("invasion")
    paths = [f"/{number}" for number in range(8)]
    for path in paths:
        bench.feed(site.answer(path, Wire(path.strip("/"), 30, step=3)))
    minutes = [timedelta(minutes=1)] * 7
    counts = asyncio.run(_ticks(bench, [timedelta(), timedelta(hours=2), *minutes]))
    assert (counts[:3], sum(counts[3:])) == ([8, 0, 8], 8)
    bench.ingest()
    assert [len(site.seen(path)) for path in paths] == [3] * 8
    assert len(rung(bench)) == len(set(rung(bench))) == 24


async def _ticks(bench: Bench, spans: Sequence[timedelta]) -> list[int]:
    """How many polls one scheduler starts after each span."""
    counts = []
    async with bench.fetcher() as fetcher:
        with ThreadPoolExecutor(1) as executor:
            poller = Poller(bench.ground, fetcher, executor)
            for span in spans:
                bench.now += span
                counts.append(await poller.tick())
                await poller.drain()
    return counts
