"""Polls: what a feed's answer brought is committed before anything is done with it."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import select

from pipeline.core.model import FeedState
from pipeline.store import audit, feeds, polls
from pipeline.store.engine import Store
from pipeline.store.tables import raw_items
from tests import stock
from tests.stock import T0, later


def test_new_items_are_kept_with_all_that_their_parse_needs(store: Store) -> None:
    """An item comes back with its document's head and tail, its origin and its bytes."""
    stock.add_feed(store)
    (feed,) = stock.claim(store)
    (committed,) = stock.commit(store, [stock.result(feed, stock.document(["one", "two"]))])
    assert committed.feed_id == feed.id
    items = stock.take(store, committed.item_ids)
    assert [item.data for item in items] == [b"<item>one</item>", b"<item>two</item>"]
    first = items[0]
    assert (first.head, first.tail, first.cut, first.format) == (
        b"<rss><channel>",
        b"</channel></rss>",
        True,
        "xml",
    )
    assert (first.content_type, first.base_url) == ("application/rss+xml", "https://a.example/feed")
    assert (first.seq, first.position, first.first, first.attempts) == (1, 0, True, 1)
    assert first.fetched_at == T0
    with store.read() as tx:
        kept = tx.execute(select(raw_items.c.sha256).order_by(raw_items.c.id)).scalars().all()
    assert kept == [sha256(item.data).digest() for item in items]


def test_not_modified_poll_keeps_validators_and_makes_no_items(store: Store) -> None:
    """A 304 costs a row and the feed's next time, and leaves fingerprints as they are."""
    stock.add_feed(store)
    stock.bring(store, ["one"])
    (feed,) = stock.claim(store, later(400))
    assert (feed.etag, feed.known, feed.first) == ('"1"', frozenset([stock.digest("one")]), False)
    (kept,) = stock.commit(store, [stock.result(feed, None, status=304, now=later(400))], later(400))
    assert kept.item_ids == ()
    with store.read() as tx:
        newest = polls.rows(tx, feed_id=feed.id)[0]
        row = feeds.find(tx, str(feed.id))
    assert (newest.outcome, newest.status, newest.seen, newest.seq) == ("not_modified", 304, 0, 2)
    assert (row.last_polled_at, row.last_success_at, row.last_changed_at) == (later(400), later(400), T0)
    (feed,) = stock.claim(store, later(800))
    assert feed.known == frozenset([stock.digest("one")])


def test_counts_of_a_poll_add_up(store: Store) -> None:
    """Items seen are new, known or rejected, and the reasons are kept."""
    stock.add_feed(store)
    (feed,) = stock.claim(store)
    stock.commit(store, [stock.result(feed, stock.document(["one"], known=3, rejected=["too large"]))])
    with store.read() as tx:
        (row,) = polls.rows(tx)
        assert audit.check(tx) == []
    assert (row.seen, row.new, row.known, row.rejected, row.elapsed_ms, row.bytes) == (5, 1, 3, 1, 250, 6)


def test_stale_result_is_dropped_as_a_whole(store: Store) -> None:
    """When a claim was lost to another scheduler, its late result leaves no trace."""
    stock.add_feed(store)
    (slow,) = stock.claim(store)
    (quick,) = stock.claim(store, later(61))
    assert len(stock.commit(store, [stock.result(quick, stock.document(["one"]))], later(62))) == 1
    assert stock.commit(store, [stock.result(slow, stock.document(["one", "two"]))], later(63)) == []
    with store.read() as tx:
        assert [row.seq for row in polls.rows(tx)] == [2]
        assert tx.execute(select(raw_items.c.id)).scalars().all().__len__() == 1


def test_poll_that_is_wanted_while_another_runs_comes_when_that_ends(store: Store) -> None:
    """What was published after the first one's answer is seen now, whatever that answer was."""
    for name, ended in (("a", stock.failed), ("b", lambda one: stock.result(one, None, status=304))):
        id_ = stock.add_feed(store, f"https://{name}.example/feed")
        (feed,) = stock.claim(store)
        store.write(lambda tx, id_=id_: feeds.poll_now(tx, id_, later(1)))
        assert stock.claim(store, later(2)) == []
        stock.commit(store, [ended(feed)], later(3))
        assert [one.id for one in stock.claim(store, later(4))] == [id_]


def test_failures_are_counted_and_dated(store: Store) -> None:
    """A failing feed says since when and why; the first success clears it."""
    stock.add_feed(store)
    for n in (0, 5000):
        stock.commit(
            store, [stock.failed(one, now=later(n)) for one in stock.claim(store, later(n))], later(n)
        )
    with store.read() as tx:
        (row,) = feeds.rows(tx)
    assert (row.failures, row.failing_since, row.last_success_at) == (2, T0, None)
    assert "30 s" in row.last_error
    stock.bring(store, ["one"], now=later(50_000))
    with store.read() as tx:
        (row,) = feeds.rows(tx)
    assert (row.failures, row.failing_since, row.last_error) == (0, None, "")


def test_gone_feed_is_polled_no_more_and_a_paused_one_stays_paused(store: Store) -> None:
    """A 410 ends the polling, but an operator's pause outlasts the verdict of a poll under way."""
    gone, paused = stock.add_feed(store), stock.add_feed(store, "https://b.example/feed")
    claimed = stock.claim(store)
    store.write(lambda tx: feeds.set_state(tx, paused, FeedState.PAUSED))
    stock.commit(store, [stock.result(one, None, status=410) for one in claimed])
    with store.read() as tx:
        states = {row.id: row.state for row in feeds.rows(tx)}
    assert states == {gone: FeedState.GONE, paused: FeedState.PAUSED}


def test_result_of_a_removed_feed_is_dropped(store: Store) -> None:
    """Nothing comes of a feed that was removed while it was polled."""
    id_ = stock.add_feed(store)
    (feed,) = stock.claim(store)
    store.write(lambda tx: feeds.set_state(tx, id_, FeedState.REMOVED))
    assert stock.commit(store, [stock.result(feed, stock.document(["one"]))]) == []


def test_only_the_first_poll_that_brings_items_marks_them_first(store: Store) -> None:
    """An empty or failed poll before does not end a feed's first time."""
    stock.add_feed(store)
    stock.commit(store, [stock.failed(one) for one in stock.claim(store)])
    assert [item.first for item in stock.take(store, stock.bring(store, ["one"], now=later(9_000)))] == [True]
    assert [item.first for item in stock.take(store, stock.bring(store, ["two"], now=later(20_000)))] == [
        False
    ]


def test_document_that_cannot_be_cut_is_one_item(store: Store) -> None:
    """However many items it holds, the account counts the piece that was kept."""
    stock.add_feed(store)
    (feed,) = stock.claim(store)
    whole = stock.document(["all of it"])
    uncut = type(whole)(
        **{**{n: getattr(whole, n) for n in whole.__dataclass_fields__}, "cut": False, "seen": 30}
    )
    stock.commit(store, [stock.result(feed, uncut)])
    with store.read() as tx:
        (row,) = polls.rows(tx)
        assert audit.check(tx) == []
    assert (row.seen, row.new, row.known) == (1, 1, 0)


def test_hundreds_of_polls_commit_at_once(store: Store) -> None:
    """A batch beyond one statement's parameters is one transaction all the same."""
    store.write(
        lambda tx: [feeds.add(tx, url=f"https://a.example/{n}", interval_s=300, now=T0) for n in range(620)]
    )
    claimed = stock.claim(store, limit=1000)
    assert len(claimed) == 620
    committed = stock.commit(store, [stock.result(one, stock.document([f"{one.id}"])) for one in claimed])
    assert len({id_ for one in committed for id_ in one.item_ids}) == 620
