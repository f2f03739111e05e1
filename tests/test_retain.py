"""Retaining: what is old or too much goes, in short transactions, and the books stay even."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from pipeline.flow.retain import Retainer
from pipeline.store import audit, notices, retention, tables
from pipeline.store.engine import Store, Tx
from pipeline.store.retention import Keep, Step
from tests.ground import Bench
from tests.newswire import item, rss
from tests.seed import NOW, seed
from tests.sites import Reply, Site

KEEP = Keep(raw_days=7, poll_days=14, article_days=0, story_window_s=259_200)
WORDS = [f"word{number:x}" for number in range(70_000, 90_000)]


def _count(store: Store, name: str) -> int:
    with store.read() as tx:
        return tx.execute(select(func.count()).select_from(getattr(tables, name))).scalar_one()


def _run(retainer: Retainer) -> int:
    """One run, as the scheduler makes it."""
    retainer.begin()
    gone = 0
    while count := retainer.round():
        gone += count
    return gone


def _used(store: Store) -> int:
    if not store.sqlite:
        with ExitStack() as stack:  # every connection tells what it has done, and none counts it twice
            for _ in range(store.engine.pool.checkedin()):  # type: ignore[attr-defined]
                retention.count_at_once(stack.enter_context(store.begin()))
        with store.begin() as tx:
            tx.execute(text("ANALYZE"))  # small tables wait long for their statistics
    with store.read() as tx:
        return retention.used(tx)


def test_versions_that_nobody_was_told_go_and_those_that_rang_stay(bench: Bench, site: Site) -> None:
    """After the revision days, once their raw items are gone; offsets of alerts keep their text."""
    bench.subscribe("invasion")
    versions = ("The invasion began.", "Talks began.", "Talks ended.", "Nothing is left of it.")
    site.answer("/feed", *(Reply(body=rss(item(1, "Border", text))) for text in versions))
    bench.feed(site.url("/feed"))
    for _ in versions:
        bench.run()
        bench.pass_by(hours=1)
    assert _count(bench.store, "revisions") == 3
    bench.pass_by(days=20)
    _run(Retainer(bench.ground, KEEP, 0))
    assert _count(bench.store, "revisions") == 3
    _run(Retainer(bench.ground, dataclasses.replace(KEEP, revision_days=10), 0))
    with bench.store.read() as tx:
        assert (
            tx.execute(select(tables.revisions.c.id)).all()
            == tx.execute(select(tables.alerts.c.revision_id)).all()
        )
        assert audit.check(tx) == []


def test_what_was_noted_goes_after_the_audit_days(bench: Bench) -> None:
    """Notices that are over and dead letters that are closed; what is open stays, whatever its age."""
    store, bench.now = bench.store, NOW + timedelta(days=400)
    seed(store)
    for cause in ("over", "lasts"):
        store.write(
            lambda tx, cause=cause: notices.open(
                tx, cause=cause, subject="s", text="t", channel_id=None, now=NOW
            )
        )
    store.write(lambda tx: notices.resolve(tx, "over", NOW))
    _run(Retainer(bench.ground, KEEP, 0))
    assert (_count(store, "notices"), _count(store, "dead_letters")) == (2, 1)
    keep = dataclasses.replace(KEEP, audit_days=365)
    _run(Retainer(bench.ground, keep, 0))
    with store.begin() as tx:
        assert notices.open_causes(tx) == {"lasts"}
        assert tx.execute(select(tables.dead_letters.c.state)).scalars().all() == ["open"]
        tx.execute(tables.dead_letters.update().values(state="replayed"))
    assert _count(store, "notices") == 1
    _run(Retainer(bench.ground, keep, 0))
    assert _count(store, "dead_letters") == 0


def test_what_is_too_much_goes_in_order_and_articles_last(bench: Bench, site: Site) -> None:
    """First the evidence of more than a day ago, then articles; what is left is told when it is still too much."""
    chance = random.Random(7)
    many = [item(n, f"Day {n}", " ".join(chance.choices(WORDS, k=300))) for n in range(120)]
    site.answer("/feed", Reply(body=rss(*many)), Reply(body=rss()))
    bench.feed(site.url("/feed"))
    bench.run()
    full = _used(bench.store)
    young = Retainer(bench.ground, KEEP, full // 100)
    assert _run(young) == 0
    assert young.full
    bench.pass_by(days=2)
    evidence = Retainer(bench.ground, KEEP, full - 40_000)
    assert _run(evidence) > 0
    assert not evidence.full
    assert _count(bench.store, "raw_items") < 120
    assert _count(bench.store, "articles") == 120
    rest = Retainer(bench.ground, KEEP, 1)
    assert _run(rest) > 0
    assert rest.full
    assert (_count(bench.store, "articles"), _count(bench.store, "entries")) == (0, 120)
    with bench.store.read() as tx:
        assert audit.check(tx) == []


class _Slow:
    """A kind of which a row takes 10 ms to forget, as on a slow disk; there are eight batches of it."""

    name = "slow"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def find(
        self, _tx: Tx, before: datetime, batch: int, _after: datetime | None
    ) -> list[tuple[int, datetime]]:
        return [(n, before) for n in range(batch)] if len(self.batches) < 8 else []

    def forget(self, tx: Tx, ids: Sequence[int], before: datetime) -> int:  # noqa: ARG002
        self.batches.append(len(ids))
        end = time.monotonic() + 0.01 * len(ids)
        while time.monotonic() < end:
            pass
        return len(ids)


def test_batches_shrink_where_a_transaction_takes_long(bench: Bench) -> None:
    """A kind that is slow to forget is forgotten by fewer rows at a time."""
    slow = _Slow()
    retainer = Retainer(bench.ground, KEEP, 0)
    while retainer.forget(Step(slow, bench.now)):
        pass
    assert slow.batches[0] == 10
    assert max(slow.batches[1:]) * 0.01 <= 0.05
