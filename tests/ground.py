"""The spine in a test's own process: a real store, a clock that the test sets, a push that is written down."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.core.addresses import Allow
from pipeline.core.model import FullText
from pipeline.core.turns import Courtesy
from pipeline.fetch import Fetcher
from pipeline.flow import Ground, LivePercolator, PageFetcher, Policy, Poller, ingest
from pipeline.flow.ingest import Ingested
from pipeline.store import channels, feeds, subscriptions
from pipeline.store.engine import Store
from workers.limits import cpu_limit

POLICY = Policy(
    lease_s=60,
    fetch_concurrency=50,
    items_per_document=2000,
    cpu_limit_s=2.0,
    backlog_s=7200,
    story_window_s=259_200,
    poll_lease_s=60,
    courtesy=Courtesy(at_once=100, gap_s=0.0),
    robots=True,
    short_text_chars=600,
    split=True,
    operator_channel=None,
    public_url=None,
    websub=False,
)


@dataclass
class Bench:
    """One step at a time: poll, ingest, fetch pages; ``pushed`` holds what waits in each queue."""

    store: Store
    policy: Policy = POLICY
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    pushed: dict[str, list[list[int]]] = field(
        default_factory=lambda: {"ingest": [], "pages": [], "deliver": []}
    )
    live: LivePercolator = field(default_factory=LivePercolator)

    @property
    def ground(self) -> Ground:
        """What the spine stands on."""
        return Ground(
            store=self.store,
            policy=self.policy,
            clock=lambda: self.now,
            chance=lambda: 0.5,
            push=self._push,
            limit=cpu_limit,
        )

    def _push(self, hop: str, ids: Sequence[int], *, feeds: Iterable[int] = ()) -> None:  # noqa: ARG002
        self.pushed[hop].append(list(ids))

    def pass_by(self, **spans: float) -> None:
        """Let time pass."""
        self.now += timedelta(**spans)

    def with_policy(self, **changes: object) -> None:
        """Change what the operator has set."""
        self.policy = dataclasses.replace(self.policy, **changes)

    def feed(self, url: str, *, full_text: FullText = FullText.NEVER, interval_s: int = 300) -> int:
        """A new feed, due at once."""
        with self.store.begin() as tx:
            return feeds.add(
                tx, url=url, interval_s=interval_s, every_s=interval_s, full_text=full_text, now=self.now
            )

    def subscribe(self, query: str, *, channel_url: str | None = None) -> int:
        """A new subscription, named after its query, with a webhook of its own where one is given."""
        with self.store.begin() as tx:
            ids = []
            if channel_url is not None:
                ids = [
                    channels.add(
                        tx, name=f"to {query}", url=channel_url, secret="whsec_" + "A" * 32, now=self.now
                    )
                ]
            return subscriptions.add(tx, name=query, query=query, channel_ids=ids, now=self.now)

    def poll(self) -> int:
        """Poll every feed that is due; how many were."""
        return asyncio.run(self._poll())

    async def _poll(self) -> int:
        async with self.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                poller = Poller(self.ground, fetcher, executor)
                count = await poller.tick()
                await poller.drain()
        return count

    def fetch_pages(self) -> int:
        """Fetch every page that is due, host by host; how many were."""
        return asyncio.run(self._fetch_pages())

    async def _fetch_pages(self) -> int:
        total = 0
        async with self.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                pages = PageFetcher(self.ground, fetcher, executor)
                while count := await pages.tick():
                    total += count
                    await pages.drain()
        return total

    def fetcher(self) -> Fetcher:
        return Fetcher(
            Allow.parse("127.0.0.1"),
            timeout_s=5,
            body_limit=5_000_000,
            document_limit=15_000_000,
            user_agent="Tocsin/test",
            concurrency=50,
        )

    def ingest(self) -> list[Ingested]:
        """Run what waits in the ingest queue, and what that pushes there again."""
        done = []
        while self.pushed["ingest"]:
            done.append(ingest(self.ground, self.live, self.pushed["ingest"].pop(0)))
        return done

    def run(self) -> Ingested:
        """Poll once and ingest once; the one batch that came of it."""
        self.poll()
        (done,) = self.ingest()
        return done
