"""Retain: forget what is old, and what is too much, without being in anybody's way.

Each transaction is so small that it holds its locks for a moment only: a batch
that took long is followed by a smaller one, and the other way round.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from pipeline.flow.ground import Ground, log
from pipeline.store import latencies, retention
from pipeline.store.engine import Tx
from pipeline.store.retention import Keep, Step

#: A transaction should take so long, in seconds; SQLite has no other writer meanwhile.
_AIM_S = 0.02
_FIRST = 10
_MOST = 2_000
#: Latencies are kept by the minute for this long.
_BY_MINUTE = timedelta(hours=1)


class Retainer:
    """Forgets in rounds of one batch a kind; ``most_bytes`` is what living rows may take, 0 without limit."""

    def __init__(self, ground: Ground, keep: Keep, most_bytes: int) -> None:
        self._ground = ground
        self._keep = keep
        self._most_bytes = most_bytes
        self._batches: dict[str, int] = {}
        self._reached: dict[str, datetime] = {}  # how far this run has come
        #: Whether all that may go for its size is gone, and it is still too much.
        self.full = False

    def steady(self) -> bool:
        """Whether the clock can be believed; while it cannot, nothing is to be forgotten."""
        now = self._ground.clock()
        if self._ground.store.write(lambda tx: retention.steady(tx, now)):
            return True
        log.warning("retention.waits", cause="the clock leapt by more than a day")
        return False

    def begin(self) -> None:
        """Begin a run of rounds; latencies are folded once for all of them."""
        now = self._ground.clock()
        self._reached.clear()
        while self._ground.store.write(lambda tx: latencies.fold(tx, before=_BY_MINUTE, now=now)):
            pass

    def round(self) -> int:
        """One batch of each kind; how many rows went, 0 when nothing is left to forget."""
        now = self._ground.clock()
        gone = sum(self.forget(step) for step in retention.by_age(self._keep, now))
        return gone + self._shrink(retention.by_size(self._keep, now))

    def _shrink(self, steps: Iterable[Step]) -> int:
        """One batch of the first kind that has something to give, while there is too much."""
        if not self._most_bytes:
            return 0
        with self._ground.store.read() as tx:
            used = retention.used(tx)
        over = used - self._most_bytes
        gone = 0
        if over > 0:
            gone = next((count for step in steps if (count := self.forget(step))), 0)
        if over > 0 and not gone and not self.full:
            log.warning("retention.full", used=used, limit=self._most_bytes)
        self.full = over > 0 and not gone
        return gone

    def forget(self, step: Step) -> int:
        """One batch of a kind; how many rows went.

        They are found in a transaction that holds nothing, and go in one of their own.
        """
        name, store = step.kind.name, self._ground.store
        batch = self._batches.get(name, _FIRST)
        with store.read() as tx:
            found = step.kind.find(tx, step.before, batch, self._reached.get(name))
        if not found:
            return 0
        self._reached[name] = found[-1][1]
        began = 0.0

        def work(tx: Tx) -> int:
            nonlocal began
            began = time.monotonic()  # from here on, locks are held
            if self._most_bytes:
                retention.count_at_once(tx)
            return step.kind.forget(tx, [id_ for id_, _ in found], step.before)

        gone = store.write(work)
        factor = _AIM_S / max(time.monotonic() - began, _AIM_S / 2)
        self._batches[name] = max(1, min(int(batch * factor), _MOST))
        return gone
