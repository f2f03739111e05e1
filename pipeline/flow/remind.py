"""Remind: what was snoozed comes back, and what is urgent and nobody acknowledged goes to another channel."""

from __future__ import annotations

from pipeline.flow.ground import Ground, log
from pipeline.store.alerts import remind as waiting


def remind(ground: Ground) -> int:
    """Wake and escalate what has its time; how many deliveries came of it."""
    now = ground.clock()
    ids = ground.store.write(lambda tx: [*waiting.wake(tx, now), *waiting.escalate(tx, now)])
    ground.hand_on("deliver", ids)
    if ids:
        log.info("remind", deliveries=len(ids))
    return len(ids)
