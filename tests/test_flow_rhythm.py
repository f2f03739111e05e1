"""All feeds together: the census, urgent feeds, and the way back after a stop; and rhythms from poll to poll."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
import structlog
from sqlalchemy import func, select

from pipeline.core.policy import Priority, RingPolicy
from pipeline.core.rhythm import Limits, Why
from pipeline.flow import Poller, mend, poll, rhythm
from pipeline.store import census, feeds, status, subscriptions, urgent, warnings
from pipeline.store.feeds import FeedRow
from pipeline.store.tables import feeds as feeds_table
from tests import stock
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site, conditional


def add(bench: Bench, url: str, *, every_s: int | None = None) -> int:
    """A feed that follows its rhythm, or is polled each ``every_s``."""
    return bench.store.write(
        lambda tx: feeds.add(tx, url=url, interval_s=300, every_s=every_s, now=bench.now)
    )


def row(bench: Bench, id_: int) -> FeedRow:
    """The feed as it stands."""
    with bench.store.read() as tx:
        return feeds.find(tx, str(id_))


@cache
def story(number: int) -> str:
    """An item that is like no other, and the same whenever it is asked for: dates go by the second."""
    return item(number, f"Report {number}", f"Dike {number} holds in the flood of {1900 + number}.")


def test_a_feed_finds_its_rhythm_from_poll_to_poll(bench: Bench, site: Site) -> None:
    """Polls that bring items shorten the interval, and the operator reads why."""
    id_ = add(bench, site.answer("/feed", Reply(body=rss(story(1)))))
    bench.run()
    assert (row(bench, id_).interval_s, row(bench, id_).rhythm.last_item_at) == (300, None)
    for number in range(2, 8):
        bench.pass_by(minutes=6)
        site.answer("/feed", Reply(body=rss(*(story(n) for n in range(number, 0, -1)))))
        bench.run()
    found = row(bench, id_)
    assert found.rhythm.rate == pytest.approx(5.9, rel=0.1)  # ten an hour, and half an hour of the prior
    assert found.why is Why.RHYTHM
    assert found.interval_s == pytest.approx(300 / 5.9**0.5, rel=0.1)
    assert (found.next_poll_at - bench.now).total_seconds() == pytest.approx(found.interval_s, abs=1.0)
    assert found.rhythm.last_item_at == bench.now
    assert found.rhythm.owed == 0


def test_new_versions_are_no_rhythm(bench: Bench, site: Site) -> None:
    """A feed that changes its one item at each poll brings nothing, and is polled as such."""
    id_ = add(bench, site.answer("/feed", Reply(body=rss(story(1)))))
    bench.run()
    for number in range(6):
        bench.pass_by(minutes=10)
        changed = story(1).replace("</description>", f" Seen {number} times.</description>")
        site.answer("/feed", Reply(body=rss(changed)))
        bench.run()
    assert row(bench, id_).rhythm.owed == -1
    assert (row(bench, id_).rhythm.rate or 0) < 1.5


def test_the_census_finds_the_stretch_in_steps(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many feeds, the mean interval is the operator's; fixed, paused and unknown feeds are left out."""
    monkeypatch.setattr(rhythm, "STEP", 4)
    bench.with_policy(limits=Limits(every_s=600))
    ids = [add(bench, f"https://a.example/{n}") for n in range(10)]
    add(bench, "https://a.example/fixed", every_s=20)
    with bench.store.begin() as tx:
        table = feeds_table
        tx.execute(table.update().where(table.c.id.in_(ids)).values(rate=4.0))
    steps = 0
    while True:
        rhythm.count(bench.ground)
        rhythm.count(bench.ground)  # another scheduler, at the same moment
        steps += 1
        with bench.store.read() as tx:
            if (stretch_s := census.stretch(tx)) is not None:
                break
        bench.pass_by(seconds=rhythm.PAUSE_S)
    assert steps == 3
    assert stretch_s == pytest.approx(600 * 2.0, rel=0.05)


def test_feeds_that_urgent_alerts_came_from_are_polled_within_the_minute(bench: Bench, site: Site) -> None:
    """They are due at once in that pace, until nobody waits for them any more."""
    id_ = add(bench, site.answer("/feed", Reply(body=rss(story(1)))))
    other = add(bench, site.answer("/other", Reply(body=rss(item(50, "Wedding", "They said yes.")))))
    subscription = bench.subscribe("flood")
    with bench.store.begin() as tx:
        subscriptions.edit(tx, subscription, policy=RingPolicy(priority=Priority.URGENT), now=bench.now)
    rhythm.count(bench.ground)
    bench.run()
    bench.pass_by(minutes=10)
    site.answer("/feed", Reply(body=rss(story(2), story(1))))
    bench.run()
    rhythm.hasten(bench.ground)
    assert row(bench, id_).next_poll_at <= bench.now + timedelta(seconds=45)
    assert row(bench, id_).urgent_for == "flood"
    assert row(bench, other).urgent_for is None
    bench.pass_by(minutes=10)
    bench.poll()
    assert (row(bench, id_).interval_s, row(bench, id_).why) == (45, Why.URGENT)
    with bench.store.begin() as tx:
        subscriptions.edit(tx, subscription, policy=RingPolicy(), now=bench.now)
    rhythm.hasten(bench.ground)
    assert not row(bench, id_).rhythm.urgent


def test_feed_that_two_urgent_subscriptions_wait_for_is_let_go_by_the_last(bench: Bench, site: Site) -> None:
    """Whichever of them is urgent no more, the other still waits; until a week after it last rang."""
    waiting = [bench.subscribe(query) for query in ("flood", "dam")]
    with bench.store.begin() as tx:
        for id_ in waiting:
            subscriptions.edit(tx, id_, policy=RingPolicy(priority=Priority.URGENT), now=bench.now)
    rhythm.count(bench.ground)
    feed = add(bench, site.answer("/feed", Reply(body=rss(item(1, "Flood", "The dam broke.")))))
    bench.run()
    rhythm.hasten(bench.ground)
    bench.pass_by(days=1)
    ended = []
    for _ in waiting:
        ended.append(row(bench, feed).urgent_for)
        with bench.store.begin() as tx:
            subscriptions.edit(
                tx, subscriptions.find(tx, str(ended[-1])).id, policy=RingPolicy(), now=bench.now
            )
        rhythm.hasten(bench.ground)
    assert sorted(map(str, ended)) == ["dam", "flood"]
    assert row(bench, feed).urgent_for is None


def test_alerts_of_a_wrong_clock_hold_up_no_later_ones(bench: Bench, site: Site) -> None:
    """They are gone through once, not for as long as their moments are ahead, and hasten their feed as any do."""
    subscription = bench.subscribe("flood")
    with bench.store.begin() as tx:
        subscriptions.edit(tx, subscription, policy=RingPolicy(priority=Priority.URGENT), now=bench.now)
    rhythm.count(bench.ground)
    bench.pass_by(days=365)
    feed = add(bench, site.answer("/feed", Reply(body=rss(story(1)))))
    bench.run()
    site.answer("/feed", Reply(body=rss(story(2), story(1))))
    bench.pass_by(minutes=10)
    bench.run()
    bench.pass_by(days=-365)
    mend.mend(bench.ground)
    for gone_through in (2, 0):
        with bench.store.begin() as tx:
            week = bench.now + rhythm.URGENT
            found = urgent.hasten(tx, now=bench.now, until=week, urgent_s=45, limit=9)
        assert found == gone_through
    assert row(bench, feed).urgent_for == "flood"
    bench.pass_by(days=8)
    rhythm.hasten(bench.ground)
    assert row(bench, feed).urgent_for is None


def test_after_a_stop_each_overdue_feed_gets_one_poll_at_a_moment_of_its_own(bench: Bench) -> None:
    """Nobody is polled twice for the time that was missed, and not all at one moment."""
    late = [add(bench, f"https://a.example/{n}") for n in range(5)]
    bench.pass_by(hours=3)
    fresh = add(bench, "https://a.example/new")
    chances = iter([0.1, 0.3, 0.5, 0.7, 0.9])
    assert rhythm.spread(replace(bench.ground, chance=lambda: next(chances))) == 5
    dues = [(row(bench, id_).next_poll_at - bench.now).total_seconds() for id_ in late]
    assert dues == [6, 18, 30, 42, 54]
    assert row(bench, fresh).next_poll_at == bench.now
    assert rhythm.spread(bench.ground) == 0
    with bench.store.read() as tx:
        assert tx.execute(select(func.count()).where(feeds_table.c.next_poll_at < bench.now)).scalar() == 0


def test_a_feed_that_answers_well_and_brings_nothing_is_silent(bench: Bench) -> None:
    """After so many times its usual; one that fails is failing and not silent; an item ends it."""
    usual = {"usual_s": 3600.0, "last_item_at": bench.now}
    feed, failing, other = (add(bench, f"https://a.example/{n}") for n in range(3))
    table = feeds_table
    with bench.store.begin() as tx:
        tx.execute(table.update().values(**usual))
        tx.execute(table.update().where(table.c.id == failing).values(failures=1))
        tx.execute(table.update().where(table.c.id == other).values(usual_s=36_000.0))
    bench.pass_by(hours=4.9)
    rhythm.count(bench.ground)
    assert not row(bench, feed).silent
    bench.pass_by(hours=0.2)
    rhythm.count(bench.ground)
    with bench.store.read() as tx:
        assert [one.id for one in feeds.rows(tx, silent=True)] == [feed]
        assert [one.id for one in feeds.rows(tx, failing=True)] == [failing]
        assert [one.id for one in feeds.rows(tx, failing=True, silent=True)] == [feed, failing]
        (told,) = warnings.of(tx, [feed])[feed]
        assert told.text == "looks fine, brings nothing for 5.1 hours; usual are 60 minutes"
        assert status.counts(tx).feeds["silent"] == 1
    with bench.store.begin() as tx:
        tx.execute(table.update().where(table.c.id == feed).values(last_item_at=bench.now))
    bench.pass_by(seconds=rhythm.PAUSE_S)
    rhythm.count(bench.ground)
    assert not row(bench, feed).silent


def test_news_waits_for_no_company(bench: Bench, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without news are committed together after a while, but at once when one comes with news."""
    monkeypatch.setattr(poll, "QUIET_S", 60.0)
    quiet = add(bench, site.answer("/quiet", conditional(rss(story(1)))))
    bench.run()
    bench.pass_by(hours=1)
    news = add(bench, site.answer("/news", Reply(body=rss(story(2)), delay_s=0.2)))

    async def both() -> None:
        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                poller = Poller(bench.ground, fetcher, executor)
                committer = asyncio.create_task(poller.commit_forever())
                assert await poller.tick() == 2
                async with asyncio.timeout(10):
                    while not bench.pushed["ingest"]:  # noqa: ASYNC110 - a push gives no event
                        await asyncio.sleep(0.01)
                committer.cancel()

    asyncio.run(both())
    assert {row(bench, id_).last_polled_at for id_ in (quiet, news)} == {bench.now}


def test_a_push_that_breaks_ends_no_committing(bench: Bench, site: Site) -> None:
    """What was committed waits for the sweeper, and the next polls are committed all the same."""
    for name in "ab":
        add(bench, site.answer(f"/{name}", Reply(body=rss(story(ord(name))))))
    pushed: list[str] = []

    async def one_by_one() -> None:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()

        def broken(hop: str, _ids: Sequence[int], *, feeds: Iterable[int] = ()) -> None:
            pushed.append(hop)
            loop.call_soon_threadsafe(arrived.set)
            raise RuntimeError("no such queue")

        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                bench.with_policy(fetch_concurrency=1)
                poller = Poller(replace(bench.ground, push=broken), fetcher, executor)
                committer = asyncio.create_task(poller.commit_forever())
                for _ in range(2):
                    arrived.clear()
                    assert await poller.tick() == 1
                    async with asyncio.timeout(10):
                        await arrived.wait()
                committer.cancel()

    asyncio.run(one_by_one())
    assert pushed == ["ingest"] * 2


def test_an_answer_that_cannot_be_kept_costs_no_other_its_poll(bench: Bench, site: Site) -> None:
    """They were committed together; the bad one's feed comes again with its lease."""
    names = [add(bench, site.url(f"/{name}")) for name in "abc"]
    claimed = stock.claim(bench.store, bench.now)
    results = [stock.result(feed, stock.document([f"{feed.id}"]), now=bench.now) for feed in claimed]
    bad = replace(results[1], verdict=replace(results[1].verdict, interval_s=2**70))

    async def commit() -> None:
        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                poller = Poller(bench.ground, fetcher, executor)
                await poller.commit([results[0], bad, results[2]])

    asyncio.run(commit())
    kept = {id_ for id_ in names if row(bench, id_).last_success_at == bench.now}
    assert kept == set(names) - {bad.feed.id}
    assert len(bench.pushed["ingest"]) == 2


def test_a_push_that_breaks_has_nothing_committed_again(bench: Bench, site: Site) -> None:
    """What is kept is kept, however many were committed together; only the push is told of."""
    names = [add(bench, site.url(f"/{name}")) for name in "ab"]
    claimed = stock.claim(bench.store, bench.now)
    results = [stock.result(feed, stock.document([f"{feed.id}"]), now=bench.now) for feed in claimed]

    def broken(_hop: str, _ids: Sequence[int], *, feeds: Iterable[int] = ()) -> None:
        raise RuntimeError("no such queue")

    async def commit() -> None:
        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                await Poller(replace(bench.ground, push=broken), fetcher, executor).commit(results)

    with structlog.testing.capture_logs() as logs:
        asyncio.run(commit())
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["poll.push_failed"]
    assert {row(bench, id_).last_success_at for id_ in names} == {bench.now}
