"""A feed that hangs, drips or bursts costs its neighbours no time, on both databases and a real site."""

from __future__ import annotations

import asyncio
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from pipeline.core.addresses import Allow
from pipeline.fetch import Fetcher
from pipeline.flow import Poller
from pipeline.store import audit
from pipeline.store.engine import Store
from pipeline.store.tables import feeds, raw_items
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site

TIMEOUT_S = 2.5


def test_bad_feeds_do_not_delay_a_good_one(store: Store) -> None:
    """The good feed's item is committed at once, while the others still run; then each has its error."""
    bench = Bench(store)
    with Site() as site:
        packer = zlib.compressobj(wbits=31)
        bomb = packer.compress(b"<rss>" + b" " * 40_000_000) + packer.flush()
        many = "".join(f"<category>{n}</category>" for n in range(50_000))
        bad = {
            "hang": Reply(hang=True),
            "drip": Reply(body=b"<rss>" * 60, drip_s=1),
            "bomb": Reply(body=bomb, headers={"Content-Encoding": "gzip"}),
            "404": Reply(404),
            "html": Reply(body=b"<html><body>portal</body></html>"),
            "categories": Reply(body=f"<rss><channel><item>{many}</item></channel></rss>".encode()),
        }
        ids = {}
        for name, reply in bad.items():
            site.answer(f"/{name}", reply)
            ids[name] = bench.feed(site.url(f"/{name}"))
        site.answer("/good", Reply(body=rss(item(1, "Good news", "All is well."))))
        good = bench.feed(site.url("/good"))
        waited_s = asyncio.run(_poll(bench, good))
    assert waited_s < 2
    with store.read() as tx:
        errors = dict(tx.execute(select(feeds.c.id, feeds.c.last_error)).all())
        assert audit.check(tx) == []
    told = {name: errors[id_] or "" for name, id_ in ids.items()}
    assert "within 2.5 s" in told["hang"]
    assert "within 2.5 s" in told["drip"]
    assert "larger than 15000000 bytes when unpacked" in told["bomb"]
    assert "404 Not Found" in told["404"]
    assert "not a feed" in told["html"]
    assert not errors[good]


async def _poll(bench: Bench, good: int) -> float:
    """Poll all feeds; seconds until the good one's item was committed, while a bad one still ran."""
    fetcher = Fetcher(
        Allow.parse("127.0.0.1"),
        timeout_s=TIMEOUT_S,
        body_limit=5_000_000,
        document_limit=15_000_000,
        user_agent="Tocsin/test",
        concurrency=50,
    )
    async with fetcher:
        with ThreadPoolExecutor(1) as executor:
            poller = Poller(bench.ground, fetcher, executor)
            committer = asyncio.create_task(poller.commit_forever())
            began = time.monotonic()
            assert await poller.tick() == 7
            while not _committed(bench, good):  # noqa: ASYNC110 - a commit gives no event
                await asyncio.sleep(0.02)
            waited_s = time.monotonic() - began
            assert poller.running >= 2  # the one that hangs and the one that drips
            await poller.drain()
            committer.cancel()
    return waited_s


def _committed(bench: Bench, feed: int) -> bool:
    with bench.store.read() as tx:
        return tx.execute(select(raw_items.c.id).where(raw_items.c.feed_id == feed)).first() is not None
