"""The demo: what its outlets publish, how its site serves it, and the whole news day at high speed."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rich.console import Console

from pipeline.core.analyse import analyse
from pipeline.core.match import evaluate
from pipeline.core.page import Listed, judge
from pipeline.core.query import parse
from pipeline.core.split import split
from workers.demo import edition, pages
from workers.demo.clock import Clock
from workers.demo.edition import SUBSCRIPTIONS, Edition, Item
from workers.demo.ledger import Key, Ledger, Ring
from workers.demo.site import Site
from workers.demo.view import View

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def news() -> Edition:
    return edition.load()


def item_of(news: Edition, story: str) -> Item:
    return next(item for item in news.items if item.story == story)


def test_key_report_has_its_words_where_the_case_says(news: Edition) -> None:
    """The headline and summary are short; the words that ring stand 138 and 438 words into the page."""
    text = item_of(news, "security-talks").text
    words = [word.strip(",.") for word in " ".join(text.paragraphs).split()]
    assert text.title == "Russia to hold security talks with US next month"
    assert words[137:139] == ["imminent", "invasion"]
    assert words[437:439] == ["economic", "sanctions"]
    assert words.index("invasion") == 138
    assert words.index("sanctions") == 438


def test_every_item_rings_or_says_why_it_does_not(news: Edition) -> None:
    """Summaries are short, pages have an agency report's length, and no item's part in the day is unclear."""
    for item in news.items:
        assert bool(item.rings) != bool(item.silent), item.guid
        assert len(item.text.summary.split()) <= 30, item.guid
        assert 550 <= len(" ".join(item.text.paragraphs).split()) <= 1000, item.guid


def test_watched_words_stand_where_the_day_says(news: Edition) -> None:
    """The pipeline's own matcher finds each subscription in the summary, on the page or nowhere, as declared."""
    copies = {item for item in news.items if item.silent and item is not item_of(news, item.story)}
    for item in set(news.items) - copies:
        if item.days_before:
            continue
        feed = analyse(item.text.title, item.text.summary, "", "en")
        page = analyse(item.text.title, item.text.summary, "\n".join(item.text.paragraphs), "en")
        found = {}
        for name, query in SUBSCRIPTIONS.items():
            if evaluate(parse(query), page) is not None:
                found[name] = "page" if evaluate(parse(query), feed) is None else "summary"
        assert found == dict(item.rings), item.guid


def test_extracted_page_is_the_report_alone(news: Edition) -> None:
    """Navigation, adverts and other headlines, which hold watched words, are no part of a page's text."""
    for item in news.items[:6]:
        html = pages.article(item, [other for other in news.items if other is not item][:5]).encode()
        listed = Listed(url="http://127.0.0.1/x.html", title="", summary="", body="")
        page = judge(html, url=listed.url, content_type="text/html; charset=utf-8", listed=listed)
        for paragraph in item.text.paragraphs:
            assert paragraph[-60:] in page.text
        for foreign in (*pages.MOST_READ, "Advertisement", "All rights reserved"):
            assert foreign not in page.text


def with_site(news: Edition, act: Callable[[Site, aiohttp.ClientSession], Awaitable[None]]) -> None:
    async def run() -> None:
        site = Site(news)
        await site.start()
        try:
            async with aiohttp.ClientSession(site.base_url, auto_decompress=False) as client:
                await act(site, client)
        finally:
            await site.stop()

    asyncio.run(run())


def test_feeds_are_served_with_validators_and_gzip(news: Edition) -> None:
    """A feed comes compressed with an ETag, is not sent again while unchanged, and is when something new is in it."""

    async def act(site: Site, client: aiohttp.ClientSession) -> None:
        first, second = [item for item in news.items if item.outlet.key == "kestrel"][:2]
        site.publish(first, NOON)
        path, plain = first.outlet.feed_path, {"Accept-Encoding": "identity"}
        async with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            body, etag = gzip.decompress(await answer.read()), answer.headers["ETag"]
        async with client.get(path, headers=plain) as answer:
            assert await answer.read() == body
        async with client.get(path, headers={**plain, "If-None-Match": etag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        site.publish(second, NOON)
        async with client.get(path, headers={**plain, "If-None-Match": etag}) as answer:
            assert answer.status == 200
            assert second.text.title in (await answer.read()).decode()

    with_site(news, act)


def test_every_feed_can_be_cut_into_its_items(news: Edition) -> None:
    """RSS, Atom and JSON feeds hold one piece for each item, a correction in its original's place."""

    async def act(site: Site, client: aiohttp.ClientSession) -> None:
        for item in news.items:
            site.publish(item, NOON)
        for outlet in news.outlets:
            guids = {item.guid for item in news.items if item.outlet is outlet}
            async with client.get(outlet.feed_path, headers={"Accept-Encoding": "identity"}) as answer:
                kind, body = answer.headers["Content-Type"], await answer.read()
            document = split(body, content_type=kind, known=frozenset(), complete=True, items_limit=100)
            assert document.cut
            assert len(document.pieces) == document.seen == len(guids)
        corrected = next(item for item in news.items if item.corrected)
        async with client.get(corrected.page_path, headers={"Accept-Encoding": "identity"}) as answer:
            assert corrected.text.title in (await answer.read()).decode()

    with_site(news, act)


def test_links_carry_tracking_and_pages_do_without(news: Edition) -> None:
    """An outlet's feed decorates its links; the page answers with and without."""

    async def act(site: Site, client: aiohttp.ClientSession) -> None:
        item = item_of(news, "date-and-place")
        site.publish(item, NOON)
        async with client.get(item.outlet.feed_path, headers={"Accept-Encoding": "identity"}) as answer:
            feed = (await answer.read()).decode()
        assert f"{item.page_path}?utm_source=rss&amp;utm_medium=feed" in feed
        for path in (item.page_path, f"{item.page_path}?utm_source=rss"):
            async with client.get(path) as answer:
                assert answer.status == 200
        async with client.get("/kestrel/nothing.html") as answer:
            assert answer.status == 404

    with_site(news, act)


def test_site_is_settled_when_each_feed_was_asked_for_again(news: Edition) -> None:
    """What was published counts as stored only at the poll after the one that fetched it."""

    async def act(site: Site, client: aiohttp.ClientSession) -> None:
        settled = asyncio.ensure_future(site.settled())
        for _ in range(2):
            assert not settled.done()
            for outlet in news.outlets:
                await client.get(outlet.feed_path)
        await settled

    with_site(news, act)


def test_clock_maps_a_minute_to_the_day() -> None:
    """The day goes from six to ten in the evening in 60 s, or the part of it that the speed says."""
    clock = Clock(NOON, speed=2.0)
    assert clock.shows(NOON) == "06:00"
    assert clock.dusk_at - NOON == timedelta(seconds=30)
    assert clock.shows(clock.at(9 * 60 + 20)) == "09:20"


def body(item: Item, subscription: str, **match: Any) -> dict[str, Any]:
    found = {"field": "body", "text": "sanctions", "context": "new [bold]sanctions on banks", **match}
    article = {"url": f"http://127.0.0.1:1{item.page_path}", "title": item.text.title}
    return {"data": {"article": article, "subscription": {"name": subscription}, "matches": [found]}}


def test_ledger_tells_missing_surplus_and_good(news: Edition) -> None:
    """Each expected alert has to come once: a second one, a strange one or a lacking one is a fault."""
    ledger = Ledger(news)
    assert Key("sanctions", "security-talks") in ledger.missing
    for key, item in ledger.expected.items():
        ledger.published(item, NOON)
        assert ledger.received(body(item, key.subscription), NOON + timedelta(seconds=2)).delay_s == 2.0
    assert ledger.good
    mussels = item_of(news, "invasive-mussels")
    ledger.received(body(mussels, "invasion"), NOON)
    ledger.received(body(item_of(news, "security-talks"), "invasion"), NOON)
    assert ledger.surplus == [Key("invasion", "security-talks"), Key("invasion", "invasive-mussels")]
    assert not ledger.good


def test_alert_is_readable_without_colour(news: Edition) -> None:
    """The words that matched stand between asterisks, and markup in a text is not obeyed."""
    out = StringIO()
    ledger = Ledger(news)
    ring = ledger.received(body(item_of(news, "eu-list"), "sanctions"), NOON)
    View(Console(file=out, highlight=False, soft_wrap=True)).rang("20:31", ring)
    assert "20:31  RING  sanctions (from the page): EU publishes" in out.getvalue()
    assert "             new [bold]*sanctions* on banks\n" in out.getvalue()
    assert isinstance(ring, Ring)


@pytest.fixture
def day_at_high_speed(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    env |= {"TOCSIN_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "workers.cli", "demo", "--speed", "12"],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        yield process
        process.terminate()


@pytest.mark.timeout(100)
def test_news_day_passes_through_the_real_processes(day_at_high_speed: subprocess.Popen[str]) -> None:
    """Every expected alert comes exactly once through the real processes, and the demo says so and exits with 0."""
    said, _ = day_at_high_speed.communicate(timeout=90)
    assert "Every alert came exactly once, and none that should not." in said, said
    assert day_at_high_speed.returncode == 0, said
    assert "Traceback" not in said
