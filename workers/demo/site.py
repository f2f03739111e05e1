"""The demo's news site: five outlets on one loopback port, served as careful publishers serve."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from datetime import datetime

from aiohttp import web

from workers.demo import feeds, pages
from workers.demo.edition import Edition, Item, Outlet
from workers.demo.feeds import Listing

FEED_LENGTH = 30  # items that a feed lists
POLLS = 2  # the one that brings the news, and the next, which comes when those are stored


class Site:
    """Feeds and pages of what has been published so far.

    ``polls`` counts the answers to requests for feeds by status.
    """

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.base_url = ""
        self.polls: dict[int, int] = {}
        self.pages_served = 0
        self._listings: dict[str, list[Listing]] = {outlet.key: [] for outlet in edition.outlets}
        self._pages: dict[str, Item] = {}
        self._awaited = {
            outlet.key: POLLS for outlet in edition.outlets
        }  # polls until its news are surely stored
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; ``base_url`` holds the address from then on."""
        app = web.Application()
        app.router.add_get("/", self._kiosk)
        app.router.add_get("/{outlet}/", self._front)
        app.router.add_get("/{outlet}/{name}", self._document)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def publish(self, item: Item, at: datetime) -> None:
        """List the item in its outlet's feed and put its page up; a correction replaces both."""
        listed = self._listings[item.outlet.key]
        before = next((row for row in listed if row.item.guid == item.guid), None)
        if before is None:
            listed.insert(0, Listing(item=item, published_at=at, updated_at=at))
        else:
            listed[listed.index(before)] = Listing(item=item, published_at=before.published_at, updated_at=at)
        if item.owns_page:
            self._pages[item.page_path] = item
        self._awaited[item.outlet.key] = POLLS

    async def settled(self) -> None:
        """Wait until what has been published so far is in the reader's store.

        A reader that asks for a feed again has done with its last answer.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: not any(self._awaited.values()))

    def feed_url(self, outlet: Outlet) -> str:
        return self.base_url + outlet.feed_path

    def _outlet(self, request: web.Request) -> Outlet:
        for outlet in self.edition.outlets:
            if outlet.key == request.match_info["outlet"]:
                return outlet
        raise web.HTTPNotFound

    async def _kiosk(self, _: web.Request) -> web.Response:
        return web.Response(text=pages.kiosk(self.edition.outlets), content_type="text/html")

    async def _front(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        items = [row.item for row in self._listings[outlet.key]]
        return web.Response(text=pages.front(outlet, items), content_type="text/html")

    async def _document(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        if request.path == outlet.feed_path:
            return await self._feed(request, outlet)
        item = self._pages.get(request.path)
        if item is None:
            raise web.HTTPNotFound
        self.pages_served += 1
        others = [row.item for row in self._listings[outlet.key] if row.item is not item]
        text = pages.article(item, others[:5])
        return _answer(request, text.encode(), "text/html; charset=utf-8")

    async def _feed(self, request: web.Request, outlet: Outlet) -> web.Response:
        document = feeds.render(outlet, self._listings[outlet.key][:FEED_LENGTH], self.base_url)
        self._awaited[outlet.key] = max(0, self._awaited[outlet.key] - 1)
        response = _answer(request, document, feeds.CONTENT_TYPES[outlet.format])
        self.polls[response.status] = self.polls.get(response.status, 0) + 1
        async with self._changed:
            self._changed.notify_all()
        return response


def _answer(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """The body, compressed for those who take it, or 304 for those who have it."""
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "max-age=0", "Vary": "Accept-Encoding"}
    if etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = content_type
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 6, mtime=0)
    return web.Response(body=body, headers=headers)
