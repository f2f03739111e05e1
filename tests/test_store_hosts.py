"""Hosts: what is under way there."""

from __future__ import annotations

from sqlalchemy import text

from pipeline.store import feeds, hosts
from pipeline.store.engine import Store, Tx
from pipeline.store.feeds import NewFeed
from tests import stock
from tests.stock import LEASE_S, T0, later


def under_way(store: Store, after_s: float = 0) -> int:
    """Polls of a.example."""
    with store.read() as tx:
        return hosts.polled(tx, ["a.example", "b.example"], later(after_s))["a.example"]


def test_poll_is_under_way_from_its_claim_to_its_end_or_the_end_of_its_lease(store: Store) -> None:
    """Whether it brought anything or failed; the next one counts anew."""
    stock.add_feed(store)
    assert under_way(store) == 0
    (feed,) = stock.claim(store)
    assert under_way(store) == 1
    assert under_way(store, LEASE_S + 1) == 0
    stock.commit(store, [stock.failed(feed)])
    assert under_way(store) == 0
    stock.claim(store, later(9999))
    assert under_way(store, 9999) == 1


def test_what_is_under_way_is_found_without_reading_all_feeds(store: Store) -> None:
    """The database knows that few are; else each tick with many feeds would read them all."""
    new = [NewFeed(url=f"https://h{n}.example/feed") for n in range(3000)]
    store.write(lambda tx: list(feeds.add_all(tx, new, interval_s=300, now=T0)))
    stock.claim(store, limit=5)
    with store.begin() as tx:
        tx.execute(text("ANALYZE feeds"))
        plan = _plan(
            tx, "SELECT host FROM feeds WHERE host IN ('h1.example', 'h2.example') AND polled_until > :now"
        )
    assert "ix_feeds_host" in plan
    assert "Seq Scan" not in plan


def _plan(tx: Tx, statement: str) -> str:
    """How the database would go about it."""
    how = "EXPLAIN QUERY PLAN" if tx.sqlite else "EXPLAIN"
    now = 0 if tx.sqlite else T0
    return "\n".join(str(row) for row in tx.execute(text(f"{how} {statement}"), {"now": now}))
