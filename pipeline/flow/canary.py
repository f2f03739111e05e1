"""The canary: clear away what arrived, and say which stage broke where one is overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.core.canary import Broken, judge
from pipeline.flow.ground import Ground
from pipeline.store import canary
from pipeline.store.engine import Tx
from pipeline.store.status import Trouble


def settle(ground: Ground, every_s: int) -> None:
    """Let a canary fly every ``every_s`` seconds; 0 lets none."""
    now = ground.clock()
    if every_s:
        ground.store.write(lambda tx: canary.free(tx, every_s=every_s, now=now))
    else:
        ground.store.write(canary.cage)


def broken(
    tx: Tx, *, every_s: int, redis_answers: bool, now: datetime, since: datetime | None = None
) -> Broken | None:
    """The stage that a canary did not leave in time; None while all is well, or none flies.

    Time before ``since`` does not count.
    """
    traces = canary.traces(tx) if every_s else None
    if traces is None:
        return None
    if since is not None:
        traces = replace(traces, began=max(traces.began, since))
    return judge(traces, every_s=every_s, redis_answers=redis_answers, now=now)


def look(ground: Ground, *, every_s: int, redis_answers: bool, since: datetime) -> list[Trouble]:
    """Clear away the canaries that arrived; the stage that broke, as a trouble.

    ``since`` is when this scheduler started: what stood still before that is no break.
    """
    now = ground.clock()
    with ground.store.read() as tx:
        found = broken(tx, every_s=every_s, redis_answers=redis_answers, now=now, since=since)
    ground.store.write(canary.clear)
    return [] if found is None else [trouble(found)]


def trouble(found: Broken) -> Trouble:
    """What the operator is told."""
    return Trouble(
        cause=f"canary:{found.stage}",
        subject=f"The stage {found.stage} is broken",
        text=f"An article of our own did not pass it in time. {found.text}",
    )
