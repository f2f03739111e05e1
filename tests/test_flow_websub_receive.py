"""What hubs push goes the way of a poll, and polls go on as a backup."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from pipeline.core.turns import Courtesy
from pipeline.flow.websub import Received, confirm, receive
from pipeline.store import audit, feeds, hosts, polls, tables, warnings
from tests import stock
from tests.ground import Bench
from tests.hub import (
    FIRST,
    LATE,
    NEWS,
    Hub,
    feed_id,
    held,
    live,
    next_wait_s,
    offering,
    push,
    signature,
)
from tests.newswire import item
from tests.sites import Reply, Site


def test_push_becomes_articles_once_and_polls_become_rare(bench: Bench, hub: Hub, site: Site) -> None:
    """It is a poll with a number of its own; what it brought is known to the next poll, and to the next push."""
    row = live(bench)
    bench.pass_by(seconds=40)
    before = next_wait_s(bench)
    assert push(bench, row, offering(site, NEWS)) is Received.TAKEN
    assert sum(one.articles for one in bench.ingest()) == 1
    assert next_wait_s(bench) == before
    assert push(bench, row, offering(site, NEWS)) is Received.TAKEN
    site.answer("/feed", Reply(body=offering(site, NEWS, FIRST)))
    bench.pass_by(seconds=400)
    bench.poll()
    assert bench.ingest() == []
    assert 1700 <= next_wait_s(bench) <= 1900
    with bench.store.read() as tx:
        assert [(row.seq, row.pushed, row.new) for row in polls.rows(tx)] == [
            (4, False, 0), (3, True, 0), (2, True, 1), (1, False, 1),
        ]  # fmt: skip
        assert audit.check(tx) == []
    assert (held(bench) or row).pushes == 2


def test_hub_that_missed_something_is_not_relied_on(bench: Bench, hub: Hub, site: Site) -> None:
    """A poll that finds what no push brought returns to the feed's own interval, and one push is no amends."""
    row = live(bench)
    push(bench, row, offering(site, FIRST))
    site.answer("/feed", Reply(body=offering(site, NEWS, FIRST)))
    bench.pass_by(hours=1)
    bench.run()
    assert next_wait_s(bench) < 1000
    for minutes, believed in ((9, False), (9, True)):
        bench.pass_by(minutes=minutes)
        push(bench, row, offering(site, FIRST))
        bench.poll()
        assert (next_wait_s(bench) > 1700) is believed


def test_hub_that_writes_items_in_its_own_way_is_relied_on(bench: Bench, hub: Hub, site: Site) -> None:
    """The poll after a push finds other bytes of what the hub had brought, which is nothing that it missed."""
    row = live(bench)
    assert push(bench, row, offering(site, NEWS.replace("<item>", "<item >"))) is Received.TAKEN
    bench.ingest()
    site.answer("/feed", Reply(body=offering(site, NEWS, FIRST)))
    bench.pass_by(hours=1)
    assert bench.run().articles == 0
    assert (held(bench) or row).misses == 0
    bench.pass_by(hours=1)
    bench.poll()
    assert next_wait_s(bench) > 1700


def test_foreign_pushes_change_nothing(bench: Bench, hub: Hub, site: Site) -> None:
    """Unsigned, signed with another secret, to nobody's address, or no document at all."""
    row = live(bench)
    body = offering(site, NEWS)
    assert push(bench, row, body, signed="") is Received.IGNORED
    assert push(bench, row, body, signed=signature("guess", body)) is Received.IGNORED
    assert push(bench, row, b"<html>no feed</html>") is Received.IGNORED
    stranger = receive(bench.ground, "x" * 32, body, content_type="", signature=signature(row.secret, body))
    assert stranger is Received.UNKNOWN
    with bench.store.read() as tx:
        assert len(polls.rows(tx)) == 1
        (warned,) = warnings.of(tx, [feed_id(bench)])[feed_id(bench)]
        assert (warned.word, warned.count) == ("push", 3)
    assert bench.ingest() == []


def test_push_that_is_no_document_does_not_count_as_under_way(bench: Bench, hub: Hub, site: Site) -> None:
    """The host's other feeds have their turn, where it bears one request at once."""
    row = live(bench)
    assert push(bench, row, b"<html>no feed</html>") is Received.IGNORED
    bench.with_policy(courtesy=Courtesy(at_once=1, gap_s=0.0))
    bench.feed(site.answer("/other", Reply(body=offering(site, NEWS))))
    assert bench.poll() == 1
    assert len(site.seen("/other")) == 1


def test_poll_under_way_gives_way_to_a_push_and_comes_again(bench: Bench, hub: Hub, site: Site) -> None:
    """What the poll would have brought is fetched when its lease ends, not with the next backup poll."""
    row = live(bench)
    bench.pass_by(hours=1)
    (claimed,) = bench.store.write(lambda tx: feeds.claim(tx, now=bench.now, limit=9, lease_s=60))
    push(bench, row, offering(site, NEWS))
    with bench.store.read() as tx:
        assert tx.execute(select(tables.feeds.c.seq)).scalar_one() == claimed.seq + 1
    assert next_wait_s(bench) == 60


def test_pushes_at_the_same_moment_all_arrive(bench: Bench, hub: Hub, site: Site) -> None:
    """One that another has overtaken is taken again: a push may be the only one that holds its item."""
    row = live(bench)
    waiting = [offering(site, NEWS), offering(site, NEWS, LATE)]

    def overtaken() -> float:
        """Another push comes whole while the first is judged, twice."""
        if waiting:
            assert push(bench, row, waiting.pop()) is Received.TAKEN
        return 0.5

    ground = dataclasses.replace(bench.ground, chance=overtaken)
    body = offering(site, item(4, "Bridge", "It fell."))
    assert (
        receive(ground, row.token, body, content_type="", signature=signature(row.secret, body))
        is Received.TAKEN
    )
    assert sum(one.articles for one in bench.ingest()) == 3


def test_many_pushes_at_the_same_moment_all_arrive(bench: Bench, hub: Hub, site: Site) -> None:
    """None overtakes another before it is committed itself, so each round one of them is."""
    row = live(bench)
    with ThreadPoolExecutor(12) as threads:
        bodies = [offering(site, item(n, f"Bridge {n}", f"It fell {n} times.")) for n in range(10, 22)]
        received = list(threads.map(lambda body: push(bench, row, body), bodies))
    assert received == [Received.TAKEN] * 12
    assert sum(one.articles for one in bench.ingest()) == 12


def test_push_that_is_overtaken_again_and_again_is_to_be_sent_once_more(
    bench: Bench, hub: Hub, site: Site
) -> None:
    """The hub hears that it was not taken."""
    row = live(bench)

    def overtaken() -> float:
        bench.pass_by(hours=1)
        assert len(stock.claim(bench.store, bench.now)) == 1
        return 0.5

    ground = dataclasses.replace(bench.ground, chance=overtaken)
    body = offering(site, NEWS)
    given = signature(row.secret, body)
    assert receive(ground, row.token, body, content_type="", signature=given) is Received.BUSY
    assert bench.ingest() == []


def test_push_leaves_the_polls_of_its_feed_as_they_are(bench: Bench, hub: Hub, site: Site) -> None:
    """One under way still counts at the host, none begins beside it, and one that is wanted meanwhile comes."""
    row = live(bench)
    bench.pass_by(hours=1)
    stock.claim(bench.store, bench.now)

    def wanted() -> float:
        bench.store.write(lambda tx: feeds.poll_now(tx, None, bench.now))
        return 0.5

    ground = dataclasses.replace(bench.ground, chance=wanted)
    body = offering(site, NEWS)
    given = signature(row.secret, body)
    assert receive(ground, row.token, body, content_type="", signature=given) is Received.TAKEN
    with bench.store.read() as tx:
        assert hosts.polled(tx, ["127.0.0.1"], bench.now).total() == 1
    assert next_wait_s(bench) == 0
    assert stock.claim(bench.store, bench.now) == []


def test_push_does_not_speak_for_a_server_that_fails(bench: Bench, hub: Hub, site: Site) -> None:
    """The feed stays failing, with its patience, until a poll has a good answer."""
    row = live(bench)
    site.answer("/feed", Reply(404))
    for _ in range(3):
        bench.pass_by(hours=7)
        bench.poll()
    with bench.store.read() as tx:
        before = feeds.find(tx, str(feed_id(bench)))
    assert push(bench, row, offering(site, NEWS)) is Received.TAKEN
    with bench.store.read() as tx:
        after = feeds.find(tx, str(feed_id(bench)))
    assert after.failures == 3
    for name in ("failing_since", "last_error", "interval_s", "why", "next_poll_at"):
        assert getattr(after, name) == getattr(before, name)


@pytest.mark.parametrize("left", [False, True])
def test_hub_that_is_parted_with_while_its_push_is_taken_brings_nothing(
    bench: Bench, hub: Hub, site: Site, *, left: bool
) -> None:
    """It says no, or the feed gets another address: the old one's document is not the new one's."""
    row, id_ = live(bench), feed_id(bench)

    def parted() -> float:
        if left:
            bench.store.write(lambda tx: feeds.edit(tx, id_, url=site.url("/other")))
        else:
            confirm(bench.ground, row.token, {"hub.mode": "denied", "hub.topic": row.topic})
        return 0.5

    ground = dataclasses.replace(bench.ground, chance=parted)
    body = offering(site, NEWS)
    received = receive(ground, row.token, body, content_type="", signature=signature(row.secret, body))
    assert received is Received.UNKNOWN
    assert bench.ingest() == []
    with bench.store.read() as tx:
        assert tx.execute(select(tables.feeds.c.pushed_until)).scalar_one() is None


def test_pushes_say_nothing_of_where_the_feed_is(bench: Bench, hub: Hub, site: Site) -> None:
    """A feed that moves is followed after three polls, though its hub pushes between them."""
    site.answer("/new", Reply(body=offering(site, FIRST)))
    site.answer("/feed", Reply(301, headers={"Location": "/new"}))
    row = live(bench)
    for _ in range(3):
        bench.pass_by(hours=1)
        push(bench, row, offering(site, FIRST))
        bench.poll()
    with bench.store.read() as tx:
        assert feeds.find(tx, str(feed_id(bench))).url == site.url("/new")
