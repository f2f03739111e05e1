"""The queues on a real Redis."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from pipeline.core.errors import ServiceError
from workers.queues import HOPS, Queues, describe


def test_a_job_carries_its_ids_and_says_what_it_is(redis_url: str) -> None:
    """The job in Redis is JSON, names the hop's function, and its line has hop, feeds and count."""
    queues = Queues(redis_url)
    queues.push("ingest", [3, 5], feeds=[7])
    (job_id,) = queues.redis.lrange("rq:queue:ingest", 0, -1)
    job = Job.fetch(job_id.decode(), connection=queues.redis, serializer=JSONSerializer)
    assert (job.func_name, job.args) == ("workers.jobs.ingest", [[3, 5]])
    assert job.description == "ingest: 2 items of feed 7"
    assert job.timeout == 30


@pytest.mark.parametrize(
    ("hop", "ids", "feeds", "line"),
    [
        ("ingest", [1], [4], "ingest: 1 item of feed 4"),
        ("ingest", [1, 2], [9, 4, 4], "ingest: 2 items of feeds 4, 9"),
        ("ingest", [1], list(range(7)), "ingest: 1 item of feeds 0, 1, 2, 3, 4 and 2 more"),
        ("pages", [1, 2, 3], [], "pages: 3 pages"),
        ("deliver", [1, 2], [], "deliver: 2 deliveries"),
        ("deliver", [1], [], "deliver: 1 delivery"),
    ],
)
def test_a_description_names_hop_count_and_a_few_feeds(
    hop: str, ids: list[int], feeds: list[int], line: str
) -> None:
    """Descriptions are made of numbers and our own words, never of text from feeds."""
    assert describe(hop, ids, feeds) == line


def test_redis_holds_no_pickle(redis_url: str) -> None:
    """No value under any key of a pushed job starts a pickle."""
    queues = Queues(redis_url)
    for hop in HOPS:
        queues.push(hop, [1])
    for key in queues.redis.scan_iter("rq:job:*"):
        for value in queues.redis.hgetall(key).values():
            with pytest.raises(
                (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError, AttributeError)
            ):
                pickle.loads(value)


class _Bomb:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (Path.touch, (Path(self.path),))


def test_a_hostile_pickle_under_a_job_key_is_not_executed(redis_url: str, tmp_path: Path) -> None:
    """A worker that meets a pickle in a job fails the job and runs none of it."""
    queues = Queues(redis_url)
    mark = tmp_path / "executed"
    queues.push("ingest", [1])
    (job_id,) = queues.redis.lrange("rq:queue:ingest", 0, -1)
    queues.redis.hset(b"rq:job:" + job_id, "data", pickle.dumps(_Bomb(str(mark))))
    _work_in_thread_free(queues)
    assert not mark.exists()
    assert queues.depths()["ingest"].depth == 0


def _work_in_thread_free(queues: Queues) -> None:
    """Run what is queued, in this thread, and stop."""
    assert threading.current_thread() is threading.main_thread()
    queues.worker("ingest").work(burst=True, logging_level=None)


def test_the_stock_rq_tool_reads_our_redis(redis_url: str) -> None:
    """`rq info` lists our queues and workers, which it did not make."""
    queues = Queues(redis_url)
    queues.push("ingest", [1])
    worker = queues.worker("ingest")
    worker.register_birth()
    told = subprocess.run(
        [str(Path(sys.executable).with_name("rq")), "info", "-u", redis_url, "--raw"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    worker.register_death()
    assert "queue ingest 1" in told.stdout
    assert f"worker {worker.name} " in told.stdout


def test_the_oldest_job_tells_what_may_still_be_queued(redis_url: str) -> None:
    """An empty queue has no oldest job; one with jobs has the time of its head."""
    queues = Queues(redis_url)
    assert queues.oldest("ingest") is None
    queues.push("ingest", [1])
    first = queues.oldest("ingest")
    queues.push("ingest", [2])
    assert first is not None
    assert queues.oldest("ingest") == first
    assert queues.depths()["ingest"].depth == 2


def test_a_worker_that_a_wipe_forgot_registers_again_with_its_heartbeat(redis_url: str) -> None:
    """After FLUSHALL the next heartbeat brings the worker back into the registry, complete."""
    queues = Queues(redis_url)
    worker = queues.worker("deliver")
    worker.register_birth()
    Redis.from_url(redis_url).flushall()
    assert queues.workers() == []
    worker.heartbeat()
    (back,) = queues.workers()
    assert back.name == worker.name
    assert back.queues == ("deliver",)
    worker.register_death()


def test_without_redis_a_worker_says_so_in_one_line() -> None:
    """A worker that finds no Redis ends with a ServiceError: its runner starts it again."""
    queues = Queues("redis://127.0.0.1:1/0")
    with pytest.raises(ServiceError, match="Redis cannot be reached"):
        queues.work(queues.worker("ingest"))


def test_without_redis_a_push_says_so_in_one_line() -> None:
    """A Redis that is not there is a ServiceError, and no traceback of another library's."""
    queues = Queues("redis://127.0.0.1:1/0")
    with pytest.raises(ServiceError, match="Redis cannot be reached"):
        queues.push("ingest", [1])
    assert not queues.ping()
