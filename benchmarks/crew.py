"""Tocsin's real processes, with their Redis, on a data folder and a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import cpu
from config.settings import Settings
from config.settings import load as load_settings
from pipeline.store import engine
from pipeline.store.engine import Store
from tests.services import postgresql
from workers.queues import Queues
from workers.supervisor.redis_server import PrivateRedis, find_server

ROOT = Path(__file__).resolve().parent.parent
START_S = 60.0

# As installed, but for the local site, and for ticks that look for the next hundred feeds sooner.
SET = {
    "TOCSIN_DEFAULTS": "0",
    "TOCSIN_FETCH_ALLOW": "127.0.0.1",
    "TOCSIN_CHANNEL_ALLOW": "127.0.0.1",
    "TOCSIN_TICK_S": "0.1",
    "TOCSIN_HOST_AT_ONCE": "10000",  # the few hosts of a bench stand for many
    "TOCSIN_HOST_GAP_S": "0",
    "LOG_LEVEL": "WARNING",
}


@dataclass
class Crew:
    """Running processes; ``roots`` names their ids for :func:`benchmarks.cpu.seconds`."""

    settings: Settings
    env: dict[str, str]
    store: Store
    roots: dict[str, list[int]] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, kind: str, count: int = 1) -> None:
        """Start processes of a kind, as the Procfile names them."""
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-m", "workers.cli", kind], cwd=ROOT, env=self.env)
            self.processes.append(process)
            self.roots.setdefault(kind, []).append(process.pid)

    def ready(self, workers: int) -> None:
        """Wait until so many workers listen."""
        queues = Queues(self.settings.private_redis_url)
        wait_until(lambda: len(queues.workers()) >= workers, START_S, "the workers did not start")

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, by kind of process."""
        return cpu.seconds(self.roots)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def crew(database: str, **options: str) -> Iterator[Crew]:
    """Redis and a migrated database, ``sqlite`` or ``postgresql``; processes are for the caller to start.

    ``options`` are set in the environment of the processes.
    """
    if database == "sqlite":
        with _crew_on("", options) as made:
            yield made
        return
    with postgresql() as url, _crew_on(url, options) as made:
        folder = Path(url.partition("host=")[2])
        made.roots["postgres"] = [int((folder / "data" / "postmaster.pid").read_text().split()[0])]
        yield made


@contextmanager
def _crew_on(url: str, options: Mapping[str, str]) -> Iterator[Crew]:
    with TemporaryDirectory(prefix="tocsin-bench-") as folder:
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": folder,
            "TOCSIN_HOME": folder,
            "DATABASE_URL": url,
            **SET,
            **options,
        }
        settings = load_settings(env)
        redis = PrivateRedis(
            server=find_server(env["PATH"]),
            home=settings.home,
            socket_path=settings.private_socket,
            env=env,
        )
        redis.start()
        store = engine.open(settings.database_url)
        made = Crew(settings=settings, env={**env, "REDIS_URL": settings.private_redis_url}, store=store)
        assert redis.child.process is not None
        made.roots["redis"] = [redis.child.process.pid]
        try:
            store.migrate()
            yield made
        finally:
            made.stop()
            store.close()
            redis.child.kill()


def wait_until(condition: Callable[[], bool], seconds: float, otherwise: str, every: float = 0.05) -> None:
    """Wait until the other processes have made ``condition()`` true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: {otherwise} within {seconds:.0f} s")
        time.sleep(every)
