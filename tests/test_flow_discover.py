"""Discovery where servers do not answer."""

from __future__ import annotations

import asyncio

from pipeline.core.model import Response
from pipeline.fetch import Fetcher
from pipeline.flow.discover import Discovery, discover
from pipeline.flow.look import Look, look
from tests.documents import NOW, rss
from tests.fetching import HERE
from tests.sites import Reply, Site


def found(url: str) -> Discovery:
    """What is found in a quarter of a second."""

    def read(answer: Response) -> Look:
        return look(answer, items_limit=500, cut=True, now=NOW)

    async def run() -> Discovery:
        limits = {"timeout_s": 9.0, "body_limit": 10**6, "document_limit": 10**6, "concurrency": 9}
        async with Fetcher(HERE, user_agent="Tocsin/test", proxies={}, **limits) as fetcher:
            return await discover(fetcher, url, read, patience_s=0.25)

    return asyncio.run(run())


def test_links_that_do_not_answer_cost_no_more_than_patience(site: Site) -> None:
    """What has answered is told, and so is what has not; guesses that hang end likewise."""
    links = "".join(f"<link rel=feed href=/{name}>" for name in ("hang", "feed"))
    site.answer("/", Reply(body=f"<html>{links}".encode()))
    site.answer("/hang", Reply(hang=True))
    site.answer("/feed", Reply(body=rss("<title>a</title>")))
    seen = found(site.url("/"))
    assert [one.candidate.url for one in seen.feeds] == [site.url("/feed")]
    assert [(one.url, reason) for one, reason in seen.failed] == [
        (site.url("/hang"), "no answer within 0.25 s")
    ]
    site.answer("/", Reply(body=b"<html>"))
    site.answer("/feed", Reply(hang=True))
    assert found(site.url("/")).feeds == ()
