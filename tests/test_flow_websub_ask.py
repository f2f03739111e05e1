"""Hubs are asked, confirm, and are left."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from pipeline.core.model import FeedState
from pipeline.flow.keep import keep
from pipeline.flow.websub import Received, confirm
from pipeline.store import feeds
from tests import stock
from tests.ground import Bench
from tests.hub import (
    FIRST,
    NEWS,
    NO_HUB,
    Hub,
    ask,
    feed_id,
    held,
    live,
    next_wait_s,
    offering,
    push,
)
from tests.sites import Reply, Site


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
