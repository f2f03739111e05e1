"""WebSub: hubs are asked, confirm, push; a push goes the way of a poll, and polls go on as a backup."""

from __future__ import annotations

import asyncio
import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from pipeline.core.model import FeedState
from pipeline.core.turns import Courtesy
from pipeline.flow.keep import keep
from pipeline.flow.websub import Asker, Received, confirm, receive
from pipeline.store import audit, feeds, hosts, hubs, polls, tables, warnings
from pipeline.store.hubs import HubRow
from tests import stock
from tests.ground import Bench
from tests.hub import Hub, offering, signature, token
from tests.newswire import item
from tests.sites import Reply, Site

FIRST = item(1, "Border", "The invasion began.")
NEWS = item(2, "Talks", "The invasion ended.")
LATE = item(3, "Crowds", "The invasion is remembered.")
NO_HUB = b"<rss><channel><title>t</title></channel></rss>"


@pytest.fixture
def hub(bench: Bench, site: Site) -> Hub:
    """A hub that confirms at once, named by the bench's one feed, which was polled."""
    bench.with_policy(websub=True, public_url="https://alarm.example")
    made = Hub(
        site,
        confirm=lambda asked: confirm(bench.ground, token(asked), {**asked, "hub.lease_seconds": "86400"}),
    )
    site.answer("/feed", Reply(body=offering(site, FIRST)))
    id_ = bench.feed(site.url("/feed"))
    bench.store.write(lambda tx: feeds.edit(tx, id_, every_s=None))  # by its own rhythm
    bench.run()
    return made


def ask(bench: Bench) -> int:
    """One tick of the asker."""

    async def tick() -> int:
        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                return await Asker(bench.ground, fetcher, executor, "https://alarm.example").tick()

    return asyncio.run(tick())


def feed_id(bench: Bench) -> int:
    """The one feed."""
    with bench.store.read() as tx:
        (row,) = feeds.rows(tx)
    return row.id


def held(bench: Bench) -> HubRow | None:
    """The hub of the one feed."""
    with bench.store.read() as tx:
        return hubs.of(tx, feed_id(bench))


def live(bench: Bench) -> HubRow:
    """The hub, once asked and confirmed."""
    assert ask(bench) == 1
    row = held(bench)
    assert row is not None
    assert row.state == "live"
    return row


def push(bench: Bench, row: HubRow, body: bytes, *, signed: str | None = None) -> Received:
    """What becomes of a push."""
    made = signature(row.secret, body) if signed is None else signed
    return receive(bench.ground, row.token, body, content_type="application/rss+xml", signature=made)


def next_wait_s(bench: Bench) -> float:
    """Seconds until the feed's next poll."""
    with bench.store.read() as tx:
        return (feeds.find(tx, str(feed_id(bench))).next_poll_at - bench.now).total_seconds()


def test_hub_is_asked_with_all_that_it_needs_and_confirms(bench: Bench, hub: Hub, site: Site) -> None:
    """Our address there is secret, the topic is what the feed calls itself, and the lease is the hub's."""
    row = live(bench)
    (asked,) = hub.asked
    assert asked == {
        "hub.callback": f"https://alarm.example/websub/{row.token}",
        "hub.mode": "subscribe",
        "hub.topic": site.url("/feed"),
        "hub.secret": row.secret,
        "hub.lease_seconds": "864000",
    }
    assert row.lease_until == bench.now + timedelta(days=1)
    assert ask(bench) == 0
    bench.pass_by(hours=20)
    assert ask(bench) == 1  # before the lease ends
    assert len(hub.asked) == 2


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


def test_only_what_we_asked_for_is_confirmed(bench: Bench, hub: Hub, site: Site) -> None:
    """Neither another topic, nor an end that we did not want, nor somebody else's address."""
    row = live(bench)
    topic = {"hub.topic": row.topic, "hub.challenge": "c"}
    ground = bench.ground
    assert not confirm(ground, row.token, {"hub.mode": "subscribe", "hub.topic": site.url("/other")})
    assert not confirm(ground, row.token, {"hub.mode": "unsubscribe", **topic})
    assert not confirm(ground, "y" * 32, {"hub.mode": "subscribe", **topic})
    assert not confirm(ground, row.token, {"hub.mode": "publish", **topic})
    assert not confirm(ground, row.token, {})
    assert confirm(
        ground, row.token, {"hub.mode": "denied", "hub.topic": row.topic, "hub.reason": "no\nmore"}
    )
    denied = held(bench)
    assert denied is not None
    assert (denied.state, denied.error) == ("denied", "the hub refused: no more")
    assert push(bench, row, offering(site, NEWS)) is Received.UNKNOWN


def test_hub_that_fails_is_asked_again_ever_later(bench: Bench, hub: Hub) -> None:
    """And its feed is polled meanwhile as if it had none."""
    hub.status, hub.confirm = 500, lambda _asked: None
    waits = []
    for _ in range(4):
        assert ask(bench) == 1
        row = held(bench)
        assert row is not None
        assert row.error == "the hub answered 500"
        waits.append((row.next_at - bench.now).total_seconds())
        bench.now = row.next_at
    assert waits == sorted(waits)
    assert 50 <= waits[0] <= 60 < waits[1] * 0.5 < waits[2] * 0.25


def test_hub_on_a_special_address_is_refused(bench: Bench, site: Site) -> None:
    """A stranger's feed does not make us send forms into the operator's network."""
    bench.with_policy(websub=True)
    hub = f'<atom:link xmlns:atom="a" rel="hub" href="http://[::ffff:10.0.0.1]:{site.port}/hub"/>'
    site.answer("/feed", Reply(body=b"<rss><channel><title>t</title>%s</channel></rss>" % hub.encode()))
    bench.feed(site.url("/feed"))
    bench.poll()
    assert ask(bench) == 1
    assert "special" in (held(bench) or pytest.fail("no hub")).error


def test_feed_that_is_paused_or_names_no_hub_any_more_leaves_it(bench: Bench, hub: Hub, site: Site) -> None:
    """The hub is told, and confirms; one that does not is forgotten after a few attempts."""
    row, id_ = live(bench), feed_id(bench)
    bench.store.write(lambda tx: feeds.set_state(tx, id_, FeedState.PAUSED))
    assert ask(bench) == 1
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert held(bench) is None
    assert push(bench, row, offering(site, NEWS)) is Received.UNKNOWN
    bench.store.write(lambda tx: feeds.set_state(tx, id_, FeedState.ACTIVE))
    bench.poll()
    live(bench)
    hub.confirm = lambda _asked: None
    site.answer("/feed", Reply(body=NO_HUB))
    bench.pass_by(hours=1)
    bench.poll()
    for _ in range(3):
        assert ask(bench) == 1
        bench.pass_by(hours=1)
    assert held(bench) is None


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


def test_hub_that_is_left_is_not_relied_on_any_more(bench: Bench, hub: Hub, site: Site) -> None:
    """What it pushes is refused from then on, so the feed is polled at its own pace."""
    row = live(bench)
    push(bench, row, offering(site, FIRST))
    site.answer("/feed", Reply(body=NO_HUB))
    for _ in range(2):
        bench.pass_by(hours=1)
        bench.poll()
    assert next_wait_s(bench) < 1000


def test_paused_feed_comes_back_at_its_own_pace(bench: Bench, hub: Hub, site: Site) -> None:
    """Its hub is left when it is paused, and has to be asked anew."""
    row, id_ = live(bench), feed_id(bench)
    push(bench, row, offering(site, FIRST))
    hub.confirm = lambda _asked: None
    bench.store.write(lambda tx: feeds.set_state(tx, id_, FeedState.PAUSED))
    ask(bench)
    bench.store.write(lambda tx: feeds.set_state(tx, id_, FeedState.ACTIVE))
    bench.poll()
    assert next_wait_s(bench) < 1000


def test_hub_that_says_no_when_it_is_left_is_forgotten(bench: Bench, hub: Hub) -> None:
    """It pushes no more, which was all that we wanted of it."""
    row, id_ = live(bench), feed_id(bench)
    hub.confirm = lambda _asked: None
    bench.store.write(lambda tx: feeds.set_state(tx, id_, FeedState.PAUSED))
    ask(bench)
    assert confirm(bench.ground, row.token, {"hub.mode": "denied", "hub.topic": row.topic})
    assert held(bench) is None


def test_hub_that_is_named_again_while_it_is_left_is_asked_anew(bench: Bench, hub: Hub, site: Site) -> None:
    """By another secret address, so that the end of the old subscription does not end the new one."""
    row = live(bench)
    hub.confirm = lambda _asked: None
    for body in (NO_HUB, offering(site, FIRST)):
        site.answer("/feed", Reply(body=body))
        bench.pass_by(hours=1)
        bench.poll()
    again = held(bench)
    assert again is not None
    assert (again.state, again.token == row.token) == ("wanted", False)


def test_feed_with_a_new_address_leaves_its_old_hub(bench: Bench, hub: Hub, site: Site) -> None:
    """Also when a poll of the old document ends after that: what it says no longer counts."""
    row, id_ = live(bench), feed_id(bench)
    push(bench, row, offering(site, FIRST))
    bench.pass_by(hours=1)
    (claimed,) = stock.claim(bench.store, bench.now)
    bench.store.write(lambda tx: feeds.edit(tx, id_, url=site.url("/other")))
    assert push(bench, row, offering(site, NEWS)) is Received.UNKNOWN
    late = stock.result(claimed, stock.document([]), now=bench.now)
    assert late.document is not None
    late = dataclasses.replace(late, document=dataclasses.replace(late.document, head=offering(site)))
    assert keep(bench.ground, [late]) == []
    left = held(bench)
    assert left is not None
    assert left.state == "leaving"
    site.answer("/other", Reply(body=NO_HUB))
    bench.poll()
    assert next_wait_s(bench) < 1000
