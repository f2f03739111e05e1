"""Tending: work that was lost is pushed again, in time and only once."""

from __future__ import annotations

from datetime import timedelta

from config.settings import load
from pipeline.flow import tend
from pipeline.store import raw
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site


def test_lost_items_come_back_when_their_lease_ran_out(bench: Bench, site: Site) -> None:
    """A pushed job that Redis lost is pushed again after the lease, and only then."""
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "First.")))))
    bench.poll()
    bench.pushed["ingest"].clear()
    assert tend.sweep(bench.ground, lambda _hop: None) == 0
    bench.pass_by(seconds=61)
    assert tend.sweep(bench.ground, lambda _hop: None) == 1
    assert sum(one.articles for one in bench.ingest()) == 1


def test_with_default_leases_lost_work_is_run_again_within_ninety_seconds(bench: Bench, site: Site) -> None:
    """A worker that vanished with an item in hand: lease and sweep as installed add up to less."""
    installed = load({"HOME": "/home/ada"})
    bench.with_policy(lease_s=installed.lease_s)
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "First.")))))
    bench.poll()
    (ids,) = bench.pushed["ingest"]
    bench.pushed["ingest"].clear()
    bench.store.write(lambda tx: raw.take(tx, ids, now=bench.now, lease_s=installed.lease_s))
    waited = 0.0
    while not tend.sweep(bench.ground, lambda _hop: None):
        bench.pass_by(seconds=installed.sweep_s)
        waited += installed.sweep_s
    assert waited + installed.sweep_s <= 90
    assert sum(one.articles for one in bench.ingest()) == 1


def test_a_long_queue_makes_no_second_jobs(bench: Bench, site: Site) -> None:
    """While the queue's head is older than the item, the item's job still waits there: no second one is made."""
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "First.")))))
    bench.poll()
    head = bench.now - timedelta(seconds=5)
    bench.pass_by(hours=1)
    assert tend.sweep(bench.ground, lambda _hop: head) == 0
