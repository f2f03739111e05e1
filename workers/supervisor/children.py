"""Child processes: started, restarted with growing pauses, told to stop, made to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger("tocsin")

_TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long a supervisor waits, in seconds."""

    first: float = 1.0  # before the first restart; doubled with each death that follows
    longest: float = 30.0
    healthy: float = 60.0  # a life this long ends the doubling
    stop: float = 60.0  # for running jobs, before what still runs is killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A process to keep alive."""

    name: str
    command: tuple[str, ...]
    folder: Path | None = None  # to run in; None is the supervisor's own
    orphan_signal: int = signal.SIGKILL  # what it gets when the supervisor is killed
    silent: bool = False  # its output goes nowhere


@dataclass(slots=True)
class Child:
    """One process of a supervisor, over all its lives; times are monotonic seconds."""

    spec: Spec
    env: Mapping[str, str]
    pauses: Pauses
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    deaths: int = 0
    stopping: bool = field(default=False)

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as was noticed."""
        return self.process is not None

    def start(self, now: float) -> None:
        """Start it in a process group of its own: a terminal's Ctrl-C reaches the supervisor alone."""
        output = subprocess.DEVNULL if self.spec.silent else None
        self.process = subprocess.Popen(  # noqa: S603  # the command is the operator's
            tethered(self.spec.command, self.spec.orphan_signal),
            env=dict(self.env),
            cwd=self.spec.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        self.started_at = now
        log.info("process.started", name=self.spec.name, pid=self.process.pid)

    def tend(self, now: float) -> None:
        """Notice a death; start again what has paused for long enough."""
        if self.process is None:
            if not self.stopping and now >= self.restart_at:
                self.start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        pid, self.process = self.process.pid, None
        if self.stopping:
            log.info("process.stopped", name=self.spec.name, pid=pid, code=code)
            return
        self.deaths = 0 if now - self.started_at >= self.pauses.healthy else self.deaths
        pause = min(self.pauses.longest, self.pauses.first * 2**self.deaths)
        self.deaths = min(self.deaths + 1, 16)
        self.restart_at = now + pause
        log.warning(
            "process.died", name=self.spec.name, pid=pid, ended_by=_cause(code), restart_in_s=round(pause, 1)
        )

    def wake_in(self, now: float) -> float | None:
        """Seconds until a pause ends; None when there is none."""
        return None if self.process is not None or self.stopping else max(0.0, self.restart_at - now)

    def stop(self) -> None:
        """Ask it to finish, and do not start it again.

        Only the process itself is told: a worker's own helpers are its to stop.
        """
        self.stopping = True
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End it and whatever it started, now."""
        self.stopping = True
        if self.process is not None and self.process.poll() is None:
            log.warning("process.killed", name=self.spec.name, pid=self.process.pid)
            os.killpg(self.process.pid, signal.SIGKILL)


def tethered(command: Sequence[str], orphan_signal: int) -> list[str]:
    """``command`` as one that ends with this process."""
    return [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), str(int(orphan_signal)), *command]


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
