"""Resend over real HTTP: the receiver can tell the repeat, and nothing else rings, on both databases."""

from __future__ import annotations

from sqlalchemy import select

from pipeline.core.addresses import Allow
from pipeline.flow.courier import Courier
from pipeline.flow.deliver import Sender
from pipeline.store import resend, tables
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site


def courier() -> Courier:
    """Sends to this machine."""
    return Courier(allow=Allow.parse("127.0.0.1"), timeout_s=5, user_agent="Tocsin/test")


def test_a_repeat_carries_the_same_id_and_body(bench: Bench, site: Site) -> None:
    """Of two alerts one is asked for again: three requests, two ids, and the repeat says what the first said."""
    site.answer("/hook", Reply(204))
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    items = (item(1, "One", "An invasion."), item(2, "Two", "Another invasion."))
    bench.feed(site.answer("/feed", Reply(body=rss(*items))))
    bench.run()
    sender = Sender(bench.ground, courier)
    try:
        assert sender.deliver(bench.pushed["deliver"].pop(), patience_s=None)["delivered"] == 2
        with bench.store.begin() as tx:
            alert = tx.execute(select(tables.alerts.c.id).order_by(tables.alerts.c.id)).scalars().first()
            (done,) = resend.resend(tx, [alert or 0], actor="ann", now=bench.now)
        assert sender.deliver(done.delivery_ids, patience_s=None)["delivered"] == 1
    finally:
        sender.close()
    requests = site.seen("/hook")
    ids = [one.headers["webhook-id"] for one in requests]
    assert len(ids) == 3
    assert len(set(ids)) == 2
    first = requests[ids.index(ids[2])]
    assert requests[2].body == first.body
