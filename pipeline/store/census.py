"""The count of all feeds by rhythm: taken in steps, by whichever scheduler comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from pipeline.core.canary import HOUSE
from pipeline.core.model import Rhythm
from pipeline.store.engine import Tx
from pipeline.store.feeds.claim import RHYTHM, rhythm
from pipeline.store.sql import insert_missing, word
from pipeline.store.tables import census, feeds

_ROW = census.c.id == HOUSE
_COUNTED = (
    select(
        feeds.c.id,
        feeds.c.created_at,
        feeds.c.failures,
        *RHYTHM,
    )
    .where(feeds.c.id > bindparam("last"), feeds.c.id != HOUSE, feeds.c.state == word("active"))
    .order_by(feeds.c.id)
    .limit(bindparam("most"))
)
_STRETCH = select(census.c.stretch_s).where(_ROW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a count has come; ``counted`` is by bucket."""

    stretch_s: float | None
    counted: Mapping[tuple[int, int], int]
    last_feed_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An active feed, as the census sees it."""

    id: int
    rhythm: Rhythm
    began: datetime
    failing: bool


def stretch(tx: Tx) -> float | None:
    """The stretch that the last count found, in seconds; None when none has ended yet."""
    return tx.execute(_STRETCH).scalar_one_or_none()


def take(tx: Tx, *, now: datetime, pause_s: float) -> Step | None:
    """The next step, held until the transaction ends; None if the last was within ``pause_s`` seconds."""
    row = tx.execute(select(census).where(_ROW).with_for_update()).first()
    if row is None:
        begun = {"id": HOUSE, "counted": [], "last_feed_id": HOUSE, "stepped_at": now, "last_alert_id": HOUSE}
        insert_missing(tx, census, [begun])
        return Step(stretch_s=None, counted={}, last_feed_id=HOUSE)
    if timedelta() <= now - row.stepped_at < timedelta(seconds=pause_s):
        return None
    counted = {(rate, asked): number for rate, asked, number in row.counted}
    return Step(stretch_s=row.stretch_s, counted=counted, last_feed_id=row.last_feed_id)


def batch(tx: Tx, *, after: int, limit: int) -> list[Counted]:
    """Active feeds, by id from ``after`` on."""
    rows = tx.execute(_COUNTED, {"last": after, "most": limit})
    return [
        Counted(id=row.id, rhythm=rhythm(row), began=row.created_at, failing=row.failures > 0) for row in rows
    ]


def keep(tx: Tx, step: Step, now: datetime) -> None:
    """Leave the count to the next step."""
    listed = [[*bucket, number] for bucket, number in sorted(step.counted.items())]
    values = {"stretch_s": step.stretch_s, "counted": listed, "last_feed_id": step.last_feed_id}
    tx.execute(update(census).where(_ROW).values(**values, stepped_at=now))
