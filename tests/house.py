"""A whole Tocsin for a test: its real processes on a data folder, a database and a Redis of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.store.engine import Store
from pipeline.store.engine import open as open_store
from tests import nursery
from tests.nursery import ROOT, Child

#: Everything that recovery waits for, shortened so that a test sees it.
QUICK = {
    "TOCSIN_TICK_S": "0.1",
    "TOCSIN_LEASE_S": "3",
    "TOCSIN_SWEEP_S": "0.5",
    "TOCSIN_FETCH_TIMEOUT_S": "2.5",
    "TOCSIN_SEND_TIMEOUT_S": "2",
    "TOCSIN_HOST_AT_ONCE": "1000",  # all feeds of a test are on one host
    "TOCSIN_HOST_GAP_S": "0",
    "TOCSIN_FETCH_ALLOW": "127.0.0.1",
    "TOCSIN_CHANNEL_ALLOW": "127.0.0.1",
    "LOG_FORMAT": "json",
    "TOCSIN_CANARY_S": "0",
}


@dataclass
class House:
    """Processes by kind; ``env`` is all that they get beside PATH."""

    home: Path
    database_url: str
    redis_url: str
    env: dict[str, str] = field(default_factory=dict)
    processes: dict[str, list[Child]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.database_url)
        self.store.migrate()

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this house is started with."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TOCSIN_HOME": str(self.home),
            "TOCSIN_DEFAULTS": "0",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            **QUICK,
            **self.env,
        }

    def start(self, *kinds: str, count: int = 1) -> None:
        """Start ``count`` processes of each kind (scheduler, ingest, pages, deliver, web)."""
        for kind in kinds:
            for _ in range(count):
                child = nursery.start([kind], self.environment, self.home / f"{kind}.log")
                self.processes.setdefault(kind, []).append(child)

    def kill(self, kind: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal every process of a kind, and wait for its end."""
        for process in self.processes.pop(kind, []):
            process.send_signal(number)
            process.wait(30)

    def run(
        self, *args: str, stdin: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """One command of the command line."""
        done = subprocess.run(
            [sys.executable, "-m", "workers.cli", *args],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{args} exited {done.returncode}: {done.stderr}")
        return done

    def close(self) -> None:
        """End every process and say what went wrong in their logs' last lines when one would not."""
        for kind in list(self.processes):
            for process in self.processes[kind]:
                process.send_signal(signal.SIGTERM)
        for kind in list(self.processes):
            for process in self.processes.pop(kind):
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.store.close()

    def logs(self) -> str:
        """The end of every log, for a failure's message."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.home.glob("*.log"))
        )


def wait_for(condition: Callable[[], Any], *, seconds: float, what: str, house: House | None = None) -> Any:
    """Wait until ``condition`` gives something true, and return it; other processes give no event to wait on."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        signal.sigtimedwait([], 0.05)
    raise AssertionError(f"no {what} within {seconds} s\n{house.logs() if house else ''}")
