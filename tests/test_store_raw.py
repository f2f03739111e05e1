"""Raw items: taken under a lease, finished, released or buried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from pipeline.store import dead_letters, raw
from pipeline.store.engine import Store
from pipeline.store.raw import Finished, Lost
from pipeline.store.tables import raw_items
from tests import stock
from tests.stock import LEASE_S, later


def _items(store: Store) -> list[int]:
    stock.add_feed(store)
    return stock.bring(store, ["one", "two", "three"])


def _lost(store: Store, now: datetime, *, before: datetime | None = None) -> list[Lost]:
    return store.write(
        lambda tx: raw.lost(tx, now=now, lease_s=LEASE_S, enqueued_before=before or now, limit=10)
    )


def _finished(item_id: int, *, articles: int = 1, duplicates: int = 0) -> Finished:
    return Finished(
        item_id=item_id,
        entries=articles + duplicates,
        articles=articles,
        updates=0,
        duplicates=duplicates,
        dead=0,
    )


def test_item_is_taken_once_until_its_lease_ends(store: Store) -> None:
    """Two jobs with the same ids never work on the same item at the same time."""
    ids = _items(store)
    assert [item.id for item in stock.take(store, ids)] == ids
    assert stock.take(store, ids, later(LEASE_S - 1)) == []
    assert [item.attempts for item in stock.take(store, ids, later(LEASE_S))] == [2, 2, 2]


def test_finished_item_keeps_its_first_account(store: Store) -> None:
    """A second worker that comes late changes nothing."""
    first, *_ = ids = _items(store)
    stock.take(store, ids)
    store.write(lambda tx: raw.finish(tx, [_finished(first)]))
    store.write(lambda tx: raw.finish(tx, [_finished(first, articles=0, duplicates=1)]))
    with store.read() as tx:
        row = tx.execute(select(raw_items).where(raw_items.c.id == first)).one()
    assert (row.state, row.articles, row.duplicates, row.lease_until) == ("done", 1, 0, None)
    assert stock.take(store, [first], later(1000)) == []


def test_buried_item_is_a_dead_letter_and_can_be_replayed(store: Store) -> None:
    """A dead item comes back only when asked for, with its attempts counted anew."""
    ids = _items(store)
    stock.take(store, ids)
    store.write(lambda tx: raw.bury(tx, ids[:1], cause="malformed: no end", now=later(1)))
    with store.read() as tx:
        (letter,) = dead_letters.rows(tx)
        row = tx.execute(select(raw_items).where(raw_items.c.id == ids[0])).one()
    assert (letter.stage, letter.ref_id, letter.cause) == ("ingest", ids[0], "malformed: no end")
    assert (row.state, row.entries, row.dead, row.reasons) == ("dead", 1, 1, ["malformed: no end"])
    assert stock.take(store, ids[:1], later(1000)) == []
    (item,) = stock.take(store, ids[:1], later(1000), replay=True)
    assert item.attempts == 1
    with store.read() as tx:
        assert dead_letters.rows(tx) == []
        assert dead_letters.get(tx, letter.id).state == "replayed"


def test_late_worker_revives_what_was_given_up(store: Store) -> None:
    """What a stalled worker stores after all is no dead letter any more."""
    ids = _items(store)
    stock.take(store, ids)
    store.write(lambda tx: raw.bury(tx, ids[:1], cause="its worker died", now=later(1)))
    store.write(lambda tx: raw.finish(tx, [_finished(ids[0])]))
    with store.read() as tx:
        assert dead_letters.rows(tx) == []


def test_released_items_can_be_taken_at_once(store: Store) -> None:
    """Giving an item back ends its lease."""
    ids = _items(store)
    stock.take(store, ids)
    store.write(lambda tx: raw.release(tx, ids[1:2], later(5)))
    assert [item.id for item in stock.take(store, ids, later(6))] == ids[1:2]


def test_lost_items_are_those_that_no_job_can_hold(store: Store) -> None:
    """Neither a live lease, nor a place behind the queue's head, nor a fresh push makes an item lost."""
    ids = _items(store)
    stock.take(store, ids[:1], later(50))
    assert _lost(store, later(30)) == []
    assert [one.id for one in _lost(store, later(100))] == ids[1:]
    assert _lost(store, later(100), before=later(-1)) == []
    assert [(one.id, one.attempts) for one in _lost(store, later(111))] == [
        (ids[0], 1),
        (ids[1], 0),
        (ids[2], 0),
    ]
    store.write(lambda tx: raw.requeued(tx, ids, later(111)))
    assert _lost(store, later(112)) == []
    store.write(lambda tx: raw.finish(tx, [_finished(id_) for id_ in ids]))
    assert _lost(store, later(10_000)) == []
