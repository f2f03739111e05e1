"""From a feed to what is held and released, through the spine, with the clock in our hands."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from pipeline.core.addresses import Allow
from pipeline.core.policy import read
from pipeline.flow import Sender, release, remind
from pipeline.flow.courier import Courier
from pipeline.store import alerts, audit, digests, subscriptions
from pipeline.store.tables import deliveries
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site
from tests.test_event import FLOOD, FLOOD_AGAIN


def test_a_night_of_news_is_told_in_the_morning(bench: Bench, site: Site) -> None:
    """Held in sight, told in one digest when the quiet hours end, pushed to the workers, and only once."""
    hour = f"{bench.now:%H:%M}"
    later = f"{bench.now + timedelta(hours=2):%H:%M}"
    _subscribe(bench, quiet=f"{hour}-{later}")
    bench.feed(
        site.answer("/feed", Reply(body=rss(*[item(n, f"An invasion {n}", f"Text {n}.") for n in (1, 2)])))
    )
    bench.run()
    assert _dispositions(bench) == ["held", "held"]
    assert release.release(bench.ground) == 0
    bench.pass_by(hours=2)
    assert release.release(bench.ground) == 1
    assert release.release(bench.ground) == 0
    assert _dispositions(bench) == ["digest", "digest"]
    (ids,) = bench.pushed["deliver"]
    with bench.store.read() as tx:
        (digest_id,) = tx.execute(select(deliveries.c.digest_id).where(deliveries.c.id.in_(ids))).scalars()
        assert [one.disposition for one in digests.show(tx, digest_id or 0).alerts] == ["digest"] * 2
        assert audit.check(tx) == []


def test_alert_that_waits_for_sources_rings_when_another_outlet_tells_the_event(
    bench: Bench, site: Site
) -> None:
    """In the transaction that stores it; the other outlet's own alert follows."""
    _subscribe(bench, query="Valmora", min_sources=2)
    _outlet_tells(bench, site, "one", FLOOD)
    assert _dispositions(bench) == ["held"]
    assert release.release(bench.ground) + release.count_sources(bench.ground) == 0
    _outlet_tells(bench, site, "two", FLOOD_AGAIN)
    with bench.store.read() as tx:
        second, first = alerts.rows(tx)
        assert audit.check(tx) == []
    assert (first.disposition, first.held_because, first.follow_up) == ("sent", "sources", False)
    assert (second.disposition, second.held_because, second.follow_up) == ("held", "follow-up", True)
    assert len(bench.pushed["deliver"]) == 1


def test_what_nobody_acknowledges_is_escalated(bench: Bench, site: Site) -> None:
    """Pushed to the workers at once."""
    _subscribe(bench, priority="urgent", escalate="to boss", escalate_after="5m")
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "An invasion", "Text.")))))
    bench.run()
    assert remind.remind(bench.ground) == 0
    bench.pass_by(minutes=5)
    assert remind.remind(bench.ground) == 1
    assert len(bench.pushed["deliver"]) == 2


def test_what_was_held_arrives_in_one_message(bench: Bench, site: Site) -> None:
    """Through the outbox and the sender, with both headlines and what kind of message it is."""
    hook = site.answer("/hook", Reply(204))
    _subscribe(bench, hook=hook, cooldown="10m", follow_ups="each")
    bench.feed(
        site.answer("/feed", Reply(body=rss(*[item(n, f"An invasion {n}", f"Text {n}.") for n in (1, 2, 3)])))
    )
    bench.run()
    bench.pass_by(minutes=10)
    release.release(bench.ground)
    sender = Sender(
        bench.ground,
        lambda: Courier(allow=Allow.parse("127.0.0.1"), timeout_s=5, user_agent="Tocsin/test"),
    )
    try:
        for ids in bench.pushed["deliver"]:
            sender.deliver(ids, patience_s=None)
    finally:
        sender.close()
    first, second = (json.loads(request.body) for request in site.seen("/hook"))
    assert (first["type"], second["type"]) == ("alert.created", "digest.created")
    assert second["data"]["digest"]["count"] == len(second["data"]["alerts"]) == 2
    with bench.store.read() as tx:
        assert audit.check(tx) == []


def _outlet_tells(bench: Bench, site: Site, name: str, text: tuple[str, str]) -> None:
    entry = item(1, *text, link=f"https://{name}.example/flood", at=bench.now, name=name)
    bench.feed(site.answer(f"/{name}", Reply(body=rss(entry))))
    bench.run()


def _subscribe(
    bench: Bench, *, query: str = "invasion", hook: str = "https://desk.example/hook", **policy: Any
) -> None:
    bench.subscribe("boss", channel_url="https://boss.example/hook")
    id_ = bench.subscribe(query, channel_url=hook)
    bench.store.write(lambda tx: subscriptions.edit(tx, id_, policy=read(policy), now=bench.now))


def _dispositions(bench: Bench) -> list[str]:
    with bench.store.read() as tx:
        return [row.disposition for row in alerts.rows(tx)]
