"""Pages on both databases and a real site: asked for as a guest, judged, and never taken for what they are not."""

from __future__ import annotations

import dataclasses
import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import select

from pipeline.core.model import FullText
from pipeline.flow import extract_pages, robots, tend
from pipeline.store import articles, audit, blocks, dead_letters, pages, status, trace, warnings
from pipeline.store.tables import pages as table
from tests.ground import Bench
from tests.layouts.texts import HARBOUR
from tests.newswire import item, rss
from tests.sites import Reply, Request, Site, redirect

HTML = {"Content-Type": "text/html; charset=utf-8"}
MORE = HARBOUR.sentences[-1]


def article(body: str = "", head: str = "") -> Reply:
    """The harbour's page, or another body in its place."""
    text = f"<html><head><title>{HARBOUR.title}</title>{head}</head><body><article>{body or HARBOUR.html()}</article>"
    return Reply(body=text.encode(), headers=HTML)


def list_them(bench: Bench, site: Site, *paths: str) -> int:
    """A feed whose items lead to these paths, polled; its id."""
    items = [
        item(n, f"{HARBOUR.title} ({n})", HARBOUR.summary, link=site.url(path))
        for n, path in enumerate(paths)
    ]
    feed = bench.feed(site.answer("/feed", Reply(body=rss(*items))), full_text=FullText.ALWAYS)
    bench.run()
    return feed


def fetch(bench: Bench) -> int:
    """Fetch what is due and take the texts; how many pages were asked for."""
    count = bench.fetch_pages()
    for ids in bench.pushed["pages"]:
        extract_pages(bench.ground, bench.live, ids)
    bench.pushed["pages"].clear()
    return count


def states(bench: Bench) -> list[tuple[str, str]]:
    """State and reason of each page, in order."""
    with bench.store.read() as tx:
        return [tuple(row) for row in tx.execute(select(table.c.state, table.c.reason).order_by(table.c.id))]


def bodies(bench: Bench) -> list[str]:
    """The articles' texts."""
    with bench.store.read() as tx:
        return [row.body for row in reversed(articles.rows(tx))]


def test_robots_txt_is_asked_once_and_obeyed(bench: Bench, site: Site) -> None:
    """Pages that it forbids are never asked for, also where a redirect leads to them; the feed is polled."""
    site.answer(
        "/robots.txt",
        Reply(body=b"User-agent: *\nDisallow: /closed\n", headers={"Content-Type": "text/plain"}),
    )
    site.answer("/closed/1", article())
    site.answer("/way", redirect("/closed/1"))
    site.answer("/open", article())
    list_them(bench, site, "/closed/1", "/way", "/open")
    fetch(bench)
    assert states(bench) == [("skipped", "robots"), ("skipped", "robots"), ("done", "")]
    assert site.seen("/closed/1") == []
    assert len(site.seen("/robots.txt")) == 1
    assert site.seen("/robots.txt")[0].headers["user-agent"].startswith("Tocsin/")


def test_robots_txt_that_cannot_be_read_forbids_for_a_while(bench: Bench, site: Site) -> None:
    """A server's fault is no permission; when it answers again, the page is fetched."""
    site.answer("/robots.txt", Reply(503), Reply(404))
    site.answer("/a", article())
    list_them(bench, site, "/a")
    fetch(bench)
    assert states(bench) == [("due", "robots-unreachable")]
    assert site.seen("/a") == []
    bench.pass_by(minutes=16)
    fetch(bench)
    assert states(bench) == [("done", "")]


def test_an_operator_may_leave_robots_txt_unasked(bench: Bench, site: Site) -> None:
    """TOCSIN_ROBOTS=0."""
    bench.with_policy(robots=False)
    site.answer("/a", article())
    list_them(bench, site, "/a")
    fetch(bench)
    assert states(bench) == [("done", "")]
    assert site.seen("/robots.txt") == []


def test_what_is_no_page_is_refused_before_its_body_is_read(bench: Bench, site: Site) -> None:
    """The server would drip a film for hours; its type is enough."""
    site.answer("/film", Reply(body=b"x" * 100_000, headers={"Content-Type": "video/mp4"}, drip_s=1.0))
    list_them(bench, site, "/film")
    fetch(bench)
    assert states(bench) == [("skipped", "content-type")]


def test_a_visit_ends_before_its_page_is_given_out_again(bench: Bench, site: Site) -> None:
    """A site whose every hop takes its time would have more requests under way than its share."""
    bench.with_policy(robots=False, lease_s=0.5)
    for hop in range(5):
        site.answer(f"/{hop}", dataclasses.replace(redirect(f"/{hop + 1}"), delay_s=0.2))
    list_them(bench, site, "/0")
    fetch(bench)
    assert states(bench) == [("due", "timeout")]
    assert site.seen("/4") == []


@pytest.mark.parametrize("sign", ["header", "page"])
def test_a_site_that_wants_proof_of_a_person_is_left_alone(bench: Bench, site: Site, sign: str) -> None:
    """No other page of it is asked for meanwhile, the operator is told, and the page is fetched afterwards."""
    challenge = Reply(403, headers={"cf-mitigated": "challenge"})
    if sign == "page":
        challenge = article("<h1>Just a moment...</h1><p>Checking your browser before you come in.</p>")
        challenge = Reply(
            body=challenge.body.replace(HARBOUR.title.encode(), b"Just a moment..."), headers=HTML
        )
    site.answer("/a", challenge, article())
    site.answer("/b", article())
    feed = list_them(bench, site, "/a")
    fetch(bench)
    assert states(bench) == [("due", "challenge")]
    site.answer(
        "/feed",
        Reply(body=rss(item(5, f"Second day: {HARBOUR.title}", HARBOUR.summary, link=site.url("/b")))),
    )
    bench.pass_by(minutes=10)
    bench.run()
    fetch(bench)
    assert site.seen("/b") == []
    with bench.store.read() as tx:
        assert [one.word for one in warnings.of(tx, [feed])[feed]] == ["blocked"]
        assert [one.cause for one in status.troubles(tx, failing_before=bench.now)] == [f"block:{site.host}"]
        assert list(status.counts(tx).blocked) == [site.host]
    bench.pass_by(hours=1)
    fetch(bench)
    assert states(bench) == [("done", ""), ("done", "")]
    with bench.store.read() as tx:
        assert (blocks.rows(tx), warnings.of(tx, [feed])) == ([], {})


def test_a_host_that_refuses_again_and_again_is_asked_ever_more_rarely(bench: Bench, site: Site) -> None:
    """Three refusals in a row are one of the host; then each rest is four times as long, and pages give up."""
    paths = [f"/p{n}" for n in range(8)]
    for path in paths:
        site.answer(path, Reply(403))
    list_them(bench, site, *paths)
    fetch(bench)
    asked = sum(len(site.seen(path)) for path in paths)
    assert 3 <= asked <= 4  # one may have been under way
    rests = []
    while any(state == "due" for state, _ in states(bench)):
        with bench.store.read() as tx:
            (block,) = blocks.rows(tx)
        assert block.until is not None
        rests.append(block.until - bench.now)
        bench.now = block.until
        fetch(bench)
    assert rests == [timedelta(hours=1), timedelta(hours=4), timedelta(hours=16)]
    assert sum(len(site.seen(path)) for path in paths) <= asked + 6
    assert {reason for _, reason in states(bench)} == {"refused", "blocked"}


def test_a_delay_that_robots_txt_asks_for_is_kept_between_pages(bench: Bench, site: Site) -> None:
    """Up to half a minute; here ten seconds."""
    site.answer("/robots.txt", Reply(body=b"User-agent: tocsin\nCrawl-delay: 10\n"))
    for path in ("/a", "/b"):
        site.answer(path, article())
    list_them(bench, site, "/a", "/b")
    assert fetch(bench) == 1
    bench.pass_by(seconds=9)
    assert fetch(bench) == 0
    bench.pass_by(seconds=1)
    assert fetch(bench) == 1


def test_a_page_that_is_no_article_leaves_the_feeds_text_and_says_why(bench: Bench, site: Site) -> None:
    """A paywall, a page that is not there, one that is another every time: counted, and told by trace."""
    visits = iter(range(9))

    def another(_: Request) -> Reply:
        return article(
            f"<p>{'Mattress number ' + str(next(visits)) + ' is soft, wide and cheap today. ' * 9}</p>"
        )

    site.answer(
        "/wall", article(HARBOUR.html(first=1, last=2) + "<p>Subscribe to read on, to continue reading.</p>")
    )
    site.answer(
        "/gone", article("<h1>Page not found</h1><p>We are sorry, try the search instead of this.</p>")
    )
    site.answer("/ever", another)
    bench.subscribe("mattress OR sorry OR dredging", channel_url=site.url("/hook"))
    list_them(bench, site, "/wall", "/gone", "/ever")
    before = bodies(bench)
    fetch(bench)
    assert states(bench) == [("skipped", "paywall"), ("skipped", "not-found"), ("due", "doubtful")]
    bench.pass_by(seconds=6)
    fetch(bench)
    assert states(bench)[2] == ("skipped", "differs")
    assert bodies(bench) == before
    assert bench.pushed["deliver"] == []
    with bench.store.read() as tx:
        assert status.counts(tx).refused == {"differs": 1, "not-found": 1, "paywall": 1}
        row = articles.rows(tx)[-1]
        fact = trace.article(tx, row).page
    assert fact is not None
    assert fact.error.startswith("paywall: ")


def test_a_doubtful_text_is_taken_when_a_second_visit_shows_it_too(bench: Bench, site: Site) -> None:
    """It bears the entry's headline, and shares no word with it."""
    site.answer("/gulls", article("<p>" + "Gulls sat on every bollard, and a kettle was on the boil. " * 5))
    list_them(bench, site, "/gulls")
    fetch(bench)
    assert states(bench) == [("due", "doubtful")]
    bench.pass_by(seconds=6)
    fetch(bench)
    assert states(bench) == [("done", "")]
    assert len(site.seen("/gulls")) == 2


def test_an_amp_page_makes_its_article_known_by_the_canonical_address(bench: Bench, site: Site) -> None:
    """Another feed that lists that address lists the same article."""
    canonical = site.url("/2026/harbour-strike-4711")
    site.answer("/amp/2026/harbour-strike-4711", article(head=f'<link rel="canonical" href="{canonical}">'))
    list_them(bench, site, "/amp/2026/harbour-strike-4711")
    fetch(bench)
    assert MORE in bodies(bench)[0]
    other = rss(item(9, "Another headline", "Some quite other summary.", link=canonical))
    bench.feed(site.answer("/other", Reply(body=other)))
    bench.run()
    with bench.store.read() as tx:
        (row,) = articles.rows(tx)
    assert len(row.feeds) == 2


def test_a_page_that_kills_its_worker_is_buried_and_holds_up_no_other(bench: Bench, site: Site) -> None:
    """Three workers died over it; its neighbour, which they had in hand too, is read in a job of its own."""
    site.answer("/a", article())
    site.answer("/b", article())
    list_them(bench, site, "/a", "/b")
    bench.fetch_pages()
    both = [id_ for ids in bench.pushed["pages"] for id_ in ids]
    for _ in range(3):  # what a worker commits before its work begins
        bench.store.write(lambda tx: pages.take(tx, both, now=bench.now, lease_s=60))
        bench.pushed["pages"].clear()
        bench.pass_by(seconds=61)
        tend.sweep(bench.ground, lambda _hop: None)
        assert bench.pushed["pages"] == [[id_] for id_ in both]
        neighbour = both.pop() if len(both) > 1 else None
        if neighbour is not None:
            assert extract_pages(bench.ground, bench.live, [neighbour]).poisoned == ()
    (line,) = extract_pages(bench.ground, bench.live, both).poisoned
    assert "worker-died" in line
    assert [state for state, _ in states(bench)] == ["dead", "done"]
    with bench.store.read() as tx:
        assert [letter.ref_id for letter in dead_letters.rows(tx, stage="page")] == both
        assert audit.check(tx) == []


def test_long_files_of_many_sites_do_not_fill_the_memory() -> None:
    """Hundreds of origins may each have half a megabyte of rules; they are obeyed all the same."""
    tracemalloc.start()
    for origin in range(5):
        rules = robots._rules("".join(f"disallow: /{origin}/{n}\n" for n in range(5_000)))
        assert not rules.allows(f"https://a.example/{origin}/4999")
    del rules
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
