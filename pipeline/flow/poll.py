"""Poll: claim what is due, fetch, cut, judge, commit, push.

Fetches run side by side; what they bring is committed in groups: the first
news of a quiet moment at once, and under load all that came in while the
last commit ran and a short pause after it; answers without news wait a little
for company.  Nothing is pushed that is not committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from pipeline.core.canary import HOUSE
from pipeline.core.errors import DocumentError, FetchError, ServiceError
from pipeline.core.model import Document, Feed, Response
from pipeline.core.poll import judge, readable
from pipeline.core.rhythm import Pacing
from pipeline.core.wary import asks_whole, heed
from pipeline.fetch import Fetcher
from pipeline.flow import rhythm
from pipeline.flow.ground import Ground, log
from pipeline.flow.keep import cut, hand_on, keep
from pipeline.store import census, feeds, hosts
from pipeline.store.engine import Tx
from pipeline.store.polls import PollResult

T = TypeVar("T")

#: Fetches the canary's feed, which is nowhere in the net.
Own = Callable[[Feed], Awaitable[Response]]

#: Pause between commits while more answers are on their way, in seconds.
GROUP_S = 0.1
#: For so long answers without news wait for others, in seconds.
QUIET_S = 0.5
#: A batch this large is committed without a pause.
GROUP_FULL = 200
#: Bodies larger than this are cut outside the event loop.
SMALL_BODY = 262_144


class Poller:
    """Polls of one scheduler process; ``tick`` is called often and returns quickly."""

    def __init__(
        self, ground: Ground, fetcher: Fetcher, executor: Executor, *, canary: Own | None = None
    ) -> None:
        self.ground = ground
        self.fetcher = fetcher
        self._canary = canary
        self._executor = executor  # the one thread in which this process talks to the database
        self._running: set[asyncio.Task[None]] = set()
        self._results: list[PollResult] = []
        self._arrived = asyncio.Event()
        self._ticked_at: datetime | None = None
        self._hurry = asyncio.Event()  # something has arrived that shall not wait
        self._log = log.bind()  # made once: each call of the lazy one binds anew

    @property
    def running(self) -> int:
        """Polls under way."""
        return len(self._running)

    async def tick(self) -> int:
        """Claim feeds that are due, as many as there is room for, and start their polls.

        After a stop what is overdue is spread first: else all of it would be polled at once.
        """
        before, self._ticked_at = self._ticked_at, self.ground.clock()
        if before is not None and self._ticked_at - before > rhythm.OVERDUE:
            await self._in_store(rhythm.spread, self.ground)
        room = self.ground.policy.fetch_concurrency - len(self._running)
        if room <= 0:
            return 0
        claimed, pacing = await self._in_store(self._claim, room)
        for feed, start_at in claimed:
            task = asyncio.create_task(self._poll(feed, start_at, pacing))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(claimed)

    async def commit_forever(self) -> None:
        """Commit results in groups until cancelled; feeds of a failed one come back with their lease."""
        while True:
            await self._arrived.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(QUIET_S):
                    await self._hurry.wait()
            await self._commit_arrived()
            if self._running and len(self._results) < GROUP_FULL:
                await asyncio.sleep(GROUP_S)

    async def drain(self) -> None:
        """Wait for the polls that run, and commit them."""
        while self._running:
            await asyncio.wait(self._running)
        await self._commit_arrived()

    def _claim(self, room: int) -> tuple[list[tuple[Feed, datetime]], Pacing]:
        return self.ground.store.write(lambda tx: self._claim_in(tx, room))

    def _claim_in(self, tx: Tx, room: int) -> tuple[list[tuple[Feed, datetime]], Pacing]:
        policy, now = self.ground.policy, self.ground.clock()
        claimed = feeds.claim(tx, now=now, limit=room, lease_s=policy.poll_lease_s)
        stretch_s = census.stretch(tx) if claimed else None
        turns = hosts.take_turns(tx, claimed, policy.courtesy, now) if claimed else []
        return turns, Pacing(limits=policy.limits, stretch_s=stretch_s)

    async def _poll(self, feed: Feed, start_at: datetime, pacing: Pacing) -> None:
        """Fetch and judge one feed when its turn has come.

        A fault of ours is logged, and the feed comes back with its lease.
        """
        if (wait_s := (start_at - self.ground.clock()).total_seconds()) > 0:
            await asyncio.sleep(wait_s)
        now, every = self.ground.clock(), self.ground.policy.unconditional_every
        held, whole = feed, asks_whole(feed, every=every, now=now)
        if whole:
            feed = replace(feed, etag=None, last_modified=None)
        try:
            answer = await self._fetch(feed)
            document = await self._cut(feed, answer)
        except Exception:
            log.exception("poll.broken", feed=feed.id)
            raise
        verdict = judge(
            feed, answer, document, now=self.ground.clock(), jitter=self.ground.chance(), pacing=pacing
        )
        self._log.debug(
            "poll", feed=feed.id, seq=feed.seq, outcome=verdict.outcome.value, cause=verdict.error or None
        )
        self._results.append(
            PollResult(
                feed=feed,
                response=answer if isinstance(answer, Response) else None,
                document=document if isinstance(document, Document) else None,
                verdict=verdict,
                heed=heed(held, answer, document, whole=whole, now=self.ground.clock()),
            )
        )
        self._arrived.set()
        if (isinstance(document, Document) and document.pieces) or len(self._results) >= GROUP_FULL:
            self._hurry.set()

    async def _fetch(self, feed: Feed) -> Response | FetchError:
        try:
            if feed.id == HOUSE and self._canary is not None:
                return await self._canary(feed)
            return await self.fetcher.get(feed.url, headers=request_headers(feed), auth=feed.auth)
        except FetchError as exc:
            return exc

    async def _cut(self, feed: Feed, answer: Response | FetchError) -> Document | DocumentError | None:
        if isinstance(answer, FetchError) or not readable(answer):
            return None
        if len(answer.body) <= SMALL_BODY:
            return cut(self.ground, feed, answer)
        return await asyncio.to_thread(cut, self.ground, feed, answer)

    async def _commit_arrived(self) -> None:
        self._arrived.clear()
        self._hurry.clear()
        results, self._results = self._results, []
        if results:
            await self.commit(results)

    async def commit(self, results: Sequence[PollResult]) -> None:
        """Commit results and push what is new; one that cannot be kept costs no other its poll."""
        try:
            committed = await self._in_store(keep, self.ground, results)
        except Exception as exc:  # noqa: BLE001 - logged; the feeds come back with their lease
            log.exception("poll.commit_failed", polls=len(results))
            if len(results) > 1 and not isinstance(exc, ServiceError):
                for result in results:
                    await self.commit([result])
            return
        try:
            await self._in_store(hand_on, self.ground, committed)
        except Exception:  # noqa: BLE001 - logged; the items come back with the sweeper
            log.exception("poll.push_failed", polls=len(results))

    async def _in_store(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call, *args)


def request_headers(feed: Feed) -> Mapping[str, str]:
    """The feed's own headers, and its validators as the server gave them, to the letter."""
    headers = dict(feed.headers)
    if feed.etag is not None:
        headers["If-None-Match"] = feed.etag
    if feed.last_modified is not None:
        headers["If-Modified-Since"] = feed.last_modified
    return headers
