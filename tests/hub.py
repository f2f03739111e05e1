"""A WebSub hub on a test's site, which confirms what it is asked and pushes with a signature; and our side of it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pipeline.flow.websub import Asker, Received, confirm, receive
from pipeline.store import feeds, hubs
from pipeline.store.hubs import HubRow
from tests.ground import Bench
from tests.newswire import item
from tests.sites import Reply, Request, Site

FIRST = item(1, "Border", "The invasion began.")
NEWS = item(2, "Talks", "The invasion ended.")
LATE = item(3, "Crowds", "The invasion is remembered.")
NO_HUB = b"<rss><channel><title>t</title></channel></rss>"


def form(request: Request) -> dict[str, str]:
    """What was asked, by name."""
    return dict(parse_qsl(request.body.decode()))


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def token(asked: dict[str, str]) -> str:
    """The secret part of the callback."""
    return asked["hub.callback"].rpartition("/")[2]


def offering(site: Site, *items: str) -> bytes:
    """A document that names the site's hub, at ``/hub``, and itself as its topic."""
    links = f'<a:link rel="hub" href="{site.url("/hub")}"/><a:link rel="self" href="{site.url("/feed")}"/>'
    return f'<rss xmlns:a="http://www.w3.org/2005/Atom"><channel>{links}{"".join(items)}</channel></rss>'.encode()


@dataclass
class Hub:
    """The site's hub; ``confirm`` is called in the midst of each request, as quick hubs do."""

    site: Site
    status: int = 202
    confirm: Callable[[dict[str, str]], object] = lambda _asked: None
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.answer("/hub", self._answer)

    def _answer(self, request: Request) -> Reply:
        self.asked.append(form(request))
        self.confirm(self.asked[-1])
        return Reply(self.status)


def named(bench: Bench, site: Site) -> Hub:
    """A hub that confirms at once, named by the bench's one feed, which was polled."""
    bench.with_policy(websub=True, public_url="https://alarm.example")
    made = Hub(
        site,
        confirm=lambda asked: confirm(bench.ground, token(asked), {**asked, "hub.lease_seconds": "86400"}),
    )
    site.answer("/feed", Reply(body=offering(site, FIRST)))
    id_ = bench.feed(site.url("/feed"))
    bench.store.write(lambda tx: feeds.edit(tx, id_, every_s=None))  # by its own rhythm
    bench.run()
    return made


def ask(bench: Bench) -> int:
    """One tick of the asker."""

    async def tick() -> int:
        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                return await Asker(bench.ground, fetcher, executor, "https://alarm.example").tick()

    return asyncio.run(tick())


def feed_id(bench: Bench) -> int:
    """The one feed."""
    with bench.store.read() as tx:
        (row,) = feeds.rows(tx)
    return row.id


def held(bench: Bench) -> HubRow | None:
    """The hub of the one feed."""
    with bench.store.read() as tx:
        return hubs.of(tx, feed_id(bench))


def live(bench: Bench) -> HubRow:
    """The hub, once asked and confirmed."""
    assert ask(bench) == 1
    row = held(bench)
    assert row is not None
    assert row.state == "live"
    return row


def push(bench: Bench, row: HubRow, body: bytes, *, signed: str | None = None) -> Received:
    """What becomes of a push."""
    made = signature(row.secret, body) if signed is None else signed
    return receive(bench.ground, row.token, body, content_type="application/rss+xml", signature=made)


def next_wait_s(bench: Bench) -> float:
    """Seconds until the feed's next poll."""
    with bench.store.read() as tx:
        return (feeds.find(tx, str(feed_id(bench))).next_poll_at - bench.now).total_seconds()
