"""A process that has read all modules, and forks those that tests start: each would take over a second to read them.

What is started here is a process of its own in all else, with its own environment
and log.  The demo and the tests of ``up`` and of the command line start theirs
from nothing.  ``python -m tests.nursery`` reads orders from stdin, and answers
each with the number of a process.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Child:
    """A process that the nursery has forked; it is waited for by whoever asked for it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._end = os.pidfd_open(pid)

    def send_signal(self, number: signal.Signals) -> None:
        """Signal it, if it still runs."""
        if self._runs(0):
            signal.pidfd_send_signal(self._end, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end; raises TimeoutExpired when it takes longer."""
        if self._runs(seconds):
            raise subprocess.TimeoutExpired(str(self.pid), seconds or 0.0)
        os.close(self._end)
        self._end = -1

    def _runs(self, seconds: float | None) -> bool:
        """Whether it still runs after so long."""
        return self._end >= 0 and not select.select([self._end], [], [], seconds)[0]


def start(args: Sequence[str], env: Mapping[str, str], log: Path) -> Child:
    """``workers.cli`` with these arguments, in a process of its own."""
    nursery = _nursery()
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps({"args": list(args), "env": dict(env), "log": str(log)}) + "\n")
    nursery.stdin.flush()
    return Child(int(nursery.stdout.readline()))


@cache
def _nursery() -> subprocess.Popen[str]:
    """One for this process of the tests; it ends with it."""
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(nursery.communicate)  # which ends it
    return nursery


def _serve() -> None:
    import workers.cli.app
    import workers.jobs
    import workers.scheduler
    import workers.web.app
    import workers.worker

    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    for line in sys.stdin:
        order = json.loads(line)
        if not (pid := os.fork()):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _become(order["env"], Path(order["log"]))
            sys.exit(workers.cli.app.main(order["args"]))
        print(pid, flush=True)


def _become(env: Mapping[str, str], log: Path) -> None:
    """Take on what is a process's own."""
    nothing, told = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for old, new in ((0, nothing), (1, told), (2, told)):
        os.dup2(new, old)
    os.environ.clear()
    os.environ.update(env)


if __name__ == "__main__":
    _serve()
