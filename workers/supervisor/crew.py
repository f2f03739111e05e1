"""The supervisor's loop: every child kept alive, then all of them stopped in order."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

from workers.supervisor.children import Child, Pauses

log = structlog.get_logger("tocsin")

Wait = Callable[[float | None], None]

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ENDED_WITHIN_S = 5.0  # what has nothing to finish
_ANNOUNCED_WITHIN_S = 15.0
_ASK_EVERY_S = 0.1


class Crew:
    """The children of one supervisor.

    Those given to :meth:`add` are started together and told to stop together;
    the one given to :meth:`last` is already started and stops when they are gone.
    """

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses
        self._children: list[Child] = []
        self._last: list[Child] = []
        self._stops = 0  # stop signals received
        self._killed = False

    def add(self, children: Iterable[Child]) -> None:
        """Take on children to start with :meth:`run`."""
        self._children += children

    def last(self, child: Child) -> None:
        """Take on a child that the others lean on."""
        self._last.append(child)

    def run(self, ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Start all, keep all alive until a stop signal, then stop all.

        ``announce`` is called once, when ``ready`` says so or has not for too long.
        Returns 1 when some had to be killed, else 0.
        """
        with self._signals() as wait:
            for child in self._children:
                child.start(time.monotonic())
            announce_by: float | None = time.monotonic() + _ANNOUNCED_WITHIN_S
            while not self._stops:
                self._tend()
                if announce_by is not None and (ready() or time.monotonic() > announce_by):
                    announce()
                    announce_by = None
                wait(self._next(asking=announce_by is not None))
            log.info("stopping", running=sum(child.alive for child in self._children))
            self._stop(self._children, wait, self._pauses.stop, hasten=True)
            self._stop(self._last, wait, _ENDED_WITHIN_S, hasten=False)
        return 1 if self._killed else 0

    def close(self) -> None:
        """End whatever still runs: a start that failed, or a bug, leaves no child behind."""
        for child in self._everyone():
            child.kill()
        self._reap(_ENDED_WITHIN_S)

    def _everyone(self) -> list[Child]:
        return [*self._last, *self._children]

    def _tend(self) -> None:
        for child in self._everyone():
            child.tend(time.monotonic())

    def _next(self, *, asking: bool) -> float | None:
        """Seconds until there is something to do without a signal; None when there is not."""
        waits = [_ASK_EVERY_S] if asking else []
        waits += [left for child in self._everyone() if (left := child.wake_in(time.monotonic())) is not None]
        return min(waits, default=None)

    def _stop(self, children: list[Child], wait: Wait, within: float, *, hasten: bool) -> None:
        """Ask ``children`` to stop; kill them when time is up or, with ``hasten``, at a second signal."""
        for child in children:
            child.stop()
        deadline = time.monotonic() + within
        self._tend()
        while any(child.alive for child in children):
            if time.monotonic() >= deadline or (hasten and self._stops > 1):
                self._killed = True
                for child in children:
                    child.kill()
                self._reap(_ENDED_WITHIN_S)
                return
            wait(deadline - time.monotonic())
            self._tend()

    def _reap(self, within: float) -> None:
        deadline = time.monotonic() + within
        while any(child.alive for child in self._everyone() if child.stopping):
            self._tend()
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)

    @contextmanager
    def _signals(self) -> Iterator[Wait]:
        """Count stop signals; the value waits for one, for a child's death, or for a time in seconds."""
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)

        def count(_signal: int, _frame: FrameType | None) -> None:
            self._stops += 1

        def notice(_signal: int, _frame: FrameType | None) -> None:
            """The wake-up alone is what matters."""

        def wait(seconds: float | None) -> None:
            select.select([woken], [], [], None if seconds is None else max(0.0, seconds))
            while select.select([woken], [], [], 0)[0]:
                os.read(woken, 4096)

        before = {each: signal.signal(each, count) for each in _STOP_SIGNALS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, notice)
        fd = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            yield wait
        finally:
            signal.set_wakeup_fd(fd)
            for each, handler in before.items():
                signal.signal(each, handler)
            os.close(woken)
            os.close(wake)
