"""How long it takes from a feed's answer, or a hub's push, to a delivered alert, on an idle machine."""

from __future__ import annotations

import asyncio
import hmac
import random
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from statistics import quantiles
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, web

from benchmarks.crew import Crew, crew
from pipeline.channels.webhook import new_secret
from pipeline.core.model import FullText
from pipeline.core.policy import RingPolicy
from pipeline.core.websub import Offer
from pipeline.store import channels, feeds, hubs, subscriptions
from pipeline.store.engine import Tx
from workers.demo.bell import Bell

ITEM_S = 15.0  # the longest that one item may take
_DAY_S = 86_400


@dataclass
class _Wire:
    """A feed that lists the newest items, and when each was first served and rang (monotonic seconds)."""

    base_url: str = ""
    count: int = 0
    served: dict[int, float] = field(default_factory=dict)
    rang: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)  # from first_seen_at to the arrival, in seconds
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def document(self) -> str:
        """What the feed lists now."""
        at = format_datetime(datetime.now(UTC), usegmt=True)
        items = "".join(
            f"<item><title>Sanctions report {number}</title><link>https://wire.example/{number}</link>"
            f"<guid>{number}</guid><pubDate>{at}</pubDate></item>"
            for number in range(self.count, max(0, self.count - 20), -1)
        )
        self.served.setdefault(self.count, time.monotonic())
        return f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>"

    async def feed(self, _: web.Request) -> web.Response:
        return web.Response(text=self.document(), content_type="application/rss+xml")

    def ring(self, body: Mapping[str, Any]) -> None:
        article = body["data"]["article"]
        number = int(article["url"].rpartition("/")[2])
        self.rang.setdefault(number, time.monotonic())
        first_seen = datetime.fromisoformat(article["first_seen_at"])
        self.seen.setdefault(number, (datetime.now(UTC) - first_seen).total_seconds())
        self.heard.set()


def measure(database: str, *, items: int, push: bool = False) -> dict[str, Any]:
    """p50 and p95, in seconds, of ``items`` single items through real processes.

    They are polled by the scheduler or, with ``push``, pushed to the web process.
    """
    port = _free_port()
    with crew(database, PORT=str(port), TOCSIN_PUBLIC_URL=f"http://127.0.0.1:{port}") as hands:
        for kind in ("web" if push else "scheduler", "ingest", "deliver"):
            hands.start(kind)
        hands.ready(2)
        wire = asyncio.run(_play(hands, items, push=push))
    served = [wire.rang[number] - wire.served[number] for number in wire.rang if number > 1]
    seen = [wire.seen[number] for number in wire.seen if number > 1]
    return {
        "client": f"tocsin, {database}, {'pushed' if push else 'polled'}",
        "items": len(served),
        "served_to_delivered_s": _spread(served),
        "first_seen_to_delivered_s": _spread(seen),
    }


async def _play(hands: Crew, items: int, *, push: bool) -> _Wire:
    wire, secret = _Wire(), new_secret()
    app = web.Application()
    app.router.add_get("/feed.xml", wire.feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bell = Bell(secret, ring=wire.ring, refuse=lambda: None)
    await bell.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed.xml"
    chance = random.Random(1)
    try:
        for number in range(items + 1):  # the first one warms the processes up
            wire.count = number + 1
            wire.heard.clear()
            await asyncio.to_thread(_poll, hands, url, bell.url, secret, first=number == 0)
            if push:
                await _push(hands, wire)
            await asyncio.wait_for(wire.heard.wait(), ITEM_S)
            await asyncio.sleep(chance.uniform(0.1, 0.6))
    finally:
        await bell.stop()
        await runner.cleanup()
    return wire


def _poll(hands: Crew, url: str, bell_url: str, secret: str, *, first: bool) -> None:
    """Make the feed due; the first time, make the feed itself and who is to be told."""
    now = datetime.now(UTC)

    def declare(tx: Tx) -> None:
        bell = channels.add(tx, name="bell", url=bell_url, secret=secret, now=now)
        policy = RingPolicy(follow_ups_s=0)  # reports that are so much alike may be one event
        subscriptions.add(tx, name="sanctions", query="sanction", channel_ids=[bell], policy=policy, now=now)
        feeds.add(tx, url=url, interval_s=_DAY_S, every_s=_DAY_S, full_text=FullText.NEVER, now=now)

    hands.store.write(declare if first else lambda tx: feeds.poll_now(tx, None, now))


async def _push(hands: Crew, wire: _Wire) -> None:
    """Push as the feed's hub does; the web process may still be starting."""
    (row,) = await asyncio.to_thread(_hubs, hands)
    body = wire.document().encode()
    signed = hmac.new(row.secret.encode(), body, "sha256").hexdigest()
    headers = {"X-Hub-Signature": f"sha256={signed}", "Content-Type": "application/rss+xml"}
    url = f"http://127.0.0.1:{hands.settings.port}/websub/{row.token}"
    deadline = time.monotonic() + ITEM_S
    async with ClientSession() as session:
        while True:
            try:
                async with session.post(url, data=body, headers=headers) as answer:
                    answer.raise_for_status()
                    return
            except ClientConnectionError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)
                wire.served[wire.count] = time.monotonic()


def _hubs(hands: Crew) -> list[hubs.HubRow]:
    """The hub of the one feed, made where there is none."""
    offer = Offer(hub="http://127.0.0.1:9/", topic="http://127.0.0.1:9/feed.xml")

    def work(tx: Tx) -> list[hubs.HubRow]:
        (feed,) = feeds.rows(tx)
        hubs.offered(tx, {feed.id: offer}, datetime.now(UTC))
        row = hubs.of(tx, feed.id)
        return [] if row is None else [row]

    return hands.store.write(work)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _spread(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=20, method="inclusive")
    return {"p50": round(cuts[9], 3), "p95": round(cuts[18], 3), "max": round(max(values), 3)}
