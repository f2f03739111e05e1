"""Ask hubs to push, again before a lease ends, and to stop when a feed is no longer polled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from typing import TypeVar

from pipeline.core import retry, websub
from pipeline.core.errors import FetchError
from pipeline.fetch import Fetcher
from pipeline.flow.ground import Ground, log
from pipeline.store import hubs
from pipeline.store.hubs import HubRow

T = TypeVar("T")

#: Hubs asked at once.
AT_ONCE = 20
#: A hub that took the request and does not confirm it is asked again after this, in seconds.
UNCONFIRMED_S = 900.0
_RETRY_S = 60.0
_LONGEST_S = 6 * 3600.0


class Asker:
    """Asks hubs in the scheduler process; ``callback`` is our public address, without a slash at its end."""

    def __init__(self, ground: Ground, fetcher: Fetcher, executor: Executor, callback: str) -> None:
        self.ground = ground
        self._fetcher = fetcher
        self._executor = executor
        self._callback = callback

    async def tick(self) -> int:
        """Ask the hubs that are due; how many."""
        rows = await self._in_store(self._due)
        if rows:
            await asyncio.gather(*(self._ask(row) for row in rows))
        return len(rows)

    def _due(self) -> list[HubRow]:
        ground = self.ground
        now = ground.clock()
        ground.store.write(lambda tx: hubs.settle(tx, now))
        # A hub has the fetch's timeout to answer, and may confirm before it does.
        return ground.store.write(
            lambda tx: hubs.due(tx, now=now, limit=AT_ONCE, lease_s=2 * ground.policy.lease_s)
        )

    async def _ask(self, row: HubRow) -> None:
        form = {
            "hub.callback": f"{self._callback}/websub/{row.token}",
            "hub.mode": "unsubscribe" if row.state == "leaving" else "subscribe",
            "hub.topic": row.topic,
        }
        if row.state != "leaving":
            form |= {"hub.secret": row.secret, "hub.lease_seconds": str(websub.LEASE_S)}
        try:
            status = await self._fetcher.post(row.hub, form)
            error = "" if 200 <= status < 300 else f"the hub answered {status}"
        except FetchError as exc:
            error = f"the hub was not reached: {exc}"
        log.debug("websub.asked", feed=row.feed_id, mode=form["hub.mode"], cause=error or None)
        await self._in_store(lambda: self._note(row, error))

    def _note(self, row: HubRow, error: str) -> None:
        ground = self.ground
        wait_s = UNCONFIRMED_S
        if error:
            wait_s = retry.backoff(
                row.failures, base_s=_RETRY_S, factor=3.0, cap_s=_LONGEST_S, jitter=ground.chance()
            )
        next_at = ground.clock() + timedelta(seconds=wait_s)
        ground.store.write(lambda tx: hubs.asked(tx, row, error=error, next_at=next_at))

    async def _in_store(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)
