"""rq-dashboard in our app: real queues, a requeue that works, and nothing that runs what Redis holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from tests.web.browser import EVIL, SAME
from workers.queues import Queues


@pytest.mark.parametrize(
    "path",
    [
        "/queues/",
        "/queues/0/view/jobs",
        "/queues/0/view/workers",
        "/queues/0/view/jobs/ingest/failed/8/asc/1",
    ],
)
def test_queue_pages_run_their_own_scripts_only(operator: FlaskClient, path: str) -> None:
    """Each script has the answer's nonce, inline handlers are off, and values are written escaped."""
    answer = operator.get(path)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert len(scripts) >= 5
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert "script-src-attr 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "<%=" not in answer.text
    assert '<a class="navbar-brand" href="/">' in answer.text
    assert ".html() %>" not in answer.text
    assert operator.get(path).headers["Content-Security-Policy"] != policy


def test_queues_show_real_jobs(operator: FlaskClient, redis_url: str) -> None:
    """Queued jobs stand in rq-dashboard with our description, page and data alike."""
    queues = Queues(redis_url)
    queues.push("ingest", [1, 2], feeds=[7])
    (job_id,) = [key.decode().removeprefix("rq:job:") for key in queues.redis.keys("rq:job:*")]
    data = operator.get("/queues/0/data/jobs/ingest/queued/8/asc/1.json").get_json()
    assert [job["description"] for job in data["jobs"]] == ["ingest: 2 items of feed 7"]
    assert operator.get("/queues/0/data/queues.json").get_json()["queues"][0]["count"] == 1
    assert operator.get(f"/queues/0/view/job/{job_id}").status_code == 200
    assert operator.get(f"/queues/0/data/job/{job_id}.json").get_json()["origin"] == "ingest"


def test_failed_job_is_requeued_from_the_dashboard(operator: FlaskClient, redis_url: str) -> None:
    """The buttons work, for a job and for all, as JSON; a GET and a foreign page do nothing."""
    job_id = _failed_job(redis_url)
    assert operator.get("/queues/requeue/ingest").status_code == 405
    assert operator.head("/queues/requeue/ingest").status_code == 405
    foreign: list[dict[str, str]] = [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ]
    for headers in foreign:
        assert operator.post("/queues/requeue/ingest", headers=headers).status_code == 403
        assert operator.post(f"/queues/job/{job_id}/delete", headers=headers).status_code == 403
    assert Queues(redis_url).depths()["ingest"].failed == 1
    assert operator.post(f"/queues/job/{job_id}/requeue", headers=SAME).get_json() == {"status": "OK"}
    state = Queues(redis_url).depths()["ingest"]
    assert (state.failed, state.depth) == (0, 1)
    _failed_job(redis_url)
    answer = operator.post("/queues/requeue/ingest", headers={"Origin": "http://localhost"})
    assert answer.get_json()["count"] >= 1
    assert operator.post("/queues/job/nothing/requeue", headers=SAME).status_code == 404


def test_hostile_pickle_in_redis_is_never_loaded(
    operator: FlaskClient, redis_url: str, tmp_path: Path
) -> None:
    """A pickle put where a job keeps its data, meta or result runs no code in any page."""
    proof = tmp_path / "executed"
    hostile = b"cbuiltins\nexec\n(S'open(" + repr(str(proof)).encode().replace(b"'", b'"') + b', "w")\'\ntR.'
    job_id = _failed_job(redis_url)
    with Redis.from_url(redis_url) as redis:
        redis.hset(f"rq:job:{job_id}", mapping={"data": hostile, "meta": hostile, "result": hostile})
    for path in (
        "/queues/0/data/jobs/ingest/failed/8/asc/1.json",
        f"/queues/0/view/job/{job_id}",
        f"/queues/0/data/job/{job_id}.json",
        "/queues/0/data/workers.json",
    ):
        operator.get(path)
    operator.post(f"/queues/job/{job_id}/requeue", headers=SAME)
    operator.post("/queues/requeue/ingest", headers=SAME)
    operator.post(f"/queues/job/{job_id}/delete", headers=SAME)
    assert not proof.exists()


def _failed_job(redis_url: str) -> str:
    """A job of the ingest queue that failed, as there is no such function; its id."""
    queues = Queues(redis_url)
    queue = Queue("ingest", connection=queues.redis, serializer=JSONSerializer)
    job = queue.enqueue_call("workers.jobs.nothing_like_it", args=([1],), description=EVIL)
    queues.worker("ingest").work(burst=True, logging_level="CRITICAL")
    return str(job.id)
