"""The limits on what a document may cost its worker."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from pipeline.core.errors import DocumentError
from tests.house import ROOT
from workers.limits import cpu_limit


def _burn(limit_s: float) -> None:
    """Compute for ever, catching every Exception on the way."""
    with cpu_limit(limit_s):
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001
                continue


def test_a_block_that_burns_cpu_is_stopped_near_its_limit() -> None:
    """A loop that would never end, and catches every Exception as parsers do, is ended with a reason."""
    started = time.process_time()
    with pytest.raises(DocumentError) as caught:
        _burn(0.2)
    assert caught.value.reason == "cpu-limit"
    assert time.process_time() - started < 1.0


def test_a_block_within_its_limit_leaves_no_timer_behind() -> None:
    """After the block nothing is stopped, however much it computes."""
    with cpu_limit(0.2):
        pass
    until = time.process_time() + 0.4
    while time.process_time() < until:
        pass


def test_c_code_that_never_returns_ends_its_process() -> None:
    """What no exception can stop is stopped by the end of the process, with the stack on stderr."""
    code = "import re\nfrom workers.limits import hard_limit\nwith hard_limit(0.3): re.match('(a+)+$', 'a' * 60 + 'b')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=30, check=False
    )
    assert done.returncode != 0
    assert b"Timeout" in done.stderr
