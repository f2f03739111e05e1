"""Manners: hosts are spared, also many feeds of one, and feeds that move are followed."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pipeline.core.model import FeedState
from pipeline.core.turns import Courtesy
from pipeline.flow import tend
from pipeline.flow.keep import keep
from pipeline.store import feeds, warnings
from pipeline.store.feeds import FeedRow, NewFeed
from tests import stock
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Request, Site, conditional, redirect

DOCUMENT = Reply(body=rss(item(1, "One", "First.")))


def shown(bench: Bench, id_: int) -> FeedRow:
    """The feed."""
    with bench.store.read() as tx:
        return feeds.find(tx, str(id_))


def herd(bench: Bench, site: Site, count: int) -> list[int]:
    """Feeds of one host, all due now."""
    new = [NewFeed(url=site.url(f"/{n}")) for n in range(count)]
    bench.store.write(lambda tx: list(feeds.add_all(tx, new, interval_s=300, now=bench.now)))
    bench.store.write(lambda tx: feeds.poll_now(tx, None, bench.now))
    with bench.store.read() as tx:
        return [row.id for row in feeds.rows(tx)]


def next_due(bench: Bench) -> float:
    """Seconds until something is due."""
    with bench.store.read() as tx:
        first = min(row.next_poll_at for row in feeds.rows(tx))
    return max((first - bench.now).total_seconds(), 0.0)


def test_two_hundred_feeds_of_a_host_that_had_enough_leave_it_alone(bench: Bench, site: Site) -> None:
    """Retry-After holds all of them, whatever process polls; when it is over one asks first, not all."""
    bench.with_policy(courtesy=Courtesy(at_once=2, gap_s=0.0))
    ids = herd(bench, site, 200)
    for n in range(200):
        site.answer(f"/{n}", Reply(429, headers={"Retry-After": "600"}))
    begin = bench.now
    while bench.now < begin + timedelta(minutes=13):  # each step is a process of its own
        bench.poll()
        bench.pass_by(seconds=max(next_due(bench), 1.0))
    assert 2 <= len(site.requests) <= 4  # at most two for each hold
    for n in range(200):
        site.answer(f"/{n}", DOCUMENT)
    site.requests.clear()
    bench.pass_by(minutes=12)
    most = 0
    for _ in range(400):
        most = max(most, bench.poll())
        bench.pass_by(seconds=max(next_due(bench), 1.0))
        if len({request.path for request in site.requests}) == len(ids):
            break
    assert len({request.path for request in site.requests}) == len(ids)
    assert most <= 2


def test_hold_is_bounded_whatever_the_server_asks(bench: Bench, site: Site) -> None:
    """Ten years are a day; nonsense is a minute."""
    id_ = bench.feed(site.url("/feed"))
    for asked, least_s, most_s in (("315360000", 86_400, 90_800), ("soon", 60, 700), ("-5", 60, 1300)):
        site.answer("/feed", Reply(503, headers={"Retry-After": asked}))
        bench.poll()
        wait_s = (shown(bench, id_).next_poll_at - bench.now).total_seconds()
        assert least_s <= wait_s <= most_s
        bench.now = shown(bench, id_).next_poll_at + timedelta(hours=2)


def test_two_schedulers_share_a_host_and_poll_each_feed_once(bench: Bench, site: Site) -> None:
    """Never more than two of its feeds are under way, whoever claimed them."""
    bench.with_policy(courtesy=Courtesy(at_once=2, gap_s=0.0))
    ids = herd(bench, site, 16)
    lock, under_way, most = threading.Lock(), 0, 0
    together = threading.Event()

    def answer(_: Request) -> Reply:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(0.05)
        with lock:
            under_way -= 1
        return DOCUMENT

    for n in range(16):
        site.answer(f"/{n}", answer)
    with ThreadPoolExecutor(2) as schedulers:
        for _ in range(40):
            list(schedulers.map(lambda _: bench.poll(), range(2)))
            bench.pass_by(seconds=2)
            if len(site.requests) >= len(ids):
                break
    assert sorted(request.path for request in site.requests) == sorted(f"/{n}" for n in range(16))
    assert most <= 2


def test_feed_that_had_nothing_new_is_no_longer_under_way(bench: Bench, site: Site) -> None:
    """A 304 writes less than other answers, but it ends the poll: the host's other feeds have their turns."""
    bench.with_policy(courtesy=Courtesy(at_once=1, gap_s=0.0))
    herd(bench, site, 2)
    for n in range(2):
        site.answer(f"/{n}", conditional(DOCUMENT.body))
    for _ in range(8):
        bench.poll()
        bench.pass_by(minutes=10)
    assert [len(site.seen(f"/{n}")) >= 3 for n in range(2)] == [True, True]


def test_starts_at_a_host_are_a_gap_apart(bench: Bench, site: Site) -> None:
    """To the moment, also of polls that were claimed together."""
    bench.with_policy(courtesy=Courtesy(at_once=3, gap_s=0.2))
    herd(bench, site, 3)
    starts: list[float] = []

    def answer(_: Request) -> Reply:
        starts.append(time.monotonic())
        return DOCUMENT

    for n in range(3):
        site.answer(f"/{n}", answer)
    assert bench.poll() == 3
    assert len(starts) == 3
    assert starts[1] - starts[0] >= 0.15
    assert starts[2] - starts[0] >= 0.35


def test_feed_that_moved_for_good_is_followed_with_all_that_is_known(bench: Bench, site: Site) -> None:
    """After three equal answers; nothing comes anew for it, and the operator can see it."""
    site.answer("/old", redirect("/between", 301))
    site.answer("/between", redirect("/new", 308))
    site.answer("/new", DOCUMENT)
    id_ = bench.feed(site.url("/old"))
    bench.run()
    for _ in range(2):
        assert shown(bench, id_).url == site.url("/old")
        bench.pass_by(hours=1)
        bench.poll()
    assert shown(bench, id_).url == site.url("/new")
    bench.pass_by(hours=1)
    bench.poll()
    assert bench.ingest() == []
    assert len(site.seen("/old")) == 3
    with bench.store.read() as tx:
        (warned,) = warnings.of(tx, [id_])[id_]
    assert warned.word == "moved"
    assert site.url("/old") in warned.text


@pytest.mark.parametrize("status", [302, 303, 307])
def test_feed_that_is_elsewhere_for_a_while_keeps_its_address(bench: Bench, site: Site, status: int) -> None:
    """One such redirect among permanent ones is enough."""
    site.answer("/old", redirect("/between", 301))
    site.answer("/between", redirect("/new", status))
    site.answer("/new", DOCUMENT)
    id_ = bench.feed(site.url("/old"))
    for _ in range(5):
        bench.poll()
        bench.pass_by(hours=1)
    assert shown(bench, id_).url == site.url("/old")


def test_feed_does_not_move_to_where_another_is(bench: Bench, site: Site) -> None:
    """Its operator is told once, and it is polled where it was."""
    site.answer("/old", redirect("/new", 301))
    site.answer("/new", DOCUMENT)
    other, id_ = bench.feed(site.url("/new")), bench.feed(site.url("/old"))
    for _ in range(6):
        bench.poll()
        bench.pass_by(hours=1)
    assert shown(bench, id_).url == site.url("/old")
    with bench.store.read() as tx:
        (warned,) = warnings.of(tx, [id_])[id_]
    assert (warned.word, warned.count) == ("moved", 1)
    assert f"feed {other} is there already" in warned.text


def test_answer_that_does_not_count_any_more_moves_no_feed(bench: Bench, site: Site) -> None:
    """An operator gave the feed another address meanwhile; nothing is said to have moved."""
    id_ = bench.feed(site.url("/old"))
    (claimed,) = stock.claim(bench.store, bench.now)
    claimed = dataclasses.replace(claimed, moved_to=site.url("/new"), moved_times=2)
    late = stock.result(claimed, stock.document([]), now=bench.now)
    assert late.response is not None
    moved = dataclasses.replace(late.response, moved=site.url("/new"))
    bench.store.write(lambda tx: feeds.edit(tx, id_, url=site.url("/mine")))
    assert keep(bench.ground, [dataclasses.replace(late, response=moved)]) == []
    assert shown(bench, id_).url == site.url("/mine")
    with bench.store.read() as tx:
        assert warnings.of(tx, [id_]) == {}


def test_feed_does_not_move_to_what_is_no_feed(bench: Bench, site: Site) -> None:
    """A site that sends all addresses to its start page, or a network that wants a login, is no new address."""
    site.answer("/old", redirect("/start", 301))
    site.answer("/start", Reply(body=b"<html><title>Welcome</title></html>"))
    id_ = bench.feed(site.url("/old"))
    for _ in range(4):
        bench.poll()
        bench.now = shown(bench, id_).next_poll_at
    assert shown(bench, id_).url == site.url("/old")
    with bench.store.read() as tx:
        assert warnings.of(tx, [id_]) == {}


def test_many_feeds_of_a_host_that_get_new_addresses_have_their_turns(bench: Bench, site: Site) -> None:
    """Those that wait for their turn are not under way, and keep nobody from theirs."""
    bench.with_policy(courtesy=Courtesy(at_once=2, gap_s=0.0))
    ids = herd(bench, site, 12)
    for n, id_ in enumerate(ids):
        url = site.answer(f"/new/{n}", DOCUMENT)
        bench.store.write(lambda tx, id_=id_, url=url: feeds.edit(tx, id_, url=url))
    for _ in range(30):
        bench.poll()
        bench.pass_by(seconds=max(next_due(bench), 0.1))
    assert {request.path for request in site.requests} == {f"/new/{n}" for n in range(12)}


def test_claims_that_nobody_ended_keep_no_host(bench: Bench, site: Site) -> None:
    """As after a crash, also when fewer requests at once are allowed than before it."""
    ids = herd(bench, site, 12)
    for n in range(12):
        site.answer(f"/{n}", DOCUMENT)
    bench.store.write(lambda tx: feeds.claim(tx, now=bench.now, limit=50, lease_s=60))
    bench.pass_by(seconds=61)
    bench.with_policy(courtesy=Courtesy(at_once=2, gap_s=0.0))
    for _ in range(30):
        bench.poll()
        bench.pass_by(seconds=max(next_due(bench), 0.1))
    assert len({request.path for request in site.requests}) == len(ids)


def test_gone_feed_stops_and_the_operator_is_told(bench: Bench, site: Site) -> None:
    """410 is the server's word that nothing will come; 404 is not."""
    gone = bench.feed(site.answer("/gone", Reply(410)))
    missing = bench.feed(site.answer("/missing", Reply(404)))
    bench.poll()
    assert [shown(bench, id_).state for id_ in (gone, missing)] == [FeedState.GONE, FeedState.ACTIVE]
    assert f"gone:{gone}" in tend.watch(bench.ground, [], {})
    waits = []
    for _ in range(4):
        waits.append((shown(bench, missing).next_poll_at - bench.now).total_seconds())
        bench.now = shown(bench, missing).next_poll_at
        bench.poll()
    assert waits == sorted(waits)
    assert waits[3] > 6 * waits[0]
    assert len(site.seen("/gone")) == 1
