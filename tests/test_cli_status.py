"""``./run status`` and ``deadletters`` on both databases and a real Redis."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.store import dead_letters, deliveries, processes
from pipeline.store.engine import Store
from pipeline.store.processes import Process
from pipeline.store.tables import alerts
from tests.command import Command
from tests.seed import seed
from workers.context import now
from workers.queues import HOPS, Queues


@pytest.fixture
def run(tmp_path: Path, database_url: str, redis_url: str) -> Command:
    """The command line on an empty database and an empty Redis."""
    return Command(tmp_path, database_url, REDIS_URL=redis_url)


def _beat(store: Store, *, age_s: float = 0.0) -> None:
    at = now() - timedelta(seconds=age_s)
    process = Process(id="scheduler-1", kind="scheduler", pid=1, host="h", started_at=at)
    store.write(lambda tx: processes.beat(tx, process, at))


def test_status_is_well_when_everything_runs(run: Command, store: Store, redis_url: str) -> None:
    """With a fresh scheduler and a worker for each hop status exits 0 with every documented field."""
    seed(store)
    _beat(store)
    workers = [Queues(redis_url).worker(hop) for hop in HOPS]
    for worker in workers:
        worker.register_birth()
    done = run("status", "--json")
    for worker in workers:
        worker.register_death()
    (seen,) = done.lines
    assert (done.code, done.err, seen["faults"]) == (0, "", [])
    assert seen["queues"]["ingest"].items() >= {"depth": 0, "oldest_age_s": 0}.items()
    assert set(seen["queues"]) == set(HOPS)
    assert len(seen["workers"]) == 3
    assert seen["deliveries"] == {"pending": 0, "delivered": 0, "dead": 1}
    assert (seen["feeds"]["active"], seen["articles"], seen["alerts"]) == (1, 2, 1)
    assert seen["scheduler_age_s"] < 10


def test_status_says_what_is_missing(run: Command, store: Store, redis_url: str) -> None:
    """A stale scheduler, missing workers and an old queue each have their line, and the exit code is 1."""
    _beat(store, age_s=120)
    Queues(redis_url).push("ingest", [1], feeds=[1])
    run.env["TOCSIN_QUEUE_TARGET_S"] = "0.000001"
    done = run("status")
    assert done.code == 1
    assert "the scheduler has not been heard of for 12" in done.err
    assert [hop for hop in HOPS if f"no {hop} worker runs" in done.err] == list(HOPS)
    assert "the ingest queue is" in done.err
    assert "1 waiting" in done.out


def test_status_without_redis_tells_the_rest(tmp_path: Path, database_url: str, store: Store) -> None:
    """Without any Redis the database's part is shown, and the lack is one line."""
    seed(store)
    done = Command(tmp_path, database_url)("status", "--json")
    assert done.code == 1
    assert "REDIS_URL" in done.err
    assert done.lines[0]["articles"] == 2


def test_check_proves_that_everything_adds_up(run: Command, store: Store) -> None:
    """`--check` is silent about what adds up, and names the row that does not."""
    seeded = seed(store)
    before = run("status", "--check", "--json")
    store.write(
        lambda tx: tx.execute(update(alerts).where(alerts.c.id == seeded.alerts[0]).values(channels=7))
    )
    after = run("status", "--check", "--json")
    assert after.code == 1
    (new,) = [line for line in after.lines if line not in before.lines]
    assert (new["table"], new["id"]) == ("alerts", seeded.alerts[0])
    assert "not add up" in after.err


def test_dead_letter_of_a_delivery_is_tried_again(run: Command, store: Store) -> None:
    """A dead letter is listed with its cause, and opened again with what it is about."""
    seeded = seed(store)
    (letter,) = run.ok("deadletters", "list", "--json").lines
    assert (letter["stage"], letter["ref_id"], letter["state"]) == ("deliver", seeded.delivery, "open")
    assert "HTTP 500" in letter["cause"]
    assert "\x1b" not in run.ok("deadletters", "list").out
    run.ok("deadletters", "retry", str(letter["id"]))
    with store.read() as tx:
        assert deliveries.rows(tx)[0].state == "pending"
        assert dead_letters.get(tx, letter["id"]).state == "replayed"
    assert run.ok("deadletters", "list", "--json").out == ""
    assert "nothing to try again" in run.refused("deadletters", "retry", str(letter["id"]))
    assert len(run.ok("deadletters", "list", "--all", "--json").lines) == 1


def test_dead_letter_is_opened_without_redis(tmp_path: Path, database_url: str, store: Store) -> None:
    """Without a Redis the database holds the wish, and a scheduler finds it."""
    seed(store)
    run = Command(tmp_path, database_url)
    (letter,) = run.ok("deadletters", "list", "--json").lines
    done = run.ok("deadletters", "retry", str(letter["id"]))
    assert "when a scheduler runs" in done.out
    assert done.err == ""
