"""One lane for each channel in a sender: a receiver that is slow, or dead, holds up its own lane only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: Sends to one channel at the same time.
AT_ONCE = 4
#: Deliveries that wait in one lane; more are left to whoever finds them due later.
LONGEST = 1_000
#: Other processes may find a channel open again before its time: so long at most one's own word is taken.
_MEMORY = timedelta(seconds=5)


@dataclass(slots=True)
class Lane:
    """What a sender knows of a channel."""

    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    waiting: int = 0  # deliveries in hand
    behind: int = 0  # of them those that a job did not wait for to the end
    shut_until: datetime | None = None

    def is_shut(self, now: datetime) -> bool:
        """Whether nothing goes out here, as far as is known."""
        return self.shut_until is not None and now < self.shut_until

    def takes(self, now: datetime) -> bool:
        """Whether another delivery may wait here."""
        return self.waiting < LONGEST and not self.is_shut(now)

    def shut(self, until: datetime | None, now: datetime) -> None:
        """Take note that the channel's breaker is open until then, or (None) that it is not."""
        self.shut_until = None if until is None else min(until, now + _MEMORY)

    def leave_behind(self, task: asyncio.Task[str]) -> None:
        """Count a task that is not waited for, while it runs: its lane is a slow one."""
        self.behind += 1
        task.add_done_callback(self._caught_up)

    def _caught_up(self, _: asyncio.Task[str]) -> None:
        self.behind -= 1
