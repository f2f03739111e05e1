"""MB of resident memory that the index of the queries on standard input takes, in a process that has only it.

Prints what the process grows by from a percolator without queries to one that
has read all of them and matched an article (what parsing remembers included),
and what it grew by at most meanwhile.
"""

from __future__ import annotations

import gc
import re
import sys
from pathlib import Path

from pipeline.core.analyse import analyse
from pipeline.core.match import Percolator
from pipeline.core.model import Subscription


def main() -> None:
    article = analyse("Sanctions", "", "The sanctions follow the invasion, officials said.", "en")
    Percolator().match(article)
    percolator = Percolator()
    percolator.apply([_subscription(0, "invasion AND (sanctions OR officials)")])
    percolator.match(article)
    before = _resident("VmRSS")
    percolator.apply(_subscription(number, line.strip()) for number, line in enumerate(sys.stdin))
    percolator.match(article)
    gc.collect()
    print(round(_resident("VmRSS") - before, 1), round(_resident("VmHWM") - before, 1))


def _subscription(number: int, query: str) -> Subscription:
    return Subscription(id=number, name="", query=query, active=True, version=1)


def _resident(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
