"""Feeds: added, edited, found, claimed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.core.errors import NotFoundError, UsageError
from pipeline.core.model import FeedState, FullText
from pipeline.core.moves import Move
from pipeline.store import feeds, hosts
from pipeline.store.engine import Store
from tests import stock
from tests.stock import LEASE_S, T0, later


def test_added_feed_reads_back_as_given(store: Store) -> None:
    """Everything an operator says of a feed is kept, but for the password, which does not come back."""
    id_ = store.write(
        lambda tx: feeds.add(
            tx,
            url="https://a.example/feed",
            title="A",
            interval_s=60,
            full_text=FullText.NEVER,
            tags=["x", "y"],
            auth=("me", "secret"),
            headers=[("X-Key", "k")],
            managed=True,
            now=T0,
        )
    )
    with store.read() as tx:
        row = feeds.find(tx, "A")
    assert (row.id, row.url, row.interval_s, row.full_text) == (id_, "https://a.example/feed", 60, "never")
    assert (row.tags, row.headers, row.managed) == (("x", "y"), (("X-Key", "k"),), True)
    assert (row.auth_user, row.created_at, row.next_poll_at, row.articles) == ("me", T0, T0, 0)
    assert "secret" not in repr(row)
    assert "'k'" not in repr(row)


def test_url_is_taken_until_its_feed_is_removed(store: Store) -> None:
    """Two living feeds never share a URL; a removed one leaves it free."""
    id_ = stock.add_feed(store)
    with pytest.raises(UsageError, match="already"):
        stock.add_feed(store)
    store.write(lambda tx: feeds.set_state(tx, id_, FeedState.REMOVED))
    assert stock.add_feed(store) != id_


def test_feed_is_found_by_id_url_and_title_but_not_when_ambiguous(store: Store) -> None:
    """A title that two feeds share names neither, and a removed feed has no name."""
    first = stock.add_feed(store, "https://a.example/1")
    second = stock.add_feed(store, "https://a.example/2")
    store.write(lambda tx: [feeds.edit(tx, id_, title="Same") for id_ in (first, second)])
    with store.read() as tx:
        assert feeds.find(tx, str(first)).id == first
        assert feeds.find(tx, "https://a.example/2").id == second
        with pytest.raises(NotFoundError, match="several"):
            feeds.find(tx, "Same")
        with pytest.raises(NotFoundError, match="no feed"):
            feeds.find(tx, "https://a.example/3")


def test_claim_gives_a_slot_once_until_its_lease_ends(store: Store) -> None:
    """A claimed feed is nobody else's until the lease ends; then its next claim has the next number."""
    stock.add_feed(store)
    (feed,) = stock.claim(store)
    assert (feed.seq, feed.first, feed.known, feed.failures) == (1, True, frozenset(), 0)
    assert stock.claim(store, later(LEASE_S - 1)) == []
    (again,) = stock.claim(store, later(LEASE_S))
    assert (again.id, again.seq) == (feed.id, 2)


def test_claim_takes_the_longest_due_and_only_active_feeds(store: Store) -> None:
    """With little room the feeds that wait longest come first; paused and removed ones never come."""
    ids = [stock.add_feed(store, f"https://a.example/{n}") for n in range(4)]
    stock.commit(store, [stock.result(one, None, status=503) for one in stock.claim(store)])
    for n, id_ in enumerate(ids):
        store.write(lambda tx, n=n, id_=id_: feeds.poll_now(tx, id_, later(10 - n)))
    store.write(lambda tx: feeds.set_state(tx, ids[3], FeedState.PAUSED))
    claimed = stock.claim(store, later(100), limit=2)
    assert sorted(feed.id for feed in claimed) == [ids[1], ids[2]]
    assert {feed.failures for feed in claimed} == {1}


def test_feed_that_is_being_polled_is_not_polled_beside_it(store: Store) -> None:
    """Neither for an operator who wants it polled now nor for one who resumes it: its host sees one request."""
    id_ = stock.add_feed(store)
    (feed,) = stock.claim(store)
    store.write(lambda tx: feeds.poll_now(tx, id_, T0))
    store.write(lambda tx: feeds.set_state(tx, id_, FeedState.PAUSED))
    store.write(lambda tx: feeds.set_state(tx, id_, FeedState.ACTIVE))
    assert stock.claim(store, later(1)) == []
    stock.commit(store, [stock.failed(feed)], later(2))
    store.write(lambda tx: feeds.poll_now(tx, id_, later(3)))
    assert [one.id for one in stock.claim(store, later(3))] == [id_]


def test_feeds_that_fail_are_listed_with_those_that_are_gone(store: Store) -> None:
    """Not those that are well, nor one that failed and is paused."""
    _, failing, gone, paused = ids = [stock.add_feed(store, f"https://a.example/{n}") for n in range(4)]
    claimed = {one.id: one for one in stock.claim(store)}
    results = zip(ids, (200, 503, 410, 503), strict=True)
    stock.commit(
        store,
        [
            stock.result(claimed[id_], stock.document([]) if ok == 200 else None, status=ok)
            for id_, ok in results
        ],
    )
    store.write(lambda tx: feeds.set_state(tx, paused, FeedState.PAUSED))
    with store.read() as tx:
        assert [row.id for row in feeds.rows(tx, failing=True)] == [failing, gone]
        assert feeds.rows(tx, silent=True) == []


def test_credentials_reach_the_claim(store: Store) -> None:
    """Whoever polls gets the password and headers; the password of an edit without one goes."""
    id_ = stock.add_feed(store)
    store.write(lambda tx: feeds.edit(tx, id_, auth=("me", "pw"), headers=[("A", "b")]))
    (feed,) = stock.claim(store)
    assert (feed.auth, feed.headers) == (("me", "pw"), (("A", "b"),))
    store.write(lambda tx: feeds.edit(tx, id_, auth=None, headers=[]))
    (feed,) = stock.claim(store, later(100))
    assert (feed.auth, feed.headers) == (None, ())


def test_new_url_forgets_what_was_known_and_drops_the_poll_under_way(store: Store) -> None:
    """Validators and fingerprints of the old document never go to the new one."""
    id_ = stock.add_feed(store)
    stock.bring(store, ["one"])
    (under_way,) = stock.claim(store, later(400))
    store.write(lambda tx: feeds.edit(tx, id_, url="https://b.example/feed"))
    assert stock.commit(store, [stock.result(under_way, stock.document(["two"]))], later(401)) == []
    (feed,) = stock.claim(store, later(402))
    assert (feed.url, feed.etag, feed.known) == ("https://b.example/feed", None, frozenset())


def test_new_url_of_a_feed_that_was_well_is_a_new_feeds(store: Store) -> None:
    """Its old news is backlog; that of one that failed is what was missed meanwhile."""
    well, failing = stock.add_feed(store), stock.add_feed(store, "https://f.example/feed")
    stock.commit(store, [stock.result(one, stock.document([one.url])) for one in stock.claim(store)])
    (broken,) = (one for one in stock.claim(store, later(9999)) if one.id == failing)
    stock.commit(store, [stock.failed(broken, now=later(9999))], later(9999))
    for id_ in (well, failing):
        store.write(lambda tx, id_=id_: feeds.edit(tx, id_, url=f"https://new{id_}.example/feed"))
    assert {one.id: one.first for one in stock.claim(store, later(9999))} == {well: True, failing: False}


def test_new_url_is_not_said_to_be_under_way_or_on_the_move(store: Store) -> None:
    """Neither the poll of the old address counts at the new host, nor its redirects."""
    id_ = stock.add_feed(store)
    stock.bring(store, ["one"])
    (under_way,) = stock.claim(store, later(400))
    move = Move(to="https://c.example/feed", times=2)
    store.write(lambda tx: feeds.note_move(tx, under_way, move, later(401)))
    store.write(lambda tx: feeds.poll_now(tx, id_, later(500)))
    store.write(lambda tx: feeds.edit(tx, id_, url="https://b.example/feed"))
    with store.read() as tx:
        assert hosts.polled(tx, ["b.example"], T0 - timedelta(days=999)) == {}
    (feed,) = stock.claim(store, later(402))
    assert (feed.moved_to, feed.moved_times) == ("", 0)


def test_edit_refuses_what_is_not_there_or_taken(store: Store) -> None:
    """An edit of no feed, to another's URL or of an unknown column changes nothing."""
    first, _ = stock.add_feed(store), stock.add_feed(store, "https://b.example/feed")
    with pytest.raises(NotFoundError):
        store.write(lambda tx: feeds.edit(tx, 10**9, title="x"))
    with pytest.raises(UsageError, match="already"):
        store.write(lambda tx: feeds.edit(tx, first, url="https://b.example/feed"))
    with pytest.raises(TypeError):
        store.write(lambda tx: feeds.edit(tx, first, seq=7))


def test_paused_feed_resumes_at_once(store: Store) -> None:
    """Resuming makes a feed due, whatever its schedule was."""
    id_ = stock.add_feed(store)
    stock.bring(store, ["one"])
    store.write(lambda tx: feeds.set_state(tx, id_, FeedState.PAUSED))
    assert stock.claim(store, later(10_000)) == []
    store.write(lambda tx: feeds.set_state(tx, id_, FeedState.ACTIVE))
    assert [feed.id for feed in stock.claim(store, later(1))] == [id_]
    with pytest.raises(NotFoundError):
        store.write(lambda tx: feeds.set_state(tx, 10**9, FeedState.PAUSED))


def test_wait_for_the_next_poll_can_be_cut_short(store: Store) -> None:
    """For one feed or all."""
    id_ = stock.add_feed(store)
    stock.bring(store, ["one"])
    assert stock.claim(store, later(5)) == []
    assert store.write(lambda tx: feeds.poll_now(tx, None, later(5))) == 1
    assert store.write(lambda tx: feeds.poll_now(tx, id_ + 1, later(5))) == 0
    assert len(stock.claim(store, later(5))) == 1


def test_feed_describes_itself_only_where_nothing_stands(store: Store) -> None:
    """What an operator called a feed stays; what nobody said comes from the feed."""
    id_ = stock.add_feed(store)
    (item,) = stock.take(store, stock.bring(store, ["one"]))
    store.write(lambda tx: feeds.edit(tx, id_, title="Mine"))
    store.write(lambda tx: feeds.describe(tx, [stock.parsed(item)]))
    with store.read() as tx:
        row = feeds.rows(tx)[0]
    assert (row.title, row.site_url, row.language) == ("Mine", "https://a.example/", "en")


def test_rows_count_articles_and_leave_out_removed_feeds(store: Store) -> None:
    """Lists show living feeds with how many articles they list; other states come when asked for."""
    gone = stock.add_feed(store, "https://b.example/feed")
    store.write(lambda tx: feeds.set_state(tx, gone, FeedState.REMOVED))
    id_ = stock.add_feed(store)
    stock.news(store, "one", "two")
    with store.read() as tx:
        assert [(row.id, row.articles) for row in feeds.rows(tx)] == [(id_, 2)]
        assert [row.id for row in feeds.rows(tx, states=[FeedState.REMOVED])] == [gone]
        assert [row.id for row in feeds.rows(tx, states=list(FeedState), limit=1)] == [gone]
