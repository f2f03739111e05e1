"""Pages: an article's own page is fetched like a feed, committed raw, and a job takes the text from it.

What the feed's summary rang for does not wait for the page; what only the page
says rings when the page is here; the alert's own key lets both ring once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import timedelta
from typing import TypeVar

from pipeline.core import retry
from pipeline.core.alert import Wish
from pipeline.core.analyse import analyse, spoken
from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.match import Percolator
from pipeline.core.model import About, Response
from pipeline.core.page import extract
from pipeline.fetch import Fetcher
from pipeline.flow import updates
from pipeline.flow.ground import Ground, log
from pipeline.flow.ingest import ATTEMPTS, Ingested
from pipeline.flow.percolate import LivePercolator, matched
from pipeline.flow.updates import Fresh
from pipeline.store import alerts, articles, pages
from pipeline.store.alerts import Rung
from pipeline.store.articles import Revised
from pipeline.store.engine import StaleError, Tx
from pipeline.store.pages import DuePage, FetchedPage, PageResult

T = TypeVar("T")

#: A page that cannot be fetched is tried this often; the article keeps its feed's text.
FETCHES = 4
RETRY_BASE_S = 60.0


class PageFetcher:
    """Fetches article pages in the scheduler process: few at once for each host, with a gap between."""

    def __init__(self, ground: Ground, fetcher: Fetcher, executor: Executor) -> None:
        self.ground = ground
        self.fetcher = fetcher
        self._executor = executor
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
                at_once=policy.page_at_once,
                gap_s=policy.page_gap_s,
            )
        )

    async def _fetch(self, page: DuePage) -> None:
        try:
            result = self._judge(page, await self.fetcher.get(page.url))
        except FetchError as exc:
            result = self._failed(page, f"{exc.reason}: {exc}", permanent=exc.reason == "refused")
        await self._in_store(lambda: self._commit(result))

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
        return self._failed(
            page, f"the server answered {answer.status}", permanent=gone, status=answer.status
        )

    def _failed(self, page: DuePage, cause: str, *, permanent: bool, status: int = 0) -> PageResult:
        """Skip the page for good, or come back to it after a while."""
        wait_s = retry.backoff(
            page.attempts, base_s=RETRY_BASE_S, factor=4.0, cap_s=3600.0, jitter=self.ground.chance()
        )
        again = not permanent and page.attempts < FETCHES
        return PageResult(
            page_id=page.id,
            state="due" if again else "skipped",
            status=status,
            error=cause,
            due_at=self.ground.clock() + timedelta(seconds=wait_s) if again else None,
        )

    def _commit(self, result: PageResult) -> None:
        now = self.ground.clock()
        self.ground.store.write(lambda tx: pages.commit(tx, [result], now))
        log.debug("page", page=result.page_id, state=result.state, cause=result.error or None)
        if result.state == "fetched":
            self.ground.hand_on("pages", [result.page_id])

    async def _in_store(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)


def extract_pages(ground: Ground, live: LivePercolator, ids: Sequence[int]) -> Ingested:
    """Take the text from fetched pages, store it with their articles and match these again."""
    now = ground.clock()
    taken = ground.store.write(lambda tx: pages.take(tx, ids, now=now, lease_s=ground.policy.lease_s))
    with ground.store.read() as tx:
        about = {row.id: row.about for row in articles.rows(tx, ids=[page.article.id for page in taken])}
    percolator = live.current(ground.store)
    poisoned: list[str] = []
    updates = alerts_made = 0
    for page in taken:
        try:
            rang = _extract(ground, percolator, page, about.get(page.article.id))
        except StaleError as exc:  # the feed changed the article meanwhile: the page meets its new text
            poisoned.extend(_set_aside(ground, page, str(exc)))
            continue
        except Exception as exc:  # noqa: BLE001 - logged; the page's attempts lead it to the dead letters
            log.exception("page.broken", page=page.id, attempt=page.job_attempts)
            poisoned.extend(_set_aside(ground, page, f"{type(exc).__name__}: {exc}"))
            continue
        updates += rang is not None
        alerts_made += rang or 0
    done = Ingested(
        items=len(taken),
        articles=0,
        updates=updates,
        duplicates=0,
        alerts=alerts_made,
        poisoned=tuple(poisoned),
    )
    log.info("pages", **done.as_json(), dead=len(poisoned))
    return done


def _extract(ground: Ground, percolator: Percolator, page: FetchedPage, about: About | None) -> int | None:
    """Extract, match and store one page; the number of alerts, or None where it told nothing new."""
    text = page.article
    try:
        with ground.limit(ground.policy.cpu_limit_s):
            found = extract(page.body, url=page.url, content_type=page.content_type)
        if len(found.text) <= len(text.body):
            _skip(ground, page, "the page says no more than the feed")
            return None
        language = text.language or spoken(f"{text.title}\n{found.text}", found.language)
        percolator.prepare(language)
        with ground.limit(ground.policy.cpu_limit_s):
            analysed = analyse(text.title, text.summary, found.text, language, about)
        (hits,) = matched(ground, percolator, [analysed])
    except DocumentError as exc:
        _skip(ground, page, f"{exc.reason}: {exc}")
        return None
    now = ground.clock()

    def save(tx: Tx) -> Rung:
        revised = articles.apply_page(
            tx,
            page,
            body=found.text,
            language=language,
            terms=analysed.terms,
            story_since=now - timedelta(seconds=ground.policy.story_window_s),
            now=now,
        )
        wishes = [
            Wish(
                subscription_id=hit.subscription_id,
                story_id=revised.story_id,
                article_id=revised.article_id,
                revision_id=None,
                backlog=revised.backlog,
                matches=hit.matches,
            )
            for hit in hits
        ]
        rung = alerts.ring(tx, wishes, now)
        told = updates.tell(tx, _fresh(revised, page), now)
        return Rung(alert_ids=rung.alert_ids, delivery_ids=(*rung.delivery_ids, *told))

    rung = ground.store.write(save)
    ground.hand_on("deliver", rung.delivery_ids)
    return len(rung.alert_ids)


def _fresh(revised: Revised, page: FetchedPage) -> list[Fresh]:
    """The page's text; of an article that only joins the story by it, it is the first that counts."""
    if revised.backlog:
        return []
    joins = revised.story_id != page.article.story_id
    return [
        Fresh(
            story_id=revised.story_id,
            article_id=revised.article_id,
            revision_id=None,
            before_id=None if joins else revised.revision_id,
            feed_id=None,
            published_at=None,
        )
    ]


def _skip(ground: Ground, page: FetchedPage, cause: str) -> None:
    now = ground.clock()
    ground.store.write(lambda tx: pages.skip(tx, page.id, cause=cause, now=now))
    log.debug("page.skipped", page=page.id, cause=cause)


def _set_aside(ground: Ground, page: FetchedPage, cause: str) -> list[str]:
    """Another attempt in a job of its own, or the dead letters after the last."""
    now = ground.clock()
    if page.job_attempts < ATTEMPTS:
        ground.store.write(lambda tx: pages.release(tx, [page.id], now))
        ground.hand_on("pages", [page.id])
        return []
    ground.store.write(lambda tx: pages.bury(tx, page.id, cause=cause, now=now))
    return [f"page {page.id}: {cause}"]
