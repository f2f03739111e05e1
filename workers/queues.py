"""The queues: the only module that names RQ and Redis.

Jobs carry ids and nothing else, as JSON: whoever can write to Redis can start
our own jobs with other ids, and no code of theirs.  What a job must do is
committed before it is pushed, so a queue that is lost loses nothing: the
sweeper pushes again what the database still has open.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
from redis.backoff import ExponentialBackoff
from redis.client import Pipeline
from redis.retry import Retry
from rq import Queue, SimpleWorker, Worker
from rq.registry import FailedJobRegistry, StartedJobRegistry, clean_registries
from rq.serializers import JSONSerializer
from rq.worker_registration import register

from pipeline.core.errors import ServiceError

#: One queue for each hop, and one process type for each queue: RQ takes a job
#: over safely (BLMOVE) only in a worker that listens to a single queue.
HOPS = ("ingest", "pages", "deliver")

JOB_TIMEOUT_S = 30
RESULT_TTL_S = 3600  # finished jobs stay an hour for the operator
FAILURE_TTL_S = 7 * 24 * 3600
#: RQ blocks for the TTL less 15 s between heartbeats: a wiped registry is mended within 5 s.
WORKER_TTL_S = 20
MAINTENANCE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """What waits in one queue; ``oldest_age_s`` is 0 when nothing does."""

    depth: int
    oldest_age_s: float
    failed: int
    started: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """A worker process as RQ's registry knows it."""

    name: str
    queues: tuple[str, ...]
    state: str
    pid: int | None
    host: str | None
    heartbeat_age_s: float


def connect(url: str) -> redis.Redis:
    """Open a connection pool on ``url``; nothing is sent before the first command.

    Raises:
        ServiceError: the address cannot be understood.

    """
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    try:
        return redis.Redis.from_url(
            url,
            socket_connect_timeout=3,
            **keepalive,
            health_check_interval=15,
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
            retry_on_error=[redis.ConnectionError],
        )
    except ValueError as exc:
        raise ServiceError(f"REDIS_URL cannot be understood: {exc}") from exc


def describe(hop: str, ids: Sequence[int], feeds: Iterable[int] = ()) -> str:
    """A job's line in rq-dashboard: the hop, the feeds and a count; never text of strangers."""
    named = sorted(set(feeds))
    shown = ", ".join(str(feed) for feed in named[:5])
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    noun = {"ingest": "item", "pages": "page", "deliver": "delivery"}[hop]
    plural = noun if len(ids) == 1 else {"delivery": "deliveries"}.get(noun, noun + "s")
    of = f" of feed{'s' if len(named) > 1 else ''} {shown}{more}" if named else ""
    return f"{hop}: {len(ids)} {plural}{of}"


class Queues:
    """Every hop's queue on one Redis."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.redis = connect(url)
        self._queues = {
            hop: Queue(hop, connection=self.redis, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT_S)
            for hop in HOPS
        }

    def push(self, hop: str, ids: Sequence[int], *, feeds: Iterable[int] = ()) -> None:
        """Push one job that works on ``ids``.

        Raises:
            ServiceError: Redis cannot be reached; the sweeper will push again.

        """
        try:
            self._queues[hop].enqueue_call(
                f"workers.jobs.{hop}",
                args=(list(ids),),
                description=describe(hop, ids, feeds),
                timeout=JOB_TIMEOUT_S,
                result_ttl=RESULT_TTL_S,
                failure_ttl=FAILURE_TTL_S,
            )
        except redis.RedisError as exc:
            raise ServiceError(f"Redis cannot be reached: {exc}") from exc

    def oldest(self, hop: str) -> datetime | None:
        """When the job at the head of the queue was pushed; None when the queue is empty.

        Work pushed before that moment and still open has lost its job.

        Raises:
            ServiceError: Redis cannot be reached.

        """
        queue = self._queues[hop]
        try:
            for job_id in queue.get_job_ids(0, 20):
                if (job := queue.fetch_job(job_id)) is not None and job.enqueued_at is not None:
                    return _aware(job.enqueued_at)
        except redis.RedisError as exc:
            raise ServiceError(f"Redis cannot be reached: {exc}") from exc
        return None

    def ping(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(self.redis.ping())
        except redis.RedisError:
            return False

    def depths(self) -> dict[str, QueueState]:
        """The state of every queue.

        Raises:
            ServiceError: Redis cannot be reached.

        """
        try:
            return {hop: self._state(hop) for hop in HOPS}
        except redis.RedisError as exc:
            raise ServiceError(f"Redis cannot be reached: {exc}") from exc

    def _state(self, hop: str) -> QueueState:
        queue = self._queues[hop]
        oldest = self.oldest(hop)
        return QueueState(
            depth=queue.count,
            oldest_age_s=max(0.0, (datetime.now(UTC) - oldest).total_seconds()) if oldest else 0.0,
            failed=FailedJobRegistry(queue=queue).get_job_count(cleanup=False),
            started=StartedJobRegistry(queue=queue).get_job_count(cleanup=False),
        )

    def workers(self) -> list[WorkerState]:
        """Every live worker of our queues.

        Raises:
            ServiceError: Redis cannot be reached.

        """
        try:
            found = Worker.all(connection=self.redis, serializer=JSONSerializer)
        except redis.RedisError as exc:
            raise ServiceError(f"Redis cannot be reached: {exc}") from exc
        now = datetime.now(UTC)
        return [
            WorkerState(
                name=worker.name,
                queues=tuple(worker.queue_names()),
                state=str(worker.get_state()),
                pid=worker.pid,
                host=worker.hostname,
                heartbeat_age_s=(
                    (now - _aware(worker.last_heartbeat)).total_seconds()
                    if worker.last_heartbeat
                    else float("inf")
                ),
            )
            for worker in found
        ]

    def clean(self) -> None:
        """Let RQ forget jobs whose worker died; what they worked on comes back by its lease."""
        for queue in self._queues.values():
            try:
                clean_registries(queue)
            except redis.RedisError as exc:
                raise ServiceError(f"Redis cannot be reached: {exc}") from exc

    def work(self, worker: TocsinWorker) -> None:
        """Work until told to stop; the running job is finished first.

        Raises:
            ServiceError: Redis cannot be reached, or not any more.

        """
        try:
            # Without a level RQ takes INFO for its own logger, whatever its parent was told.
            worker.work(logging_level="WARNING")
        except redis.RedisError as exc:
            raise ServiceError(f"Redis cannot be reached: {exc}") from exc

    def worker(self, hop: str) -> TocsinWorker:
        """A worker for one hop, in this process.

        Raises:
            ServiceError: Redis cannot be reached.

        """
        name = f"{hop}-{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"
        try:
            return TocsinWorker(
                [self._queues[hop]],
                name="".join(c if c.isalnum() or c in "-_" else "-" for c in name),
                connection=self.redis,
                serializer=JSONSerializer,
                worker_ttl=WORKER_TTL_S,
                maintenance_interval=MAINTENANCE_S,
                log_job_description=False,
            )
        except redis.RedisError as exc:
            raise ServiceError(f"Redis cannot be reached: {exc}") from exc


class TocsinWorker(SimpleWorker):
    """RQ's in-process worker that registers again when Redis was wiped under it.

    Jobs run in the worker's own process: it keeps the percolator and the
    database connections between them, and a job costs a fifth of a forked one.
    The limits that a fork would give are given by :mod:`workers.limits`.
    """

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Beat, and register again where the registry has forgotten this worker."""
        super().heartbeat(timeout, pipeline)
        if pipeline is None and not self.connection.sismember(self.redis_workers_keys, self.key):
            with self.connection.pipeline() as pipe:
                pipe.hset(self.key, mapping=self.serialize())
                pipe.hset(self.key, "state", self.get_state())
                register(self, pipe)
                pipe.expire(self.key, self.worker_ttl + 60)
                pipe.execute()


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
