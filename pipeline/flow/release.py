"""Release: what is held and has its time is told, what waits for sources is counted again."""

from __future__ import annotations

from pipeline.flow.ground import Ground, log
from pipeline.store.alerts import release as held

#: Subscriptions, or events, that are looked at in one transaction.
AT_ONCE = 50
#: Transactions of one call; what is due still comes with the next, and others have their turn between.
ROUNDS = 4


def release(ground: Ground) -> int:
    """Tell what is held and has its time; how many deliveries came of it.

    Each subscription's digest is made in one transaction with its deliveries; any
    number of processes may try at once.
    """
    now = ground.clock()
    seen: set[int] = set()
    total = 0
    for _ in range(ROUNDS):
        with ground.store.read() as tx:
            due = held.due(tx, now, most=AT_ONCE)
        if seen.issuperset(due):  # nothing, or what another process has in hand
            break
        seen.update(due)
        ids = ground.store.write(lambda tx, due=due: held.release(tx, due, now))  # type: ignore[misc]
        ground.hand_on("deliver", ids)
        total += len(ids)
        log.info("release", subscriptions=len(due), deliveries=len(ids))
    return total


def count_sources(ground: Ground) -> int:
    """Decide on alerts whose events have got enough sources by now; how many deliveries came of it."""
    now = ground.clock()
    after = total = 0
    while True:
        with ground.store.read() as tx:
            events = held.short_of_sources(tx, after=after, most=AT_ONCE)
        if not events:
            return total
        after = events[-1]
        ids = ground.store.write(lambda tx, events=events: held.sufficed(tx, events, now))  # type: ignore[misc]
        ground.hand_on("deliver", ids)
        total += len(ids)
