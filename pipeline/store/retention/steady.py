"""Whether the clock can be believed when it says that something is old."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from pipeline.store.engine import Tx
from pipeline.store.sql import insert
from pipeline.store.tables import meta
from pipeline.store.types import micros

#: A clock that went further since it was looked at last has to go on evenly for as long.
LEAP = timedelta(days=1)

_LAST = "retention_last"  # when the clock was looked at last, in microseconds since 1970
_SINCE = "retention_since"  # since when it goes evenly


def steady(tx: Tx, now: datetime) -> bool:
    """Whether the clock has gone evenly for a day, or has never leapt; to be asked at every run.

    A clock that is a year ahead would have everything forgotten at once.
    """
    moment, leap = micros(now), LEAP // timedelta(microseconds=1)
    kept: dict[str, int] = {
        row.key: row.value for row in tx.execute(select(meta).where(meta.c.key.in_((_LAST, _SINCE))))
    }
    last, since = kept.get(_LAST), kept.get(_SINCE, 0)
    if last is not None and abs(moment - last) > leap:
        # Back where it was before it leapt, it needs no second proof.
        since = 0 if since and moment < since else moment
    if since and moment - since >= leap:
        since = 0
    for key, value in ((_LAST, moment), (_SINCE, since)):
        statement = insert(tx.sqlite, meta)
        statement = statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        tx.execute(statement, {"key": key, "value": value})
    return since == 0
