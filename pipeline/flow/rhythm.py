"""The rhythms of all feeds: their census, urgent feeds, and the way back after a stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.core import rhythm
from pipeline.flow.ground import Ground, log
from pipeline.store import census, feeds, urgent, warnings
from pipeline.store.census import Counted
from pipeline.store.engine import Tx

#: Feeds that one step of the census counts, and seconds between two steps.
STEP = 2_000
PAUSE_S = 5.0
#: A feed stays urgent for so long after its last urgent alert.
URGENT = timedelta(days=7)
#: Alerts that one look at new urgent ones goes through.
ALERTS = 1_000
#: After a stop, feeds that are overdue by more than this are spread over as long.
OVERDUE = timedelta(minutes=1)
_SPREAD_ROWS = 1_000


def count(ground: Ground) -> None:
    """Go on with the census, if its next step is due: any number of schedulers take one together."""
    now = ground.clock()
    ground.store.write(lambda tx: _count(tx, ground, now))


def _count(tx: Tx, ground: Ground, now: datetime) -> None:
    step = census.take(tx, now=now, pause_s=PAUSE_S)
    if step is None:
        return
    found = census.batch(tx, after=step.last_feed_id, limit=STEP)
    counted = Counter(step.counted)
    counted.update(_buckets(found))
    _note_silences(tx, found, ground.policy.silent_times, now)
    if len(found) == STEP:
        step = replace(step, counted=counted, last_feed_id=found[-1].id)
    else:
        stretch_s = rhythm.solve(counted, ground.policy.limits)
        log.debug("census", feeds=counted.total(), stretch_s=stretch_s)
        step = census.Step(stretch_s=stretch_s, counted={}, last_feed_id=0)
    census.keep(tx, step, now)


def _buckets(found: Sequence[Counted]) -> Iterator[tuple[int, int]]:
    for one in found:
        if one.rhythm.every_s is None and one.rhythm.rate is not None:
            yield rhythm.bucket(one.rhythm.rate, one.rhythm.asked_s)


def _note_silences(tx: Tx, found: Sequence[Counted], times: float, now: datetime) -> None:
    """Warn of feeds that answer well and bring nothing; a feed that fails says so by itself."""
    warned = warnings.of(tx, [one.id for one in found])
    for one in found:
        stands = any(each.word == rhythm.SILENT for each in warned.get(one.id, ()))
        for_s = rhythm.silent_s(one.rhythm, began=one.began, now=now, times=times)
        if for_s is None:
            if stands:
                warnings.clear(tx, one.id, rhythm.SILENT)
        elif not stands and not one.failing:
            usual = rhythm.span(rhythm.usual_s(one.rhythm))
            text = f"looks fine, brings nothing for {rhythm.span(for_s)}; usual are {usual}"
            warnings.warn(tx, one.id, rhythm.SILENT, text, now)


def hasten(ground: Ground) -> None:
    """Poll feeds more often that urgent alerts came from, and let go of those nobody waits for any more."""
    now = ground.clock()
    until, urgent_s = now + URGENT, ground.policy.limits.urgent_s
    while (
        ground.store.write(
            lambda tx: urgent.hasten(tx, now=now, until=until, urgent_s=urgent_s, limit=ALERTS)
        )
        == ALERTS
    ):
        pass
    ground.store.write(lambda tx: urgent.relent(tx, now, URGENT))


def spread(ground: Ground) -> int:
    """After a stop, give each overdue feed a moment of its own in the next minute; how many there were."""
    now, total = ground.clock(), 0
    while found := ground.store.write(lambda tx: _spread(tx, ground, now)):
        total += found
    if total:
        log.info("polls.overdue", feeds=total, spread_s=OVERDUE.total_seconds())
    return total


def _spread(tx: Tx, ground: Ground, now: datetime) -> int:
    late = feeds.overdue(tx, before=now - OVERDUE, limit=_SPREAD_ROWS)
    feeds.put_off(tx, {id_: now + OVERDUE * ground.chance() for id_ in late})
    return len(late)
