"""The keys of texts: held by those that told them last, and forgotten in time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select, text

from pipeline.core.model import Fate
from pipeline.store import audit
from pipeline.store.engine import Store
from pipeline.store.tables import copy_keys, stories
from tests import stock
from tests.stock import Outcome, Ring, later

DAY = 86_400
LEAD = (
    "The harbour authority of Marlow closed its northern basin on Tuesday after divers found a crack of"
    " 14 metres in the old sea wall, and said that repairs would take most of the summer."
)
MORE = f"{LEAD} Ferries to the islands leave from the southern quay until then, and small boats have to move."


def _tell(store: Store, name: str, body: str, *, at: float = 0, ring: Sequence[int] = ()) -> Outcome:
    """The one feed brings an entry with this text."""
    (item,) = stock.take(store, stock.bring(store, [name], now=later(at)), later(at))
    found = [stock.parsed(item, stock.printed(name, body))]
    return stock.ingest(store, found, now=later(at), ring=Ring(tuple(ring)) if ring else None)


def _holders(store: Store) -> set[int]:
    with store.read() as tx:
        return set(tx.execute(select(copy_keys.c.article_id)).scalars())


def _purge(store: Store, days: float, *, article_days: int = 0) -> int:
    return stock.purge(store, later(days * DAY), article_days=article_days)


def test_the_fullest_text_holds_the_keys(store: Store) -> None:
    """A copy that says more takes over what it shares; one that says less leaves it."""
    stock.add_feed(store)
    _tell(store, "a", LEAD)
    fuller = _tell(store, "b", MORE, at=400).saved[0].article_id
    shorter = _tell(store, "c", f"{LEAD[:150]}…", at=800).saved[0].article_id
    assert fuller in _holders(store)
    assert shorter not in _holders(store)
    with store.read() as tx:
        assert tx.execute(select(stories.c.article_count)).scalars().all() == [3]


def test_keys_are_kept_as_long_as_copies_may_join(store: Store) -> None:
    """They go when the window has passed, and with their article."""
    stock.add_feed(store)
    _tell(store, "a", LEAD)
    assert _purge(store, 2.9) == 0
    assert _holders(store)
    assert _purge(store, 3.1) == 1
    assert not _holders(store)
    assert _purge(store, 3.1) == 0


def test_an_article_that_goes_takes_its_keys(store: Store) -> None:
    """No key leads to what is not there, also where articles are kept for less than the window."""
    stock.add_feed(store)
    _tell(store, "a", LEAD)
    with store.begin() as tx:
        tx.execute(text("DELETE FROM raw_items"))
        tx.execute(text("UPDATE polls SET new = 0, seen = 0"))
    _purge(store, 2, article_days=1)
    assert not _holders(store)
    with store.read() as tx:
        assert audit.check(tx) == []


def test_what_was_purged_and_comes_back_rings_no_more(store: Store) -> None:
    """Its entry is remembered, whatever holds the keys of its text by then."""
    ring = [stock.add_subscription(store)]
    stock.add_feed(store)
    _tell(store, "a", LEAD, ring=ring)
    for _ in range(3):
        _purge(store, 20, article_days=10)
    assert not _holders(store)
    copy = _tell(store, "b", MORE, at=21 * DAY, ring=ring)
    back = _tell(store, "a", LEAD, at=21 * DAY + 400, ring=ring)
    assert [one.fate for one in back.decisions] == [Fate.DUPLICATE]
    assert (len(copy.rung.alert_ids), back.rung.alert_ids) == (1, ())
    assert _holders(store) == {copy.saved[0].article_id}


@pytest.mark.parametrize(
    ("damage", "table", "sentence"),
    [
        ("UPDATE copy_keys SET article_id = 99", "copy_keys", "leads to article 99, which is gone"),
        (
            "INSERT INTO story_links SELECT max(id), min(id), 1, {moment} FROM stories",
            "story_links",
            "should lead to a younger story",
        ),
    ],
)
def test_damage_is_found(store: Store, damage: str, table: str, sentence: str) -> None:
    """The audit says what leads nowhere."""
    stock.add_feed(store)
    _tell(store, "a", LEAD)
    _tell(store, "b", LEAD.replace("14", "40"), at=400)
    with store.begin() as tx:
        tx.execute(text(damage.format(moment="0" if store.sqlite else "now()")))
    with store.read() as tx:
        assert any(one.table == table and sentence in one.sentence for one in audit.check(tx))
