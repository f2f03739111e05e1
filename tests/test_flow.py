"""The spine, step by step, on both databases and a real site."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from pipeline.core.analyse.detect import _identifier
from pipeline.core.model import FullText
from pipeline.flow import extract_pages, search, tend
from pipeline.flow.ingest import ingest
from pipeline.store import alerts, articles, audit, dead_letters, feeds
from pipeline.store.engine import Store
from pipeline.store.tables import polls as polls_table
from pipeline.store.tables import raw_items
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Request, Site, conditional
from tests.test_end_to_end import page


def rung(bench: Bench, *, backlog: bool = False) -> list[str]:
    """Titles of the alerts that exist, oldest first."""
    with bench.store.read() as tx:
        return [row.title for row in reversed(alerts.rows(tx, backlog=backlog))]


def outcomes(bench: Bench) -> list[tuple[str, int, int, int]]:
    """Outcome, seen, new and known of each poll, in order."""
    columns = polls_table.c
    with bench.store.read() as tx:
        found = tx.execute(
            select(columns.outcome, columns.seen, columns.new, columns.known).order_by(columns.id)
        )
        return [tuple(row) for row in found]


def true_to_account(bench: Bench) -> bool:
    """Whether everything that was seen has its fate."""
    with bench.store.read() as tx:
        return audit.check(tx) == []


def test_a_poll_with_nothing_new_commits_and_pushes_no_job(bench: Bench, site: Site) -> None:
    """A 304, and a changed document with the same items, leave a poll row and no job."""
    body = rss(item(1, "One", "First."))
    bench.feed(site.answer("/feed", conditional(body)))
    bench.run()
    bench.pass_by(hours=1)
    bench.poll()
    bench.pass_by(hours=1)
    site.answer("/feed", conditional(body.replace(b"The Wire", b"The Wires")))
    bench.poll()
    assert bench.pushed["ingest"] == []
    assert outcomes(bench) == [("new", 1, 1, 0), ("not_modified", 0, 0, 0), ("unchanged", 1, 0, 1)]
    assert true_to_account(bench)


def test_validators_go_back_as_they_came(bench: Bench, site: Site) -> None:
    """An odd ETag and Last-Modified are sent back to the letter."""
    headers = {"ETag": 'W/"a b"', "Last-Modified": "yesterday, or so"}
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "First.")), headers=headers)))
    bench.run()
    bench.pass_by(hours=1)
    bench.poll()
    second = site.seen("/feed")[1].headers
    assert (second["if-none-match"], second["if-modified-since"]) == ('W/"a b"', "yesterday, or so")


def test_old_news_of_a_first_poll_is_backlog_and_leaves_the_slot_to_a_live_copy(
    bench: Bench, site: Site
) -> None:
    """What the first poll brings from yesterday is matched and not delivered; another feed's live copy rings."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    old = item(1, "Old invasion", "It began.", link="https://a.example/x", at=bench.now - timedelta(days=1))
    bench.feed(site.answer("/a", Reply(body=rss(old))))
    bench.run()
    assert (rung(bench), rung(bench, backlog=True)) == ([], ["Old invasion"])
    assert bench.pushed["deliver"] == []
    other = item(
        9, "Old invasion", "It began.", link="https://a.example/x?utm_source=b", at=bench.now, name="b"
    )
    bench.feed(site.answer("/b", Reply(body=rss(other))))
    bench.run()
    assert rung(bench) == ["Old invasion"]
    assert len(bench.pushed["deliver"]) == 1


def test_what_only_the_page_of_old_news_said_rings_when_a_live_copy_comes(bench: Bench, site: Site) -> None:
    """The page's words were matched as backlog; another feed lists the address as live news: they ring."""
    bench.subscribe('"imminent invasion"', channel_url=site.url("/hook"))
    body = page("Talks next month", "The talks follow warnings of an imminent invasion.")
    link = site.answer("/p", Reply(body=body, headers={"Content-Type": "text/html"}))
    old = item(1, "Talks next month", "They will talk.", link=link, at=bench.now - timedelta(days=1))
    bench.feed(site.answer("/a", Reply(body=rss(old))), full_text=FullText.AUTO)
    bench.run()
    bench.pass_by(minutes=10)
    assert bench.fetch_pages() == 1
    extract_pages(bench.ground, bench.live, bench.pushed["pages"].pop())
    assert (rung(bench), rung(bench, backlog=True)) == ([], ["Talks next month"])
    live = item(9, "Talks next month", "They will talk.", link=link, at=bench.now, name="b")
    bench.feed(site.answer("/b", Reply(body=rss(live))), full_text=FullText.AUTO)
    bench.run()
    assert rung(bench) == ["Talks next month"]
    assert len(bench.pushed["deliver"]) == 1


def test_undated_items_of_a_first_poll_ring(bench: Bench, site: Site) -> None:
    """What does not say that it is old is told."""
    bench.subscribe("invasion")
    undated = rss("<item><guid>u</guid><title>Invasion</title><description>Now or then.</description></item>")
    bench.feed(site.answer("/feed", Reply(body=undated)))
    bench.run()
    assert rung(bench) == ["Invasion"]


def test_a_changed_entry_rings_once_if_it_did_not_before(bench: Bench, site: Site) -> None:
    """A word that comes with an edit rings; a further edit does not ring again."""
    bench.subscribe("invasion")
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "Quiet", "All is calm.")))))
    bench.run()
    assert rung(bench) == []
    for summary in ("An invasion began.", "An invasion began at dawn."):
        bench.pass_by(hours=1)
        site.answer("/feed", Reply(body=rss(item(1, "Quiet", summary))))
        (done,) = [bench.run()]
        assert (done.articles, done.updates) == (0, 1)
    assert rung(bench) == ["Quiet"]
    assert true_to_account(bench)


def test_one_article_for_one_address_over_feeds_and_one_alert(bench: Bench, site: Site) -> None:
    """Two feeds that list the same address, one with tracking parameters, make one article."""
    bench.subscribe("sanction")
    first = item(1, "Sanctions", "On oil.", link="https://n.example/1?utm_medium=rss")
    second = item(7, "Sanctions", "On oil.", link="https://n.example/1", name="other")
    bench.feed(site.answer("/a", Reply(body=rss(first))))
    bench.feed(site.answer("/b", Reply(body=rss(second))))
    bench.poll()
    done = bench.ingest()
    assert sum(one.articles for one in done) == 1
    assert sum(one.duplicates for one in done) == 1
    assert rung(bench) == ["Sanctions"]


def test_a_page_rings_for_what_the_summary_does_not_say_and_not_twice(bench: Bench, site: Site) -> None:
    """The summary's word rings at once, the page's word when it is here; a word of both rings once."""
    bench.subscribe("talks")
    bench.subscribe('"imminent invasion"')
    body = page("Talks next month", "The talks follow warnings of an imminent invasion.")
    site.answer("/p", Reply(body=body, headers={"Content-Type": "text/html"}))
    bench.feed(
        site.answer(
            "/feed", Reply(body=rss(item(1, "Talks next month", "They will talk.", link=site.url("/p"))))
        ),
        full_text=FullText.AUTO,
    )
    bench.run()
    assert len(rung(bench)) == 1
    assert bench.fetch_pages() == 1
    (ids,) = bench.pushed["pages"]
    extract_pages(bench.ground, bench.live, ids)
    assert len(rung(bench)) == 2
    extract_pages(bench.ground, bench.live, ids)
    assert len(rung(bench)) == 2
    (found,) = search(bench.store, '"imminent invasion"', limit=5)
    assert found[1][0].field == "body"
    assert found[0].body[found[1][0].start : found[1][0].end].lower() == "imminent invasion"


def test_an_article_of_a_feed_without_language_rings_and_is_found_in_its_own(
    bench: Bench, site: Site
) -> None:
    """Nobody names the language: it is told from the text, and stream and archive read the text in it."""
    bench.subscribe("Sanktion", channel_url=site.url("/hook"))
    german = item(1, "EU beschließt neue Sanktionen gegen Moskau", "Die Außenminister stimmten am Montag zu.")
    short = item(2, "42:17", "+++")
    body = rss(german, short).replace(b"<language>en</language>", b"")
    bench.feed(site.answer("/feed", Reply(body=body)))
    bench.run()
    assert rung(bench) == ["EU beschließt neue Sanktionen gegen Moskau"]
    (found, _), *others = search(bench.store, "Sanktion", limit=9)
    assert (found.language, others) == ("de", [])
    with bench.store.read() as tx:
        assert articles.languages(tx) == {"de", None}


def test_loading_the_identifier_counts_against_no_document(bench: Bench, site: Site) -> None:
    """The first text whose language must be told takes longer than its CPU limit, and is stored all the same."""
    _identifier.cache_clear()
    feed = rss(item(1, "Neue Sanktionen gegen Moskau beschlossen", "Die Minister stimmten am Montag zu."))
    bench.feed(site.answer("/feed", Reply(body=feed.replace(b"<language>en</language>", b""))))
    bench.poll()
    bench.with_policy(cpu_limit_s=0.1)
    (done,) = bench.ingest()
    assert (done.articles, done.poisoned) == (1, ())
    with bench.store.read() as tx:
        assert articles.languages(tx) == {"de"}


def test_a_page_tells_the_language_that_the_feed_left_open(bench: Bench, site: Site) -> None:
    """What the feed says is too short to tell; the page's text is read in the language it is found to be in."""
    bench.subscribe("Sanktion", channel_url=site.url("/hook"))
    said = "Die Außenminister haben am Montag neue Sanktionen gegen die Regierung in Moskau beschlossen. " * 5
    body = f"<html><body><article><h1>42</h1><p>{said}</p></article></body></html>".encode()
    link = site.answer("/p", Reply(body=body, headers={"Content-Type": "text/html"}))
    feed = rss(item(1, "42", "...", link=link)).replace(b"<language>en</language>", b"")
    bench.feed(site.answer("/feed", Reply(body=feed)), full_text=FullText.AUTO)
    bench.run()
    assert rung(bench) == []
    assert bench.fetch_pages() == 1
    extract_pages(bench.ground, bench.live, *bench.pushed["pages"])
    assert rung(bench) == ["42"]
    (found, _), *_ = search(bench.store, "Sanktion", limit=9)
    assert found.language == "de"


def test_a_fetch_that_fails_is_kept_on_the_feed_and_stops_no_other(bench: Bench, site: Site) -> None:
    """One feed answers 500, one is refused by the guard, one works: the error stands on each, items come."""
    bad = bench.feed(site.answer("/bad", Reply(500)))
    inside = bench.feed("http://127.0.0.2:9/feed")
    bench.feed(site.answer("/good", Reply(body=rss(item(1, "One", "First.")))))
    assert bench.run().articles == 1
    with bench.store.read() as tx:
        assert "500" in feeds.find(tx, str(bad)).last_error
        assert "special address" in feeds.find(tx, str(inside)).last_error
        assert feeds.find(tx, str(bad)).failures == 1
    assert true_to_account(bench)


@pytest.mark.usefixtures("uncollected")
def test_an_item_that_burns_cpu_dies_after_three_attempts_and_its_neighbours_live(
    bench: Bench, site: Site
) -> None:
    """With no CPU to spend each attempt is counted; the third sends the item to the dead letters."""
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "<p>word <b>for</b> word</p>" * 20_000)))))
    bench.poll()
    generous = bench.policy
    bench.with_policy(cpu_limit_s=0.005)
    done = bench.ingest()
    assert [bool(one.poisoned) for one in done] == [False, False, True]
    with bench.store.read() as tx:
        (letter,) = dead_letters.rows(tx)
    assert "cpu-limit" in letter.cause
    assert true_to_account(bench)
    bench.policy = generous
    again = ingest(bench.ground, bench.live, [letter.ref_id])
    assert again.articles == 1, "pressing requeue brings it back"


def test_a_feed_that_cannot_be_stored_takes_no_neighbour_with_it(bench: Bench, site: Site) -> None:
    """The database refuses one feed's article: the other feed's article is stored in the same job."""
    _refuse(bench.store, "Poison")
    bench.feed(
        site.answer("/a", Reply(body=rss(item(1, "Poison", "Bad."), item(2, "Bread", "Good.", name="a"))))
    )
    bench.feed(site.answer("/b", Reply(body=rss(item(1, "Wine", "Good.", name="b")))))
    bench.poll()
    done = bench.ingest()
    assert sum(one.articles for one in done) == 2
    assert [line for one in done for line in one.poisoned if "item" in line]
    assert true_to_account(bench)


def _refuse(store: Store, title: str) -> None:
    """Let the database refuse articles of this title."""
    with store.begin() as tx:
        if store.sqlite:
            tx.execute(
                text(
                    f"CREATE TRIGGER refuse BEFORE INSERT ON articles WHEN NEW.title = '{title}' "
                    "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
                )
            )
        else:
            tx.execute(text(f"ALTER TABLE articles ADD CONSTRAINT refuse CHECK (title <> '{title}')"))


@pytest.fixture(autouse=True)
def _unrefuse(store: Store) -> Iterator[None]:
    yield
    with store.begin() as tx:
        if not store.sqlite:
            tx.execute(text("ALTER TABLE articles DROP CONSTRAINT IF EXISTS refuse"))


def test_an_older_poll_never_overwrites_a_newer_one(bench: Bench, site: Site) -> None:
    """When jobs change places, the entry keeps the text of its newer poll."""
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "Old title", "Text.")))))
    bench.poll()
    site.answer("/feed", Reply(body=rss(item(1, "New title", "Text."))))
    bench.pass_by(hours=1)
    bench.poll()
    bench.pushed["ingest"].reverse()
    bench.ingest()
    with bench.store.read() as tx:
        assert [row.title for row in articles.rows(tx)] == ["New title"]
    assert true_to_account(bench)


def test_a_job_that_runs_twice_does_nothing_the_second_time(bench: Bench, site: Site) -> None:
    """The same ids again find no open item."""
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "First.")))))
    bench.poll()
    (ids,) = bench.pushed["ingest"]
    assert ingest(bench.ground, bench.live, ids).articles == 1
    assert ingest(bench.ground, bench.live, ids).items == 0


def test_cut_and_whole_bring_the_same(bench: Bench, site: Site) -> None:
    """With cutting switched off the same articles are stored, and a known document makes no job either."""
    bench.with_policy(split=False)
    body = rss(*(item(number, f"Title {number}", "Text.") for number in range(5)))
    bench.feed(site.answer("/feed", Reply(body=body)))
    assert bench.run().articles == 5
    bench.pass_by(hours=1)
    bench.poll()
    assert bench.pushed["ingest"] == []
    assert true_to_account(bench)


def test_a_document_cut_short_leaves_no_validators(bench: Bench, site: Site) -> None:
    """Its whole items are taken; the next poll is unconditional and brings the rest."""
    body = rss(*(item(number, f"Title {number}", "Text.") for number in range(5)))
    cut = body.index(b"Title 4")
    scripts = [Reply(body=body, cut=cut, headers={"ETag": '"x"'}), Reply(body=body, headers={"ETag": '"x"'})]
    bench.feed(site.answer("/feed", *scripts))
    assert bench.run().articles == 4
    bench.pass_by(hours=1)
    assert bench.run().articles == 1
    assert "if-none-match" not in site.seen("/feed")[1].headers


def test_a_stale_poll_is_dropped(bench: Bench, site: Site) -> None:
    """A poll that outlived its lease, so that another took its place, commits nothing."""
    seen: list[Request] = []

    def slow(request: Request) -> Reply:
        seen.append(request)
        if len(seen) == 1:
            bench.pass_by(hours=1)
            bench.poll()
        return Reply(body=rss(item(len(seen), f"Answer {len(seen)}", "Text.")))

    bench.feed(site.answer("/feed", slow))
    bench.poll()
    assert len(outcomes(bench)) == 1
    with bench.store.read() as tx:
        assert len(tx.execute(select(raw_items.c.id)).all()) == 1


def test_without_redis_the_poll_is_kept(bench: Bench, site: Site) -> None:
    """When the push fails, what was fetched waits in the database for the sweeper."""
    from pipeline.core.errors import ServiceError

    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "One", "First.")))))

    def down(*_: object, **__: object) -> None:
        raise ServiceError("Redis cannot be reached")

    ground = dataclasses.replace(bench.ground, push=down)
    assert not ground.hand_on("ingest", [1])
    bench.poll()
    bench.pushed["ingest"].clear()
    bench.pass_by(minutes=2)
    assert tend.sweep(bench.ground, lambda _hop: None) == 1
