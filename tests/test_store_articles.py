"""Articles: looked up, saved with their versions and index terms, read."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import func, select

from pipeline.core.errors import NotFoundError
from pipeline.core.model import Fate
from pipeline.core.turns import Courtesy
from pipeline.store import alerts, articles, audit, feeds, pages
from pipeline.store.engine import StaleError, Store
from pipeline.store.tables import entries, stories
from tests import stock
from tests.stock import Ring, later


def _bring(store: Store, name: str, at: float) -> stock.RawItem:
    (item,) = stock.take(store, stock.bring(store, [name], now=later(at)), later(at))
    return item


def test_new_article_reads_back_with_its_feed(store: Store) -> None:
    """What an entry said is what the article says; its HTML comes with one, not with lists."""
    feed_id = stock.add_feed(store)
    (saved,) = stock.news(store, "one").saved
    with store.read() as tx:
        row = articles.row(tx, saved.article_id)
        (listed,) = articles.rows(tx)
    assert (row.title, row.summary, row.body) == ("Title of one", "A summary", "The text of one.")
    assert (row.url, row.author, row.language, row.tags) == (
        "https://news.example/one",
        "Ann Author",
        "en",
        ("world",),
    )
    assert (row.published_at, row.first_seen_at) == (later(-300), later(0))
    assert (row.html, listed.html) == ("<p>The text of one.</p>", "")
    assert [ref.id for ref in row.feeds] == [feed_id]
    assert (saved.new, saved.same_feed, saved.revision_id, row.page_state) == (True, False, None, None)


def test_entry_seen_again_is_a_duplicate_of_its_feed(store: Store) -> None:
    """The same entry in a later poll makes nothing new."""
    stock.add_feed(store)
    stock.news(store, "one")
    again = stock.ingest(store, [stock.parsed(_bring(store, "again", 400), stock.entry("one"))])
    assert [one.fate for one in again.decisions] == [Fate.DUPLICATE]
    assert again.saved[0].same_feed
    with store.read() as tx:
        assert len(articles.rows(tx)) == 1
        assert audit.check(tx) == []


def test_same_url_in_another_feed_is_the_same_article(store: Store) -> None:
    """Two feeds that list one URL list one article, told by two sources."""
    stock.add_feed(store)
    (saved,) = stock.news(store, "one").saved
    other = stock.add_feed(store, "https://b.example/feed")
    store.write(lambda tx: feeds.poll_now(tx, None, later(1)))
    items = [_bring_from(store, other, later(1))]
    copy = stock.ingest(store, [stock.parsed(items[0], stock.entry("one", guid="b1"))], now=later(2))
    assert (copy.saved[0].article_id, copy.saved[0].same_feed) == (saved.article_id, False)
    with store.read() as tx:
        row = articles.row(tx, saved.article_id)
        story = tx.execute(select(stories)).one()
        assert audit.check(tx) == []
    assert [ref.url for ref in row.feeds] == ["https://a.example/feed", "https://b.example/feed"]
    assert (story.article_count, story.source_count, story.last_seen_at) == (1, 2, later(2))


def _bring_from(store: Store, feed_id: int, now: stock.datetime) -> stock.RawItem:
    claimed = {feed.id: feed for feed in stock.claim(store, now)}
    (committed,) = stock.commit(store, [stock.result(claimed[feed_id], stock.document(["x"]), now=now)], now)
    (item,) = stock.take(store, committed.item_ids, now)
    return item


def test_equal_texts_within_the_window_are_one_story(store: Store) -> None:
    """Copies of a text under other URLs join its story, in the same batch and in later ones."""
    stock.add_feed(store)
    items = stock.take(store, stock.bring(store, ["1", "2"]))
    first = stock.ingest(
        store,
        [
            stock.parsed(item, stock.entry(f"copy{n}", body="The same words everywhere."))
            for n, item in enumerate(items)
        ],
    )
    item = _bring(store, "3", 400)
    third = stock.ingest(
        store, [stock.parsed(item, stock.entry("copy3", body="The same words everywhere."))], now=later(400)
    )
    saved = [*first.saved, *third.saved]
    assert len({one.article_id for one in saved}) == 3
    assert len({one.story_id for one in saved}) == 1
    with store.read() as tx:
        story = tx.execute(select(stories)).one()
        assert audit.check(tx) == []
    assert (story.article_count, story.source_count) == (3, 1)


def test_equal_text_after_the_window_founds_a_new_story(store: Store) -> None:
    """What returns after the window is news again, and the next copy joins the new story."""
    stock.add_feed(store)
    old = stock.news(store, "one").saved[0]
    day4, day5 = 4 * 86_400, 5 * 86_400
    body = "The text of one."
    found = [
        stock.ingest(
            store, [stock.parsed(_bring(store, name, at), stock.entry(name, body=body))], now=later(at)
        ).saved[0]
        for name, at in (("two", day4), ("three", day5))
    ]
    assert found[0].story_id == found[1].story_id != old.story_id


def test_changed_entry_becomes_current_and_its_old_text_a_revision(store: Store) -> None:
    """No version is lost: the article shows the newest, the revision the one before."""
    stock.add_feed(store)
    (saved,) = stock.news(store, "one").saved
    changed = stock.entry("one", body="Another text.")
    done = stock.ingest(store, [stock.parsed(_bring(store, "x", 400), changed)], now=later(400))
    assert [one.fate for one in done.decisions] == [Fate.UPDATE]
    with store.read() as tx:
        row = articles.row(tx, saved.article_id)
        (old,) = articles.revisions(tx, saved.article_id)
        assert audit.check(tx) == []
    assert (row.body, row.title, row.updated_at, row.first_seen_at) == (
        "Another text.",
        "A title",
        later(400),
        later(0),
    )
    assert (old.body, old.title, old.reason, old.at) == (
        "The text of one.",
        "Title of one",
        "update",
        later(400),
    )
    assert done.saved[0].revision_id is None


def test_shorter_text_of_another_feed_is_a_variant(store: Store) -> None:
    """It is kept beside the longer one, and what rings for it points to it."""
    stock.add_feed(store)
    (saved,) = stock.news(store, "one").saved
    other = stock.add_feed(store, "https://b.example/feed")
    item = _bring_from(store, other, later(1))
    variant = stock.entry("one", guid="b", body="Brief.")
    done = stock.ingest(store, [stock.parsed(item, variant)], now=later(1))
    with store.read() as tx:
        (kept,) = articles.revisions(tx, saved.article_id)
        assert articles.row(tx, saved.article_id).body == "The text of one."
        assert audit.check(tx) == []
    assert (kept.reason, kept.body, done.saved[0].revision_id) == ("variant", "Brief.", kept.id)


def test_versions_within_one_batch_are_all_kept(store: Store) -> None:
    """A batch that holds an article and its updates stores the last and keeps the others."""
    stock.add_feed(store)
    items = stock.take(store, stock.bring(store, ["a", "b", "c"]))
    bodies = ["First text.", "Second text.", "Third text."]
    found = [
        stock.parsed(item, stock.entry("one", body=body)) for item, body in zip(items, bodies, strict=True)
    ]
    done = stock.ingest(store, found)
    with store.read() as tx:
        row = articles.row(tx, done.saved[0].article_id)
        kept = articles.revisions(tx, done.saved[0].article_id)
        assert audit.check(tx) == []
    assert row.body == "Third text."
    assert [one.body for one in kept] == ["First text.", "Second text."]
    assert [one.revision_id for one in done.saved] == [kept[0].id, kept[1].id, None]


def test_alert_keeps_to_the_version_that_it_told(store: Store) -> None:
    """Whatever a feed changes of the text, the alert points to the one that rang."""
    stock.add_feed(store)
    by_title, by_body = stock.add_subscription(store, "title"), stock.add_subscription(store, "body")
    (saved,) = stock.news(store, "one").saved
    store.write(lambda tx: alerts.ring(tx, [stock.wish(by_title, saved, field="summary")], later(1)))
    store.write(lambda tx: alerts.ring(tx, [stock.wish(by_body, saved, field="body")], later(1)))
    for at, body in ((400, "Another text."), (800, "A third text.")):
        item = _bring(store, str(at), at)
        stock.ingest(store, [stock.parsed(item, stock.entry("one", body=body))], now=later(at))
    with store.read() as tx:
        rows = {row.subscription_id: alerts.show(tx, row.id) for row in alerts.rows(tx)}
        first, _ = articles.revisions(tx, saved.article_id)
    assert (rows[by_title].revision_id, rows[by_title].body) == (first.id, "The text of one.")
    assert (rows[by_body].revision_id, rows[by_body].body) == (first.id, "The text of one.")


def test_older_poll_never_overwrites_a_newer_one(store: Store) -> None:
    """Items that are worked off in the wrong order leave the newest text current."""
    stock.add_feed(store)
    older = _bring(store, "x", 0)
    newer = _bring(store, "y", 400)
    stock.ingest(store, [stock.parsed(newer, stock.entry("one", body="New text."))], now=later(401))
    late = stock.ingest(store, [stock.parsed(older, stock.entry("one", body="Old text."))], now=later(402))
    assert [one.fate for one in late.decisions] == [Fate.DUPLICATE]
    with store.read() as tx:
        assert [row.body for row in articles.rows(tx)] == ["New text."]
        assert tx.execute(select(entries.c.seq)).scalar_one() == newer.seq


def test_page_text_replaces_the_body(store: Store) -> None:
    """The page's text is the article's, the feed's becomes a revision, and alerts on it follow."""
    stock.add_feed(store)
    id_ = stock.add_subscription(store)
    items = stock.take(store, stock.bring(store, ["one"]))
    done = stock.ingest(store, [stock.parsed(items[0], stock.entry("one"))], pages=True, ring=Ring((id_,)))
    page = _fetched(store)
    terms = frozenset({"invasion"})
    revised = store.write(
        lambda tx: articles.apply_page(
            tx,
            page,
            body="The long text.",
            language="fr",
            canonical_url="",
            terms=terms,
            story_since=stock.T0 - stock.WINDOW,
            now=later(9),
        )
    )
    assert (revised.article_id, revised.story_id) == (done.saved[0].article_id, done.saved[0].story_id)
    with store.read() as tx:
        row = articles.row(tx, revised.article_id)
        (old,) = articles.revisions(tx, revised.article_id)
        (alert,) = alerts.rows(tx)
        assert audit.check(tx) == []
    assert (row.body, row.language, row.page_state, row.updated_at) == (
        "The long text.",
        "en",
        "done",
        later(9),
    )
    assert (old.reason, old.body, alert.revision_id) == ("page", "The text of one.", old.id)


def test_page_taken_with_another_text_is_not_applied(store: Store) -> None:
    """An update that came meanwhile is not lost: the page's job has to begin anew."""
    stock.add_feed(store)
    items = stock.take(store, stock.bring(store, ["one"]))
    stock.ingest(store, [stock.parsed(items[0], stock.entry("one"))], pages=True)
    page = _fetched(store)
    item = _bring(store, "x", 400)
    stock.ingest(store, [stock.parsed(item, stock.entry("one", body="Changed."))], now=later(400))
    with pytest.raises(StaleError):
        store.write(
            lambda tx: articles.apply_page(
                tx,
                page,
                body="Long.",
                language=None,
                canonical_url="",
                terms=frozenset(),
                story_since=stock.T0 - stock.WINDOW,
                now=later(401),
            )
        )
    with store.read() as tx:
        assert articles.rows(tx)[0].body == "Changed."


def _fetched(store: Store) -> pages.FetchedPage:
    (due,) = store.write(
        lambda tx: pages.claim(tx, now=later(1), limit=9, lease_s=60, courtesy=Courtesy(at_once=2, gap_s=1))
    )
    got = pages.PageResult(page_id=due.id, state="fetched", status=200, body=b"<html>", url=due.url)
    store.write(lambda tx: pages.commit(tx, [got], later(2)))
    (page,) = store.write(lambda tx: pages.take(tx, [due.id], now=later(3), lease_s=60))
    return page


def test_articles_without_url_are_apart(store: Store) -> None:
    """What has no URL identifies nothing, so two such entries are two articles."""
    stock.add_feed(store)
    items = stock.take(store, stock.bring(store, ["a", "b"]))
    found = [stock.parsed(item, stock.entry(f"n{n}", url="")) for n, item in enumerate(items)]
    assert len({one.article_id for one in stock.ingest(store, found).saved}) == 2


def test_large_batch_is_looked_up_and_saved_in_parts(store: Store) -> None:
    """A batch beyond one statement's parameters is known again as a whole."""
    stock.add_feed(store)
    (item,) = stock.take(store, stock.bring(store, ["all"]))
    many = [stock.entry(f"e{n}") for n in range(1203)]
    assert len(stock.ingest(store, [stock.parsed(item, *many)]).saved) == 1203
    item = _bring(store, "again", 400)
    again = stock.ingest(store, [stock.parsed(item, *many)], now=later(400))
    assert {one.fate for one in again.decisions} == {Fate.DUPLICATE}
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(stories)).scalar_one() == 1203
        assert articles.languages(tx) == {"en"}


def test_the_language_of_an_article_goes_with_its_text(store: Store) -> None:
    """A new text is read in its own language, and every language that was ever read is known to a search."""
    stock.add_feed(store)
    stock.news(store, "one")
    for at, text, language in [(400, "Le texte.", "fr"), (800, "Ok.", None)]:
        item = _bring(store, text, at)
        entry = dataclasses.replace(stock.entry("one", body=text), language=language)
        stock.ingest(store, [stock.parsed(item, entry)], now=later(at))
        with store.read() as tx:
            assert [(row.body, row.language) for row in articles.rows(tx)] == [(text, language)]
    with store.read() as tx:
        assert articles.languages(tx) == {"en", "fr", None}


def test_rows_are_filtered_and_paged(store: Store) -> None:
    """Lists go from the newest back, of one feed or story where asked."""
    feed_id = stock.add_feed(store)
    saved = stock.news(store, "one", "two", "three").saved
    ids = [one.article_id for one in saved]
    with store.read() as tx:
        assert [row.id for row in articles.rows(tx)] == ids[::-1]
        assert [row.id for row in articles.rows(tx, limit=1, before_id=ids[2])] == [ids[1]]
        assert [row.id for row in articles.rows(tx, story_id=saved[0].story_id)] == [ids[0]]
        assert articles.rows(tx, feed_id=feed_id + 1) == []
        assert [row.id for row in articles.rows(tx, ids=[ids[1], 10**9, ids[0]])] == [ids[1], ids[0]]
        with pytest.raises(NotFoundError):
            articles.row(tx, 10**9)
