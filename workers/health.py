"""Is all well?  What ``status`` and ``/readyz`` ask, and how each fault reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from config.settings import Settings
from pipeline.core.errors import ServiceError
from pipeline.core.latency import Histogram, Stage, quantile
from pipeline.flow import canary, vigil
from pipeline.store import processes, status
from pipeline.store.engine import Store
from pipeline.store.status import Counts, Trouble
from workers.queues import HOPS, Queues, QueueState, WorkerState

_NO_REDIS = "there is no Redis: REDIS_URL is not set, and no `./run up` runs on this data folder"

#: A scheduler says every 5 s that it lives; one that has missed three times is stale.
SCHEDULER_FRESH_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One look at the whole; ``faults`` has a line for each thing that is not well."""

    counts: Counts
    scheduler_age_s: float | None  # since the last heartbeat of any; None when none was ever seen
    queues: Mapping[str, QueueState] = field(default_factory=dict)
    workers: tuple[WorkerState, ...] = ()
    latencies: Mapping[Stage, Histogram] = field(default_factory=dict)  # of the last minutes
    targets: vigil.Targets = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """One object with the field names that programs rely on."""
        return {
            "ok": not self.faults,
            "feeds": self.counts.feeds,
            "queues": {
                name: {
                    "depth": state.depth,
                    "oldest_age_s": round(state.oldest_age_s, 3),
                    "failed": state.failed,
                    "started": state.started,
                }
                for name, state in self.queues.items()
            },
            "workers": [
                {
                    "name": one.name,
                    "queues": list(one.queues),
                    "state": one.state,
                    "pid": one.pid,
                    "host": one.host,
                    "heartbeat_age_s": round(one.heartbeat_age_s, 3),
                }
                for one in self.workers
            ],
            "scheduler_age_s": None if self.scheduler_age_s is None else round(self.scheduler_age_s, 3),
            "articles": self.counts.articles,
            "stories": self.counts.stories,
            "alerts": self.counts.alerts,
            "backlog_alerts": self.counts.backlog_alerts,
            "subscriptions": self.counts.subscriptions,
            "items": self.counts.items,
            "pages": self.counts.pages,
            "refused_pages": self.counts.refused,
            "blocked_hosts": {host: _utc(until) for host, until in self.counts.blocked.items()},
            "channels": self.counts.channels,
            "deliveries": self.counts.deliveries,
            "dead_letters": self.counts.dead_letters,
            "latency": {stage.value: self._latency(stage) for stage in Stage},
            "faults": list(self.faults),
        }

    def _latency(self, stage: Stage) -> dict[str, Any]:
        """How quick a stage was in the last minutes; None where there was nothing to measure."""
        one = self.latencies.get(stage, Histogram({}, 0.0))
        p50, p95 = quantile(one, 0.5), quantile(one, 0.95)
        return {
            "count": one.total,
            "p50_s": None if p50 is None else round(p50, 3),
            "p95_s": None if p95 is None else round(p95, 3),
            "target_s": self.targets.get(stage),
        }


def look(
    store: Store,
    redis_url: str | None,
    *,
    now: datetime,
    queue_target_s: float,
    targets: vigil.Targets,
    canary_s: int,
) -> Health:
    """Look at the database and at Redis; without Redis the database's part is told.

    Raises:
        ServiceError: the database cannot be reached.

    """
    with store.read() as tx:
        counts = status.counts(tx)
        recent = vigil.recent(tx, now)
    age = scheduler_age_s(store, now)
    seen = Health(counts=counts, scheduler_age_s=age, latencies=recent, targets=targets)
    faults = [*scheduler_faults(age), *map(_line, vigil.late(recent, targets))]
    try:
        broker = _broker(redis_url)
        queues, workers = broker.depths(), tuple(broker.workers())
    except ServiceError as exc:
        faults += [str(exc), *canary_faults(store, canary_s, redis_answers=False, now=now)]
        return replace(seen, faults=tuple(faults))
    faults += queue_faults(queues, workers, target_s=queue_target_s)
    faults += canary_faults(store, canary_s, redis_answers=True, now=now)
    return replace(seen, queues=queues, workers=workers, faults=tuple(faults))


def _broker(redis_url: str | None) -> Queues:
    if redis_url is None:
        raise ServiceError(_NO_REDIS)
    return Queues(redis_url)


def faults(
    store: Store,
    broker: Queues,
    *,
    now: datetime,
    queue_target_s: float,
    targets: vigil.Targets,
    canary_s: int,
) -> list[str]:
    """What is not well, a line each, without a count of anything: cheap enough for every minute.

    Raises:
        ServiceError: the database or Redis cannot be reached.

    """
    found = scheduler_faults(scheduler_age_s(store, now))
    with store.read() as tx:
        found += map(_line, vigil.late(vigil.recent(tx, now), targets))
    found += canary_faults(store, canary_s, redis_answers=broker.ping(), now=now)
    return found + queue_faults(broker.depths(), broker.workers(), target_s=queue_target_s)


def canary_faults(store: Store, every_s: int, *, redis_answers: bool, now: datetime) -> list[str]:
    """The stage that an article of our own did not pass in time, if there is one."""
    with store.read() as tx:
        found = canary.broken(tx, every_s=every_s, redis_answers=redis_answers, now=now)
    return [] if found is None else [_line(canary.trouble(found))]


def broken_stage(store: Store, settings: Settings, *, now: datetime) -> list[str]:
    """As :func:`canary_faults`, asking whether Redis answers only where it matters."""
    if not canary_faults(store, settings.canary_s, redis_answers=True, now=now):
        return []
    try:
        answers = _broker(settings.find_redis()).ping()
    except ServiceError:
        answers = False
    return canary_faults(store, settings.canary_s, redis_answers=answers, now=now)


def _utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _line(one: Trouble) -> str:
    return f"{one.subject}: {one.text}"


def scheduler_age_s(store: Store, now: datetime) -> float | None:
    """Seconds since a scheduler last said that it lives; None when none ever did."""
    with store.read() as tx:
        beats = [row.heartbeat_at for row in processes.rows(tx) if row.kind == "scheduler"]
    return max(0.0, (now - max(beats)).total_seconds()) if beats else None


def scheduler_faults(age_s: float | None) -> list[str]:
    """What is wrong with the scheduler, if anything."""
    if age_s is None:
        return ["no scheduler runs; start `up`, or `scheduler`"]
    if age_s > SCHEDULER_FRESH_S:
        return [f"the scheduler has not been heard of for {age_s:.0f} s; is it running?"]
    return []


def queue_faults(
    queues: Mapping[str, QueueState], workers: Iterable[WorkerState], *, target_s: float
) -> list[str]:
    """Hops without a worker, and queues that are older than their target."""
    served = {name for worker in workers for name in worker.queues}
    faults = [f"no {hop} worker runs; start `up`, or `{hop}`" for hop in HOPS if hop not in served]
    faults += [
        f"the {name} queue is {state.oldest_age_s:.0f} s old, its target is {target_s:g} s"
        for name, state in queues.items()
        if state.oldest_age_s > target_s
    ]
    return faults
