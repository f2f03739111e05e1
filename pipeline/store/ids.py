"""Ids, reserved before their rows are written, so that many rows go in one statement."""

from __future__ import annotations

from sqlalchemy import bindparam, text, update

from pipeline.store.engine import Tx
from pipeline.store.tables import counters

_COUNT = (
    update(counters)
    .where(counters.c.name == bindparam("table"))
    .values(value=counters.c.value + bindparam("n"))
    .returning(counters.c.value)
)
_NEXT = "SELECT nextval('{table}_ids') FROM generate_series(1, :n)"

#: The tables whose ids are reserved; migrations make a counter or sequence for each.
RESERVED = (
    "actions",
    "alerts",
    "articles",
    "channels",
    "dead_letters",
    "deliveries",
    "digests",
    "feeds",
    "notices",
    "pages",
    "polls",
    "raw_items",
    "revisions",
    "stories",
    "subscriptions",
    "updates",
)


def reserve(tx: Tx, table: str, n: int = 1) -> list[int]:
    """``n`` ids of ``table``, ascending, never given out before nor again."""
    if table not in RESERVED:
        raise KeyError(table)
    if n == 0:
        return []
    if tx.sqlite:
        last = tx.execute(_COUNT, {"table": table, "n": n}).scalar_one()
        return list(range(last - n + 1, last + 1))
    return sorted(tx.execute(text(_NEXT.format(table=table)), {"n": n}).scalars())
