"""Many rows at once: what is given is what stands there afterwards, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from pipeline.store.bulk import inserting, setting
from pipeline.store.engine import Store
from pipeline.store.tables import feeds, polls
from tests import stock
from tests.stock import T0, later

ODD = "he said \"no\" \\ 'yes', {1} – née\n\t💥 NULL null"


@pytest.mark.parametrize(
    "values",
    [
        {"title": ODD, "rate": 0.1, "overlapped": True, "next_poll_at": later(0.123456), "failures": 7},
        {"title": "", "rate": None, "overlapped": False, "next_poll_at": T0, "failures": 0},
        {
            "title": "null",
            "rate": 1e-9,
            "overlapped": True,
            "next_poll_at": later(1e9),
            "failures": 2**31 - 1,
        },
    ],
)
def test_rows_are_set_as_given(store: Store, values: dict[str, Any]) -> None:
    """Every kind of column, to the microsecond and the last bit; rows that are not named stay."""
    first, other, last = (stock.add_feed(store, f"https://{name}.example/feed") for name in "abc")
    some = setting(feeds, list(values), of="feed")
    columns = [feeds.c[name] for name in values]
    with store.begin() as tx:
        before = tx.execute(select(*columns).where(feeds.c.id == other)).one()
        some.run(tx, [{"feed": last, **values, "unused": b"x"}, {"feed": first, **values}])
        for id_ in (first, last):
            assert tx.execute(select(*columns).where(feeds.c.id == id_)).one()._asdict() == values
        assert tx.execute(select(*columns).where(feeds.c.id == other)).one() == before


def test_rows_are_inserted_as_given(store: Store) -> None:
    """A column that is not named has its default; no rows at all are fine."""
    feed = stock.add_feed(store)
    row = {
        "id": 2**40,
        "feed_id": feed,
        "seq": 1,
        "at": T0,
        "outcome": "failed",
        "error": ODD,
        "status": None,
    }
    row |= {"bytes": 0, "elapsed_ms": 3, "pushed": False}
    some = inserting(polls, list(row))
    with store.begin() as tx:
        some.run(tx, [])
        some.run(tx, [row, {**row, "id": 2**40 + 1, "seq": 2, "status": 304}])
        held = tx.execute(select(polls).order_by(polls.c.id)).mappings().all()
    assert [one["status"] for one in held] == [None, 304]
    assert {name: held[0][name] for name in row} == row
    assert (held[0]["seen"], held[0]["head"]) == (0, None)
