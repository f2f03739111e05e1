"""Pages: an article's own page is fetched like a feed, committed raw, and a job takes the text from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from typing import TypeVar

from pipeline.core import retry, urls
from pipeline.core.errors import FetchError
from pipeline.core.model import Response
from pipeline.core.page.refusal import refusal
from pipeline.core.poll import hold_s
from pipeline.fetch import Fetcher
from pipeline.flow.blocks import FETCHES, turned_away
from pipeline.flow.ground import Ground, log
from pipeline.flow.visits import Visit, Visitor
from pipeline.store import hosts, pages
from pipeline.store.engine import Tx
from pipeline.store.pages import DuePage, PageResult

T = TypeVar("T")

RETRY_BASE_S = 60.0
#: Of a page's lease, that its visit may take; the rest is for writing down what came of it.
_LEASED = 0.9


class PageFetcher:
    """Fetches article pages in the scheduler process: few at once for each host, with a gap between."""

    def __init__(self, ground: Ground, fetcher: Fetcher, executor: Executor) -> None:
        self.ground = ground
        self._executor = executor
        self._visitor = Visitor(ground, fetcher, self._in_store)
        self._running: set[asyncio.Task[None]] = set()

    async def tick(self) -> int:
        """Claim pages that are due, one for each host, and start to fetch them."""
        room = self.ground.policy.fetch_concurrency - len(self._running)
        if room <= 0:
            return 0
        claimed = await self._in_store(lambda: self._claim(room))
        for page in claimed:
            task = asyncio.create_task(self._fetch(page))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(claimed)

    async def drain(self) -> None:
        """Wait for the fetches that run."""
        while self._running:
            await asyncio.wait(self._running)

    def _claim(self, room: int) -> list[DuePage]:
        ground, policy = self.ground, self.ground.policy
        now = ground.clock()
        return ground.store.write(
            lambda tx: pages.claim(
                tx,
                now=now,
                limit=room,
                lease_s=policy.lease_s,
                courtesy=policy.courtesy,
            )
        )

    async def _fetch(self, page: DuePage) -> None:
        try:
            visit = await self._visit(page.url)
        except FetchError as exc:
            final = exc.reason in {"refused", "content-type"}
            result = self._failed(page, exc.reason, str(exc), permanent=final)
            await self._in_store(lambda: self._commit(result))
            return
        result = self._withheld(page, visit) if visit.answer is None else self._judge(page, visit.answer)
        await self._in_store(lambda: self._commit(result, visit))

    async def _visit(self, url: str) -> Visit:
        """What comes of a page before its lease ends, after which somebody else would ask for it, too."""
        patience_s = self.ground.policy.lease_s * _LEASED
        try:
            async with asyncio.timeout(patience_s):
                return await self._visitor.visit(url)
        except TimeoutError as exc:
            raise FetchError("timeout", f"no page within {patience_s:g} s, redirects included") from exc

    def _withheld(self, page: DuePage, visit: Visit) -> PageResult:
        """A page that was not asked for: the site does not want it, or the host is left alone."""
        if visit.until is None:
            return self._failed(page, visit.reason, visit.cause, permanent=visit.reason == "robots")
        return PageResult(
            page_id=page.id,
            state="due",
            error=f"{visit.reason}: {visit.cause}",
            reason=visit.reason,
            due_at=visit.until,
            tried=False,
        )

    def _judge(self, page: DuePage, answer: Response) -> PageResult:
        if answer.status == 200 and answer.body:
            return PageResult(
                page_id=page.id,
                state="fetched",
                status=answer.status,
                content_type=answer.headers.get("content-type", ""),
                url=answer.url,
                body=answer.body,
            )
        gone = answer.status in {401, 402, 403, 404, 410, 451}
        reason = refusal(answer) or f"status-{answer.status}"
        cause = f"the server answered {answer.status}"
        return self._failed(
            page, reason, cause, permanent=gone and reason != "challenge", status=answer.status
        )

    def _failed(
        self, page: DuePage, reason: str, cause: str, *, permanent: bool, status: int = 0
    ) -> PageResult:
        """Skip the page for good, or come back to it after a while."""
        wait_s = retry.backoff(
            page.attempts, base_s=RETRY_BASE_S, factor=4.0, cap_s=3600.0, jitter=self.ground.chance()
        )
        again = not permanent and page.attempts < FETCHES
        return PageResult(
            page_id=page.id,
            state="due" if again else "skipped",
            status=status,
            error=f"{reason}: {cause}",
            reason=reason,
            due_at=self.ground.clock() + timedelta(seconds=wait_s) if again else None,
        )

    def _commit(self, result: PageResult, visit: Visit | None = None) -> None:
        now = self.ground.clock()

        def save(tx: Tx) -> None:
            pages.commit(tx, [result], now)
            if visit is not None and visit.answer is not None:
                self._note(tx, result, visit.answer, visit.delay_s)

        self.ground.store.write(save)
        log.debug("page", page=result.page_id, state=result.state, cause=result.error or None)
        if result.state == "fetched":
            self.ground.hand_on("pages", [result.page_id])

    def _note(self, tx: Tx, result: PageResult, answer: Response, delay_s: float) -> None:
        """Remember of the host what its answer says: that it refuses us, or how long it wants to rest."""
        host, now = urls.host(answer.url), self.ground.clock()
        if wait_s := hold_s(answer, now):
            hosts.hold(tx, {host: now + timedelta(seconds=wait_s)})
        if result.reason in {"challenge", "refused"}:
            sure = result.reason == "challenge"
            turned_away(tx, self.ground, page_id=result.page_id, host=host, text=result.error, sure=sure)
        if delay_s:
            pages.slow(tx, host, now + timedelta(seconds=delay_s))

    async def _in_store(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)
