"""Pages: claimed politely, committed raw, taken once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from pipeline.core.turns import Courtesy
from pipeline.store import audit, dead_letters, pages
from pipeline.store.engine import Store
from pipeline.store.pages import DuePage, FetchedPage, PageResult
from pipeline.store.tables import articles
from pipeline.store.tables import pages as table
from tests import stock
from tests.stock import LEASE_S, T0, later


def _ask(store: Store, *urls: str) -> None:
    """Articles at ``urls`` that want their pages."""
    stock.add_feed(store)
    (item,) = stock.take(store, stock.bring(store, ["all"]))
    entries = [stock.entry(f"e{n}", url=url) for n, url in enumerate(urls)]
    stock.ingest(store, [stock.parsed(item, *entries)], pages=True)


def _claim(store: Store, now: datetime = T0, *, at_once: int = 2, gap_s: float = 1.0) -> list[DuePage]:
    return store.write(
        lambda tx: pages.claim(
            tx, now=now, limit=10, lease_s=LEASE_S, courtesy=Courtesy(at_once=at_once, gap_s=gap_s)
        )
    )


def _commit(store: Store, *results: PageResult, now: datetime = T0) -> None:
    store.write(lambda tx: pages.commit(tx, results, now))


def _take(store: Store, ids: Sequence[int], now: datetime = T0, *, replay: bool = False) -> list[FetchedPage]:
    return store.write(lambda tx: pages.take(tx, ids, now=now, lease_s=LEASE_S, replay=replay))


def _fetched(store: Store) -> int:
    """The id of a page that is fetched."""
    _ask(store, "https://a.example/1")
    (page,) = _claim(store)
    _commit(
        store,
        PageResult(page_id=page.id, state="fetched", status=200, body=b"<p>", url="https://a.example/2"),
    )
    return page.id


def test_each_host_gives_one_page_at_a_claim_with_a_gap_between(store: Store) -> None:
    """However many pages of a host wait, it is asked once, and again only after the gap."""
    _ask(store, *(f"https://a.example/{n}" for n in range(4)), "https://b.example/0")
    assert {page.url for page in _claim(store)} == {"https://a.example/0", "https://b.example/0"}
    assert _claim(store, later(0.9)) == []
    assert [page.url for page in _claim(store, later(1))] == ["https://a.example/1"]


def test_host_answers_no_more_at_once_than_allowed(store: Store) -> None:
    """Two pages of a host under way are enough; the third waits for one of them, or for its lease."""
    _ask(store, *(f"https://a.example/{n}" for n in range(4)))
    first, second = *_claim(store), *_claim(store, later(1))
    assert _claim(store, later(2)) == []
    _commit(store, PageResult(page_id=first.id, state="skipped", error="404"), now=later(3))
    assert [page.url for page in _claim(store, later(3))] == ["https://a.example/2"]
    assert _claim(store, later(5)) == []
    again = _claim(store, later(1 + LEASE_S))
    assert [(page.id, page.attempts) for page in again] == [(second.id, 2)]


def test_page_not_due_yet_waits(store: Store) -> None:
    """A page put off comes back at its time."""
    _ask(store, "https://a.example/1")
    (page,) = _claim(store)
    _commit(store, PageResult(page_id=page.id, state="due", status=503, error="503", due_at=later(60)))
    assert _claim(store, later(59)) == []
    assert [one.attempts for one in _claim(store, later(60))] == [2]


def test_fetched_page_is_taken_once_with_its_article(store: Store) -> None:
    """The job gets the bytes, the address after redirects and the article's text."""
    id_ = _fetched(store)
    (page,) = _take(store, [id_], later(1))
    assert (page.body, page.url, page.job_attempts) == (b"<p>", "https://a.example/2", 1)
    assert (page.article.title, page.article.body) == ("Title of e0", "The text of e0.")
    assert _take(store, [id_], later(2)) == []
    assert [one.job_attempts for one in _take(store, [id_], later(1 + LEASE_S))] == [2]


def test_skipped_page_needs_no_more_work(store: Store) -> None:
    """It is neither claimed nor taken, until its article changes and wants it again."""
    id_ = _fetched(store)
    _take(store, [id_])
    store.write(lambda tx: pages.skip(tx, id_, reason="no-more", cause="says no more"))
    assert (_take(store, [id_], later(1000)), _claim(store, later(1000))) == ([], [])
    (item,) = stock.take(store, stock.bring(store, ["new"], now=later(1000)), later(1000))
    changed = replace(stock.entry("e0", body="Changed."), url="https://a.example/1")
    stock.ingest(store, [stock.parsed(item, changed)], now=later(1000), pages=True)
    assert [(page.id, page.attempts) for page in _claim(store, later(1001))] == [(id_, 1)]


def test_released_and_lost_pages_come_back(store: Store) -> None:
    """A page given back is free at once; one whose worker vanished is found by the sweep."""
    id_ = _fetched(store)
    _take(store, [id_], later(1))
    store.write(lambda tx: pages.release(tx, [id_], later(2)))
    assert [page.id for page in _take(store, [id_], later(3))] == [id_]

    def lost(seconds: float) -> list[int]:
        now = later(seconds)
        return store.write(lambda tx: pages.lost(tx, now=now, lease_s=LEASE_S, enqueued_before=now, limit=9))

    assert lost(LEASE_S) == []
    assert lost(LEASE_S + 4) == [id_]
    store.write(lambda tx: pages.requeued(tx, [id_], later(LEASE_S + 4)))
    assert lost(LEASE_S + 5) == []


def test_buried_page_is_a_dead_letter_and_can_be_replayed(store: Store) -> None:
    """What could not be extracted keeps its cause and its bytes."""
    id_ = _fetched(store)
    _take(store, [id_])
    store.write(lambda tx: pages.bury(tx, id_, cause="boom", now=later(1)))
    with store.read() as tx:
        (letter,) = dead_letters.rows(tx)
        feed_id = tx.execute(select(articles.c.feed_id)).scalar_one()
        assert audit.check(tx) == []
    assert (letter.stage, letter.ref_id, letter.cause, letter.feed_id) == ("page", id_, "boom", feed_id)
    assert _take(store, [id_], later(1000)) == []
    assert [page.job_attempts for page in _take(store, [id_], later(1000), replay=True)] == [1]
    with store.read() as tx:
        assert dead_letters.rows(tx) == []


def test_many_hosts_are_claimed_longest_due_first(store: Store) -> None:
    """With little room the pages that wait longest come first."""
    _ask(store, *(f"https://h{n}.example/" for n in range(30)))
    store.write(
        lambda tx: [
            tx.execute(table.update().where(table.c.host == f"h{n}.example").values(due_at=later(-n)))
            for n in range(30)
        ]
    )
    claimed = store.write(
        lambda tx: pages.claim(tx, now=T0, limit=3, lease_s=LEASE_S, courtesy=Courtesy(at_once=2, gap_s=1.0))
    )
    assert {page.url for page in claimed} == {f"https://h{n}.example/" for n in (27, 28, 29)}
