"""Is every stage as quick as it should be: what the pipeline counts, and when the operator is told."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from pipeline.core.addresses import Allow
from pipeline.core.latency import Sample, Stage
from pipeline.flow import Sender, tend
from pipeline.flow.courier import Courier
from pipeline.flow.vigil import FEWEST
from pipeline.store import channels, latencies, notices
from pipeline.store.engine import Store
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site


def test_each_new_article_is_counted_once_however_often_it_comes(bench: Bench, site: Site) -> None:
    """The first poll says nothing of how late news is seen; updates and repeats say nothing at all."""
    old, new = (item(n, f"Title {n}", "A text.", at=bench.now - timedelta(seconds=30)) for n in (1, 2))
    site.answer("/feed", Reply(body=rss(old)), Reply(body=rss(new, old)), Reply(body=rss(old, new)))
    bench.feed(site.url("/feed"))
    bench.run()
    for _ in range(2):
        bench.pass_by(seconds=400)
        bench.poll()
        bench.ingest()
    with bench.store.read() as tx:
        found = latencies.histograms(tx)
    assert {stage: one.total for stage, one in found.items()} == {Stage.SEEN: 1, Stage.STORED: 2}


def _slow(store: Store, bench: Bench, seconds: float) -> None:
    samples = [Sample(Stage.STORED, seconds)] * FEWEST
    store.write(lambda tx: latencies.count(tx, samples, bench.now))


def test_operator_is_told_once_of_a_stage_above_its_target_until_it_is_below(bench: Bench) -> None:
    """One notice while it lasts; another one when it comes back."""
    store = bench.store
    store.write(lambda tx: channels.add(tx, name="desk", url="https://d.test/", secret="x", now=bench.now))
    bench.with_policy(operator_channel="desk")

    def watch() -> list[str]:
        return tend.watch(bench.ground, [], {Stage.STORED: 10.0})

    assert watch() == []
    _slow(store, bench, 40.0)
    assert watch() == watch() == ["latency:stored"]
    with store.read() as tx:
        (notice,) = notices.rows(tx)
    assert notice.text.endswith("the target is 10 s.")
    bench.pass_by(minutes=11)
    assert watch() == []
    _slow(store, bench, 40.0)
    assert watch() == ["latency:stored"]
    with store.read() as tx:
        assert len(notices.rows(tx)) == 2


@pytest.mark.parametrize(("seconds", "target"), [(9.0, 10.0), (40.0, None)])
def test_stage_within_its_target_or_without_one_is_well(
    bench: Bench, seconds: float, target: float | None
) -> None:
    """Only a target that is missed is a trouble."""
    _slow(bench.store, bench, seconds)
    assert tend.watch(bench.ground, [], {Stage.STORED: target} if target else {}) == []


def test_delivery_counts_its_way_to_the_queue_and_to_its_receiver(bench: Bench, site: Site) -> None:
    """The first attempt counts from the push; one that takes several is the receiver's doing, and counts apart."""
    site.answer("/hook", Reply(204), Reply(503), Reply(204))
    told = ("Troops begin an invasion of the valley", "Invasion of locusts eats the harvest in the south")
    items = [item(number, title, f"{title}, says nobody else.") for number, title in enumerate(told)]
    bench.feed(site.answer("/feed", *(Reply(body=rss(one)) for one in items)))
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    sender = Sender(
        bench.ground, lambda: Courier(allow=Allow.parse("127.0.0.1"), timeout_s=5, user_agent="Tocsin/test")
    )
    with closing(sender):
        for _ in range(2):
            bench.run()
            bench.pass_by(seconds=3)
            sender.deliver(bench.pushed["deliver"].pop(), patience_s=None)
            bench.pass_by(seconds=400)
        tend.push_due(bench.ground, lambda _hop: None)
        sender.deliver(bench.pushed["deliver"].pop(), patience_s=None)
    with bench.store.read() as tx:
        found = latencies.histograms(tx)
    counts = {stage: one.counts for stage, one in found.items() if stage not in {Stage.SEEN, Stage.STORED}}
    assert counts == {Stage.ENQUEUED: {50: 2}, Stage.DELIVERED: {5_000: 1}, Stage.RETRIED: {600_000: 1}}
