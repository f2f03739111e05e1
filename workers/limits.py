"""Limits on what a document may cost the worker that parses it.

Jobs run in the worker's own process, so the limit must come from inside: a
timer on the process's CPU time raises in the midst of Python code, and, for C
code that never comes back, a watchdog thread that needs no interpreter lock
ends the process.  The supervisor starts it anew, and the item's attempts,
committed before it was tried, lead it to the dead letters.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from pipeline.core.errors import DocumentError


class _CpuLimitError(BaseException):
    """Raised by the timer; no handler of ``Exception`` on the way swallows it."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Bound the CPU time, user and system, that the block may take; main thread only.

    Raises:
        DocumentError: reason ``cpu-limit``, when the block took longer.

    """

    def expire(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise _CpuLimitError

    before = signal.signal(signal.SIGPROF, expire)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)  # again, if some cleanup held the first back
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _CpuLimitError as exc:
        signal.setitimer(signal.ITIMER_PROF, 0)
        raise DocumentError("cpu-limit", f"took more than {seconds:g} s of CPU") from exc
    finally:
        signal.signal(signal.SIGPROF, before)


@contextmanager
def hard_limit(seconds: float) -> Iterator[None]:
    """End the process, stacks on stderr, when the block takes longer than ``seconds`` of wall time."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
