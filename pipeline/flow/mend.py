"""Mend: after a clock that was far ahead has come back, nothing waits for the moments that it set."""

from __future__ import annotations

from datetime import timedelta

from pipeline.flow.ground import Ground, log
from pipeline.store import ahead, feeds
from pipeline.store.engine import Tx

#: Feeds that are mended at once, each with a moment of its own in the next minute.
_FEEDS = 1_000
_SPREAD = timedelta(minutes=1)


def mend(ground: Ground) -> int:
    """Bring back what is put off, or leased, for longer than can be meant; how much there was."""
    count = ground.store.write(lambda tx: _mend(tx, ground))
    if count:
        log.warning("clock.mended", count=count)
    return count


def _mend(tx: Tx, ground: Ground) -> int:
    now = ground.clock()
    stranded = ahead.stranded(tx, now=now, limit=_FEEDS)
    feeds.put_off(tx, {id_: now + _SPREAD * ground.chance() for id_ in stranded})
    return len(stranded) + ahead.mend(tx, now=now, lease_s=ground.policy.lease_s)
