"""Mend: after a clock that was far ahead has come back, nothing waits for the moments that it set."""

from __future__ import annotations

from datetime import timedelta

from pipeline.flow.ground import Ground, log
from pipeline.store import ahead, feeds

#: Feeds that are mended in one transaction, each with a moment of its own in the next minute.
_FEEDS = 1_000
_SPREAD = timedelta(minutes=1)


def mend(ground: Ground) -> int:
    """Bring back what is put off, or leased, for longer than can be meant; how much there was."""
    now, policy = ground.clock(), ground.policy
    count = ground.store.write(
        lambda tx: ahead.mend(tx, now=now, lease_s=policy.lease_s, poll_lease_s=policy.poll_lease_s)
    )
    with ground.store.read() as tx:
        stranded = ahead.stranded(tx, now=now)
    for start in range(0, len(stranded), _FEEDS):
        moments = {id_: now + _SPREAD * ground.chance() for id_ in stranded[start : start + _FEEDS]}
        ground.store.write(lambda tx, moments=moments: feeds.put_off(tx, moments))  # type: ignore[misc]
    count += len(stranded)
    if count:
        log.warning("clock.mended", count=count)
    return count
