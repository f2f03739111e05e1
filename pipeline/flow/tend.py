"""Tend: push again what lost its job, push what is due, tell the operator.

Recovery rests on leases in the database.  A queue is first in, first out, so
work that was pushed before the job now at its head, and is still open with no
live lease, has no job any more: it is pushed again.  A queue that is merely
long makes no second jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from pipeline.core.errors import NotFoundError
from pipeline.flow import vigil
from pipeline.flow.ground import Ground, log
from pipeline.store import channels, deliveries, notices, pages, polls, processes, raw, status, warnings, wary
from pipeline.store.engine import Tx
from pipeline.store.status import Trouble

#: When the job at the head of a hop's queue was pushed; None when nothing waits there.
Oldest = Callable[[str], datetime | None]

#: Most rows that one sweep pushes again for one hop.
SWEEP_LIMIT = 2000
DUE_LIMIT = 500
#: A feed that failed for this long is the operator's business.
FAILING = timedelta(days=1)
#: A warning of what happens at moments is over when it did not happen for so long.
WARNED = timedelta(days=7)


def sweep(ground: Ground, oldest: Oldest) -> int:
    """Push again raw items and pages whose lease ran out without a job; return how many."""
    now = ground.clock()
    lost_items = _lost(ground, "ingest", oldest, now)
    for ids, feed in lost_items:
        ground.hand_on("ingest", ids, feeds=[feed])
    lost_pages = _lost_pages(ground, oldest, now)
    for page in lost_pages:  # each alone: one of them may have killed its worker
        if not ground.hand_on("pages", [page]):
            break
    count = sum(len(ids) for ids, _ in lost_items) + len(lost_pages)
    if count:
        log.warning("sweep", again=count)
    return count


def _lost(ground: Ground, hop: str, oldest: Oldest, now: datetime) -> list[tuple[list[int], int]]:
    """Lost items by feed; those that have been tried twice each alone, as one of them may be poison."""
    before = oldest(hop) or now
    lease_s = ground.policy.lease_s

    def find(tx: Tx) -> list[raw.Lost]:
        found = raw.lost(tx, now=now, lease_s=lease_s, enqueued_before=before, limit=SWEEP_LIMIT)
        raw.requeued(tx, [one.id for one in found], now)
        return found

    groups: dict[tuple[int, int], list[int]] = {}
    for one in ground.store.write(find):
        groups.setdefault((one.feed_id, one.id if one.attempts >= 2 else 0), []).append(one.id)
    return [(ids, feed) for (feed, _), ids in groups.items()]


def _lost_pages(ground: Ground, oldest: Oldest, now: datetime) -> list[int]:
    before = oldest("pages") or now

    def find(tx: Tx) -> list[int]:
        found = pages.lost(
            tx, now=now, lease_s=ground.policy.lease_s, enqueued_before=before, limit=SWEEP_LIMIT
        )
        pages.requeued(tx, found, now)
        return found

    return ground.store.write(find)


def push_due(ground: Ground, oldest: Oldest) -> int:
    """Push deliveries whose time has come, and those that lost their job; return how many."""
    now = ground.clock()
    before = oldest("deliver") or now
    ids = ground.store.write(
        lambda tx: deliveries.due(
            tx, now=now, lease_s=ground.policy.lease_s, enqueued_before=before, limit=DUE_LIMIT
        )
    )
    ground.hand_on("deliver", ids)
    return len(ids)


def beat(ground: Ground, process: processes.Process) -> None:
    """Say that this process lives."""
    now = ground.clock()
    ground.store.write(lambda tx: processes.beat(tx, process, now))


def watch(
    ground: Ground,
    old_queues: Iterable[tuple[str, float]],
    targets: vigil.Targets,
    others: Iterable[Trouble] = (),
) -> list[str]:
    """Tell the operator's channel of each trouble once, and take note when it ends; return open causes.

    ``old_queues`` names queues that are older than their target, with their age in seconds;
    ``others`` are troubles that were found elsewhere.
    """
    now = ground.clock()
    found = [*(_old(hop, age) for hop, age in old_queues), *others]
    lasting, begun = ground.store.write(
        lambda tx: _tell(tx, ground.policy.operator_channel, found, targets, now)
    )
    for cause in begun:
        log.warning("trouble", cause=cause)
    return lasting


def _old(hop: str, age: float) -> Trouble:
    return Trouble(
        cause=f"queue:{hop}",
        subject=f"The {hop} queue is {age:.0f} s old",
        text=f"Work waits in the {hop} queue longer than its target. Are {hop} workers running?",
    )


def _tell(
    tx: Tx, operator: str | None, found: Sequence[Trouble], targets: vigil.Targets, now: datetime
) -> tuple[list[str], list[str]]:
    """The causes of all troubles, and of those among them that are new."""
    warnings.expire(tx, (wary.GAP, raw.POISON, polls.LIMIT), now - WARNED)
    late = vigil.late(vigil.recent(tx, now), targets)
    troubles = [*status.troubles(tx, failing_before=now - FAILING), *late, *found]
    channel_id = _channel(tx, operator)
    known = notices.open_causes(tx)
    for cause in known - {one.cause for one in troubles}:
        notices.resolve(tx, cause, now)
    for one in troubles:
        notices.open(tx, cause=one.cause, subject=one.subject, text=one.text, channel_id=channel_id, now=now)
    causes = [one.cause for one in troubles]
    return causes, [cause for cause in causes if cause not in known]


def _channel(tx: Tx, name: str | None) -> int | None:
    if name is None:
        return None
    try:
        return channels.find(tx, name).id
    except NotFoundError:
        log.warning("operator_channel.unknown", channel=name)
        return None
