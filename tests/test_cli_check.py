"""``./run feeds check`` against a real site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import Command
from tests.documents import rss
from tests.sites import Reply, Request, Site

TWO = rss(
    "<title>Talks resume</title><link>https://wire.test/1</link><description>Ministers met.</description>"
    "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>",
    "<title>Undated</title><link>https://wire.test/2</link>",
)

SENT = {
    "ETag": '"1"',
    "Content-Type": "application/rss+xml",
    "Link": '<https://hub.test/>; rel="hub", <https://wire.test/feed>; rel="self"',
}


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with one feed."""
    with Site() as opened:
        opened.answer("/feed", Reply(body=TWO, headers=SENT))
        yield opened


@pytest.fixture
def run(tmp_path: Path) -> Command:
    """The command line; the site may be reached."""
    return Command(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite3'}", TOCSIN_FETCH_ALLOW="127.0.0.1")


def test_a_feed_is_shown_and_not_kept(run: Command, site: Site, tmp_path: Path) -> None:
    """Title, entries, dates and validators are told; there is no database afterwards."""
    (seen,) = run.ok("feeds", "check", site.url("/feed"), "--json").lines
    assert (seen["title"], seen["format"], seen["complete"]) == ("Wire", "rss", True)
    assert (seen["entries"], seen["undated"], seen["newest_at"]) == (2, 1, "2026-11-23T10:00:00Z")
    assert (seen["validators"], seen["rejected"]) == (["etag"], [])
    assert seen["newest_titles"] == ["Talks resume", "Undated"]
    assert (seen["asked_again"], [one["word"] for one in seen["warnings"]]) == (
        200,
        ["no-304", "undated", "no-guid"],
    )
    assert seen["pace"].startswith("every ")
    assert seen["hub"] == "https://hub.test/"
    assert site.requests[1].headers["if-none-match"] == '"1"'
    shown = run.ok("feeds", "check", site.url("/feed")).out
    assert "Talks resume" in shown
    assert "no-304: asked whether it had changed, the server sent all of it again" in shown
    assert list(tmp_path.iterdir()) == []


def test_credentials_are_asked_for_and_sent(run: Command, site: Site) -> None:
    """A feed behind a password is checked with it."""

    def guarded(request: Request) -> Reply:
        known = request.headers.get("authorization") == "Basic YWRhOmdlaGVpbQ=="
        return Reply(body=TWO) if known else Reply(401)

    site.answer("/private", guarded)
    done = run.ok("feeds", "check", site.url("/private"), "--auth", "ada", "--json", stdin="geheim\n")
    assert done.lines[0]["entries"] == 2
    assert "geheim" not in done.out + done.err
    assert run.refused("feeds", "check", site.url("/private"), code=1) == "tocsin: the server answered 401"


def test_what_is_no_feed_says_why(run: Command, site: Site) -> None:
    """A page, an address that may not be reached and one that is none fail with one line each."""
    site.answer(
        "/page", Reply(body=b"<html><body>hello</body></html>", headers={"Content-Type": "text/html"})
    )
    told = run.refused("feeds", "check", site.url("/page"), code=1)
    assert "not a feed: its root is <html>" in told
    assert f"`./run feeds discover {site.url('/page')}`" in told
    refused = run.refused("feeds", "check", "http://10.0.0.1/feed", code=1)
    assert "10.0.0.1 is a special address; TOCSIN_FETCH_ALLOW does not name it" in refused
    assert "begins with https:// or http://" in run.refused("feeds", "check", "gopher://wire.test/")
