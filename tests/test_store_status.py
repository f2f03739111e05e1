"""Counts, troubles, dead letters and living processes, as operators see them."""

from __future__ import annotations

import pytest

from pipeline.core.errors import NotFoundError
from pipeline.store import dead_letters, processes, raw, status
from pipeline.store.engine import Store
from pipeline.store.processes import Process
from tests import stock
from tests.stock import Ring, later


def test_counts_tell_of_everything(store: Store) -> None:
    """Each kind is counted by state, and a state without rows is zero where it matters."""
    channel_id = stock.add_channel(store)
    ring = Ring((stock.add_subscription(store, channel_ids=[channel_id]),))
    stock.add_feed(store)
    stock.news(store, "one", "two", ring=ring)
    stock.add_feed(store, "https://b.example/feed")
    stock.commit(store, [stock.failed(one) for one in stock.claim(store)])
    with store.read() as tx:
        counts = status.counts(tx)
    assert counts.feeds == {"active": 2, "failing": 1, "silent": 0}
    assert counts.items == {"new": 0, "done": 2, "dead": 0}
    assert (counts.articles, counts.stories, counts.alerts, counts.backlog_alerts) == (2, 2, 2, 0)
    assert counts.deliveries == {"pending": 2, "delivered": 0, "dead": 0}
    assert (counts.subscriptions, counts.dead_letters, counts.pages) == (1, 0, {})


def test_troubles_are_feeds_that_fail_for_long_and_dead_letters(store: Store) -> None:
    """Each cause has a name that stays the same while it lasts; dead letters are told once a day."""
    stock.add_feed(store)
    ids = stock.bring(store, ["one", "two"])
    stock.commit(store, [stock.failed(one) for one in stock.claim(store, later(400))], later(400))
    with store.read() as tx:
        assert status.troubles(tx, failing_before=later(400)) == []
        (feed,) = status.troubles(tx, failing_before=later(401))
    assert feed.cause.startswith("feed:")
    assert "30 s" in feed.text
    for n, id_ in enumerate(ids):
        store.write(lambda tx, n=n, id_=id_: raw.bury(tx, [id_], cause=f"cause {n}", now=later(n)))
    with store.read() as tx:
        (dead,) = status.troubles(tx, failing_before=later(0))
    assert dead.cause == "dead-letter:ingest:2026-03-01"
    assert "2. The newest: cause 1" in dead.text


def test_dead_letters_are_listed_by_stage_and_state(store: Store) -> None:
    """Open ones are shown, the newest first; closed ones when asked for."""
    stock.add_feed(store)
    for id_ in stock.bring(store, ["one", "two"]):
        store.write(lambda tx, id_=id_: raw.bury(tx, [id_], cause="x", now=later(1)))
    with store.read() as tx:
        second, first = dead_letters.rows(tx)
        assert dead_letters.rows(tx, stage="page") == []
    store.write(lambda tx: dead_letters.mark(tx, first.id, "replayed"))
    with store.read() as tx:
        assert [letter.id for letter in dead_letters.rows(tx, stage="ingest")] == [second.id]
        assert len(dead_letters.rows(tx, state=None)) == 2
        assert [letter.id for letter in dead_letters.rows(tx, state=None, limit=1)] == [second.id]
        with pytest.raises(NotFoundError):
            dead_letters.get(tx, 10**9)


def test_process_says_that_it_lives_until_it_leaves(store: Store) -> None:
    """A beat moves one row; a process silent for a day is forgotten at another's beat."""
    one, two = (
        Process(id=f"ingest-{n}", kind="ingest", pid=n, host="box", started_at=later(0)) for n in (1, 2)
    )
    for seconds in (1, 6):
        store.write(lambda tx, seconds=seconds: processes.beat(tx, one, later(seconds)))
    with store.read() as tx:
        (row,) = processes.rows(tx)
    assert (row.id, row.pid, row.started_at, row.heartbeat_at) == ("ingest-1", 1, later(0), later(6))
    store.write(lambda tx: processes.beat(tx, two, later(86_500)))
    with store.read() as tx:
        assert [row.id for row in processes.rows(tx)] == ["ingest-2"]
    store.write(lambda tx: processes.leave(tx, "ingest-2"))
    with store.read() as tx:
        assert processes.rows(tx) == []
