"""``./run feeds discover`` against a real site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Command
from tests.documents import atom, rss
from tests.sites import Reply, Site, redirect

FEED = rss("<title>Talks</title><guid>1</guid><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>")
ENTRY = "<title>a</title><id>urn:1</id><updated>2026-11-22T10:00:00Z</updated>"
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def run(tmp_path: Path) -> Command:
    """The command line; the site may be reached."""
    return Command(tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}", TOCSIN_FETCH_ALLOW="127.0.0.1")


def page(site: Site, body: str, **headers: str) -> str:
    """A page of the site; its address."""
    return site.answer("/", Reply(body=f"<!doctype html><html>{body}".encode(), headers=HTML | headers))


def test_linked_feeds_are_looked_at_and_listed(run: Command, site: Site, tmp_path: Path) -> None:
    """By header, link and anchor; two addresses of one feed are one, and what is no feed is told."""
    asked = page(
        site,
        '<link rel="feed" href="/old"><link rel="feed" href="/feed"><link rel="feed" href="/soft.rss">'
        '<link rel="feed" href="/none.rss"><a href="/guess.rss">x</a>',
        Link='</api>; rel="https://api.test/"',
    )
    site.answer("/old", redirect("/feed", 301))
    site.answer("/feed", Reply(body=FEED))
    site.answer("/soft.rss", Reply(body=b"<html>Sorry", headers=HTML))
    done = run.ok("feeds", "discover", asked, "--json")
    assert done.lines == [
        {
            "url": site.url("/feed"),
            "title": "Wire",
            "format": "rss",
            "items": 1,
            "newest_at": "2026-11-23T10:00:00Z",
            "how": "link",
        }
    ]
    assert f"{site.url('/soft.rss')}: The document is not a feed" in done.err
    assert f"{site.url('/none.rss')}: the server answered 404" in done.err
    assert "guess" not in done.err
    assert site.seen("/guess.rss")
    assert not site.seen("/rss.xml")
    assert not (tmp_path / "db.sqlite3").exists()


def test_several_link_headers_all_count(run: Command, site: Site) -> None:
    """Servers send one for each link."""
    several = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nLink: </a>; rel=feed\r\nLink: </b>; rel=feed\r\n\r\n<html>"
    )
    site.answer("/", Reply(raw=several))
    site.answer("/a", Reply(body=FEED))
    site.answer("/b", Reply(body=atom(ENTRY)))
    found = run.ok("feeds", "discover", site.url("/"), "--json").lines
    assert [(one["format"], one["how"]) for one in found] == [("rss", "header"), ("atom", "header")]


def test_a_page_about_feeds_is_read_for_them(run: Command, site: Site) -> None:
    """Newspapers list their feeds on a page of their own; nothing is followed further than there."""
    asked = page(site, "<a href=/rss>RSS feeds</a>")
    lists = b"<html><a href=/world.rss>World</a><a href=/more/rss>More RSS</a><a href=/rss>RSS</a>"
    site.answer("/rss", Reply(body=lists, headers=HTML))
    site.answer("/world.rss", Reply(body=FEED))
    site.answer("/more/rss", Reply(body=b"<html><a href=/far.rss>x</a>", headers=HTML))
    (found,) = run.ok("feeds", "discover", asked, "--json").lines
    assert (found["url"], found["how"]) == (site.url("/world.rss"), "anchor")
    assert sorted(request.path for request in site.requests) == ["/", "/more/rss", "/rss", "/world.rss"]


def test_usual_addresses_are_tried_only_where_none_is_linked(run: Command, site: Site) -> None:
    """One after another, until one is a feed; a page that says sorry with 200 is none."""
    asked = page(site, "<p>nothing")
    site.answer("/feed", Reply(body=b"<html>Sorry", headers=HTML))
    site.answer("/rss.xml", Reply(body=FEED))
    (found,) = run.ok("feeds", "discover", asked, "--json").lines
    assert (found["url"], found["how"]) == (site.url("/rss.xml"), "usual")
    assert [request.path for request in site.requests] == ["/", "/feed", "/rss", "/rss.xml"]
    site.answer("/rss.xml", Reply(404))
    assert "the page links to none" in run.refused("feeds", "discover", asked, code=1)
    assert "the server answered 404" in run.refused("feeds", "discover", site.url("/nowhere"), code=1)


def test_the_one_feed_is_added_and_of_several_none(run: Command, site: Site) -> None:
    """Which of several is wanted cannot be guessed."""
    site.answer("/feed", Reply(body=FEED))
    done = run.ok("feeds", "discover", site.url("/feed"), "--add", "--json")
    assert [one["how"] for one in done.lines] == ["itself"]
    assert f"feed 1 added: {site.url('/feed')}" in done.err
    assert [row["url"] for row in run.ok("feeds", "list", "--json").lines] == [site.url("/feed")]
    assert "already" in run("feeds", "discover", site.url("/feed"), "--add").err
    site.answer("/atom", Reply(body=atom(ENTRY)))
    asked = page(site, "<link rel=feed href=/feed><link rel=feed href=/atom>")
    done = run("feeds", "discover", asked, "--add")
    assert (done.code, "2 feeds were found" in done.err) == (2, True)
    assert len(run.ok("feeds", "list", "--json").lines) == 1


def test_no_special_address_is_reached(run: Command, site: Site) -> None:
    """Neither as the page, nor by its links or redirects, nor with credentials in the address."""
    asked = page(
        site, "<link rel=feed href=http://10.0.0.1/feed><link rel=feed href=/away><base href=//[::1]/>"
    )
    site.answer("/away", redirect("http://169.254.169.254/latest/feed"))
    done = run("feeds", "discover", asked)
    assert done.code == 1
    assert "http://10.0.0.1/feed: 10.0.0.1 is a special address" in done.err
    assert f"{site.url('/away')}: 169.254.169.254 is a special address" in done.err
    assert "10.0.0.1 is a special" in run.refused("feeds", "discover", "http://10.0.0.1/", code=1)
    refused = run.refused("feeds", "discover", site.url("/", user="ada:geheim"))
    assert "credentials do not belong in a URL" in refused


def test_only_so_many_links_are_followed(run: Command, site: Site) -> None:
    """A page cannot make us ask for thousands of addresses; how many were left is told."""
    asked = page(site, "".join(f"<a href=/{number}/rss>RSS</a>" for number in range(100)))
    for number in range(100):
        site.answer(f"/{number}/rss", Reply(body=FEED))
    done = run.ok("feeds", "discover", asked, "--json")
    assert len(done.lines) == 25
    assert len(site.requests) == 26
    assert "75 more links" in done.err
