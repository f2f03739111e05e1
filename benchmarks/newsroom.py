"""Feeds that bring matching articles at a given rate, and the receivers that hear of them, alive or dead."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from html import escape
from typing import Any

from aiohttp import web

from benchmarks.crew import Crew
from benchmarks.text import Writer
from pipeline.channels.webhook import new_secret
from pipeline.core.model import FullText
from pipeline.core.policy import RingPolicy
from pipeline.store import channels, feeds, subscriptions
from pipeline.store.engine import Tx
from workers.demo.bell import Bell

FEEDS = 10
_LISTED = 40  # items that a feed lists
_WORDS = 80  # of an article
_TURN_S = 0.5  # between two polls of a feed
_DAY_S = 86_400


@dataclass
class Newsroom:
    """What was published, and who heard of it how long after it was first seen, in seconds by receiver."""

    writer: Writer = field(default_factory=lambda: Writer(20_261_127))
    items: list[list[str]] = field(default_factory=lambda: [[] for _ in range(FEEDS)])
    published: int = 0
    heard: dict[str, dict[str, float]] = field(default_factory=dict)  # by receiver, by address of the article
    repeats: int = 0

    def publish(self, count: int) -> None:
        """So many articles more, each with a text of its own, spread over the feeds."""
        at = format_datetime(datetime.now(UTC), usegmt=True)
        for _ in range(count):
            self.published += 1
            text = " ".join(self.writer.paragraphs(_WORDS))
            self.items[self.published % FEEDS].append(
                f"<item><title>Sanctions: {escape(self.writer.headline())}</title>"
                f"<link>https://wire.example/{self.published}</link><guid>{self.published}</guid>"
                f"<pubDate>{at}</pubDate><description>{escape(text)}</description></item>"
            )

    def hear(self, receiver: str, body: Mapping[str, Any]) -> None:
        """An alert has arrived."""
        article = body["data"]["article"]
        after = (datetime.now(UTC) - datetime.fromisoformat(article["first_seen_at"])).total_seconds()
        heard = self.heard.setdefault(receiver, {})
        self.repeats += article["url"] in heard
        heard.setdefault(article["url"], after)

    async def feed(self, request: web.Request) -> web.Response:
        """The newest items of one feed."""
        items = "".join(reversed(self.items[int(request.match_info["number"])][-_LISTED:]))
        return web.Response(
            text=f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>",
            content_type="application/rss+xml",
        )


@asynccontextmanager
async def opened(hands: Crew, *, receivers: int, dead: int) -> AsyncIterator[Newsroom]:
    """Feeds, one subscription for all that they bring, and its receivers, ``dead`` of which never answer."""
    room, secret = Newsroom(), new_secret()
    app = web.Application()
    app.router.add_get("/{number}.xml", room.feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bells = [
        Bell(secret, ring=partial(room.hear, f"bell {n}"), refuse=lambda: None)
        for n in range(receivers - dead)
    ]
    for bell in bells:
        await bell.start()
    silent = [await asyncio.start_server(_never, "127.0.0.1", 0) for _ in range(dead)]
    urls = [bell.url for bell in bells]
    urls += [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/" for server in silent]
    await asyncio.to_thread(_declare, hands, urls, secret, runner.addresses[0][1])
    try:
        yield room
    finally:
        for server in silent:
            server.close()
        for bell in bells:
            await bell.stop()
        await runner.cleanup()


async def play(hands: Crew, room: Newsroom, *, per_second: float, seconds: float) -> None:
    """Publish at this rate; every feed is due each half a second."""
    begin = asyncio.get_running_loop().time()
    before = room.published
    while (passed := asyncio.get_running_loop().time() - begin) < seconds:
        room.publish(before + int(passed * per_second) - room.published)
        await asyncio.to_thread(_poll, hands)
        await asyncio.sleep(_TURN_S * random.uniform(0.9, 1.1))
    room.publish(before + int(seconds * per_second) - room.published)
    await asyncio.to_thread(_poll, hands)


async def _never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take what is sent, and say nothing."""
    with contextlib.suppress(asyncio.CancelledError, ConnectionError):
        while await reader.read(65_536):
            pass
    writer.close()


def _declare(hands: Crew, urls: list[str], secret: str, port: int) -> None:
    now = datetime.now(UTC)

    def work(tx: Tx) -> None:
        to = [
            channels.add(tx, name=f"channel {n}", url=url, secret=secret, now=now)
            for n, url in enumerate(urls)
        ]
        # Random texts may pass for the same event: each is to ring, and at once.
        policy = RingPolicy(follow_ups_s=0)
        subscriptions.add(tx, name="sanctions", query="sanction", channel_ids=to, policy=policy, now=now)
        for number in range(FEEDS):
            url = f"http://127.0.0.1:{port}/{number}.xml"
            feeds.add(tx, url=url, interval_s=_DAY_S, every_s=_DAY_S, full_text=FullText.NEVER, now=now)

    hands.store.write(work)


def _poll(hands: Crew) -> None:
    hands.store.write(lambda tx: feeds.poll_now(tx, None, datetime.now(UTC)))
