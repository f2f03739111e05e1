"""The address guard stands before every purpose: here feeds, pages and hubs.

Webhooks are in test_channels_webhook.py, discovery and lists by URL in test_cli_discover.py and test_cli_lists.py,
and what no resolver can undo, in test_fetch_guard.py.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from pipeline.core.model import FullText
from pipeline.core.websub import Offer
from pipeline.flow.websub import Asker
from pipeline.store import feeds, hubs
from pipeline.store.tables import feed_hubs, pages
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site, redirect

#: 10.0.0.1 in as many spellings; the bench allows 127.0.0.1 for feeds and pages, and for nothing else.
SPELLINGS = (
    "10.0.0.1",
    "167772161",
    "0x0a.0.0.1",
    "012.0.0.1",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::a00:1]",
    "[2002:a00:1::]",
    "[2001:0:4136:e378:8000:63bf:f5ff:fffe]",
    "[fd00::1]",
)
REFUSED = ("refused", "special", "cannot be resolved", "usable")


def _is_refusal(text: str) -> bool:
    return any(word in text for word in REFUSED)


def test_no_feed_is_polled_there(bench: Bench) -> None:
    """Each fails with a reason, and none is asked."""
    for host in SPELLINGS:
        bench.feed(f"http://{host}/feed")
    bench.poll()
    with bench.store.read() as tx:
        told = [row.last_error for row in feeds.rows(tx)]
    assert len(told) == len(SPELLINGS)
    assert all(map(_is_refusal, told)), told


@pytest.mark.parametrize("robots", [True, False])
def test_no_page_is_fetched_there_nor_by_a_redirect(bench: Bench, site: Site, robots: bool) -> None:
    """Nor is robots.txt, where that is asked for first; the article keeps its feed's text."""
    links = [f"http://{host}/page" for host in SPELLINGS]
    links += [site.answer(f"/away/{n}", redirect(link)) for n, link in enumerate(links)]
    listed = (item(n, f"Story {n}", "Short.", link=link) for n, link in enumerate(links))
    bench.feed(site.answer("/feed", Reply(body=rss(*listed))), full_text=FullText.ALWAYS)
    bench.with_policy(robots=robots)
    bench.run()
    bench.fetch_pages()
    with bench.store.read() as tx:
        told = [tuple(row) for row in tx.execute(select(pages.c.state, pages.c.error))]
    assert len(told) == len(links)
    assert all(state != "fetched" for state, _ in told), told
    unread = "robots-unreachable"
    assert all(_is_refusal(error) or (robots and error.startswith(unread)) for _, error in told), told


def test_no_hub_is_asked_there(bench: Bench, site: Site) -> None:
    """A stranger's feed names the hub; the operator's network is none of its business."""
    bench.with_policy(websub=True)
    for n, host in enumerate(SPELLINGS):
        id_ = bench.feed(site.url(f"/{n}"))
        offer = Offer(hub=f"http://{host}/hub", topic=site.url(f"/{n}"))
        bench.store.write(lambda tx, id_=id_, offer=offer: hubs.offered(tx, {id_: offer}, bench.now))

    async def ask() -> int:
        async with bench.fetcher() as fetcher:
            with ThreadPoolExecutor(1) as executor:
                return await Asker(bench.ground, fetcher, executor, "https://alarm.example").tick()

    assert asyncio.run(ask()) == len(SPELLINGS)
    with bench.store.read() as tx:
        told = [row.error for row in tx.execute(select(feed_hubs))]
    assert all(map(_is_refusal, told)), told
