"""Retention: what is old is forgotten in small batches, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from pipeline.core.model import Fate, Sent
from pipeline.core.turns import Courtesy
from pipeline.store import alerts, articles, audit, dead_letters, deliveries, pages, raw, search, tables
from pipeline.store.alerts import remind
from pipeline.store.engine import Store
from tests import stock
from tests.stock import T0, Ring, later

DAY = 86_400


def _purge(store: Store, days: float, **how: int) -> int:
    return stock.purge(store, T0 + timedelta(days=days), **how)


def _counts(store: Store) -> dict[str, int]:
    names = ("polls", "raw_items", "articles", "entries", "stories", "alerts", "deliveries", "revisions")
    with store.read() as tx:
        assert audit.check(tx) == []
        return {
            name: tx.execute(select(func.count()).select_from(getattr(tables, name))).scalar_one()
            for name in names
        }


def test_raw_items_go_first_and_polls_later(store: Store) -> None:
    """After the raw days the bytes go, after the poll days the row; the articles stay, and it adds up."""
    stock.add_feed(store)
    stock.news(store, "one", "two")
    assert _purge(store, 6.9) == 0
    assert _purge(store, 7.1) == 2
    counts = _counts(store)
    assert (counts["raw_items"], counts["polls"], counts["articles"]) == (0, 1, 2)
    with store.read() as tx:
        assert tx.execute(select(tables.polls.c.head, tables.polls.c.purged)).one() == (None, 2)
    assert _purge(store, 14.1) == 1
    assert _purge(store, 1000) == 0
    assert _counts(store) == {**counts, "polls": 0}


def test_batches_are_small(store: Store) -> None:
    """No purge holds the database for longer than its batch."""
    stock.add_feed(store)
    stock.news(store, *(str(n) for n in range(7)))
    assert [_purge(store, 8, batch=3) for _ in range(4)] == [3, 3, 1, 0]


def test_open_items_are_never_purged_and_dead_ones_stay_as_long_as_polls(store: Store) -> None:
    """What is not worked off is not forgotten; a dead letter expires with what it names."""
    stock.add_feed(store)
    ids = stock.bring(store, ["open", "dead"])
    stock.take(store, ids[1:])
    store.write(lambda tx: raw.bury(tx, ids[1:], cause="x", now=later(1)))
    assert _purge(store, 8) == 0
    assert _purge(store, 15) == 1
    with store.read() as tx:
        assert tx.execute(select(tables.raw_items.c.id)).scalars().all() == ids[:1]
        assert [letter.state for letter in dead_letters.rows(tx, state=None)] == ["expired"]
        assert audit.check(tx) == []


def test_articles_are_kept_unless_told(store: Store) -> None:
    """With article days they go with all that is about them, but for the identities of their entries."""
    channel_id = stock.add_channel(store)
    ring = Ring((stock.add_subscription(store, channel_ids=[channel_id]),))
    stock.add_feed(store)
    done = stock.news(store, "one", "two", ring=ring)
    for id_ in done.rung.delivery_ids:
        store.write(lambda tx, id_=id_: deliveries.claim(tx, id_, now=later(1), lease_s=60))
        sent = Sent(ok=True)
        store.write(
            lambda tx, id_=id_, sent=sent: deliveries.settle(
                tx, id_, sent=sent, next_attempt_at=None, now=later(2)
            )
        )
    _purge(store, 20)
    _purge(store, 20)
    assert _counts(store)["articles"] == 2
    assert _purge(store, 20, article_days=10, batch=1) == 1
    assert _purge(store, 20, article_days=10) == 1
    counts = _counts(store)
    assert (counts["articles"], counts["alerts"], counts["deliveries"], counts["stories"]) == (0, 0, 0, 0)
    assert counts["entries"] == 2
    with store.read() as tx:
        assert search.missing(tx, [one.article_id for one in done.saved]) == {
            one.article_id for one in done.saved
        }


def test_entry_of_a_purged_article_does_not_come_back(store: Store) -> None:
    """A feed that still lists an old entry makes no article of it; a changed one does."""
    stock.add_feed(store)
    stock.news(store, "one")
    for _ in range(3):
        _purge(store, 20, article_days=10)
    assert _counts(store)["articles"] == 0
    at = 21 * DAY
    (item,) = stock.take(store, stock.bring(store, ["x"], now=later(at)), later(at))
    again = stock.ingest(store, [stock.parsed(item, stock.entry("one"))], now=later(at))
    assert [one.fate for one in again.decisions] == [Fate.DUPLICATE]
    assert again.saved[0].story_id == 0
    (item,) = stock.take(store, stock.bring(store, ["y"], now=later(at + 400)), later(at + 400))
    changed = stock.ingest(store, [stock.parsed(item, stock.entry("one", body="New."))], now=later(at + 400))
    assert [one.fate for one in changed.decisions] == [Fate.ARTICLE]
    assert _counts(store)["articles"] == 1


def test_article_with_a_delivery_on_its_way_stays(store: Store) -> None:
    """Nothing is taken from under an alert that is still to be told."""
    channel_id = stock.add_channel(store)
    ring = Ring((stock.add_subscription(store, channel_ids=[channel_id]),))
    stock.add_feed(store)
    stock.news(store, "one", ring=ring)
    for _ in range(3):
        _purge(store, 20, article_days=10)
    counts = _counts(store)
    assert (counts["articles"], counts["deliveries"]) == (1, 1)


def _copies(store: Store, ring: Ring, *days: float) -> list[int]:
    """The same text under a new name on each day, after what is older than a day has gone; alerts made each day."""
    made = []
    for day in days:
        for _ in range(3):
            _purge(store, day, article_days=1, raw_days=1, poll_days=1)
        name, now = f"copy of day {day}", later(day * DAY)
        (item,) = stock.take(store, stock.bring(store, [name], now=now), now)
        parsed = stock.parsed(item, stock.entry(name, body="The same text."))
        made.append(len(stock.ingest(store, [parsed], now=now, ring=ring).rung.alert_ids))
    return made


def test_story_that_rang_rings_once_however_short_articles_are_kept(store: Store) -> None:
    """Its alert outlives its copies: they come for days, each less than three after the last."""
    ring = Ring((stock.add_subscription(store),))
    stock.add_feed(store)
    assert _copies(store, ring, 0, 2, 4, 6) == [1, 0, 0, 0]
    assert _counts(store)["articles"] < 4
    assert _copies(store, ring, 12) == [1]
    assert _counts(store)["articles"] == 1


def test_article_whose_alert_is_snoozed_stays(store: Store) -> None:
    """It is to come back."""
    stock.add_feed(store)
    done = stock.news(store, "one", ring=Ring((stock.add_subscription(store),)))
    (alert_id,) = done.rung.alert_ids
    store.write(lambda tx: alerts.snooze(tx, alert_id, until=later(21 * DAY), by="anna", now=T0))
    for _ in range(3):
        _purge(store, 20, article_days=10)
    assert _counts(store)["articles"] == 1
    store.write(lambda tx: remind.wake(tx, later(22 * DAY)))
    _purge(store, 23, article_days=10)
    assert _counts(store)["articles"] == 0


def test_article_that_rang_for_many_goes_in_several_transactions(store: Store) -> None:
    """Each of them forgets so many alerts at most, of one article or of several, and the article with the last."""
    ids = tuple(stock.add_subscription(store, f"desk {number}") for number in range(120))
    stock.add_feed(store)
    stock.news(store, "one", ring=Ring(ids))
    stock.news(store, "two", now=later(3600), ring=Ring(ids[:60]))
    stock.news(store, "three", now=later(7200), ring=Ring(ids[:30]))
    left = []
    for _ in range(3):
        _purge(store, 20, article_days=10)
        counts = _counts(store)
        left.append((counts["articles"], counts["alerts"]))
    assert left == [(3, 110), (1, 30), (0, 0)]


def test_story_lives_as_long_as_its_last_article(store: Store) -> None:
    """When an older copy goes, the counts follow."""
    stock.add_feed(store)
    same = "The same text."
    for name, at in (("old", 0.0), ("new", 2.0 * DAY)):
        (item,) = stock.take(store, stock.bring(store, [name], now=later(at)), later(at))
        stock.ingest(store, [stock.parsed(item, stock.entry(name, body=same))], now=later(at))
    for _ in range(3):
        _purge(store, 11, article_days=10)
    with store.read() as tx:
        (story,) = tx.execute(select(tables.stories)).all()
        assert len(articles.rows(tx)) == story.article_count == 1
        assert audit.check(tx) == []


def test_bytes_of_pages_go_like_raw_items(store: Store) -> None:
    """A page that was worked off keeps its row and loses its body."""
    stock.add_feed(store)
    items = stock.take(store, stock.bring(store, ["one"]))
    stock.ingest(store, [stock.parsed(items[0], stock.entry("one"))], pages=True)
    (due,) = store.write(
        lambda tx: pages.claim(tx, now=T0, limit=1, lease_s=9, courtesy=Courtesy(at_once=1, gap_s=1))
    )
    got = pages.PageResult(page_id=due.id, state="fetched", status=200, body=b"<p>")
    store.write(lambda tx: pages.commit(tx, [got], later(2)))
    _purge(store, 8)
    with store.read() as tx:
        assert tx.execute(select(tables.pages.c.body)).scalar_one() == b"<p>"
    store.write(lambda tx: pages.skip(tx, due.id, reason="empty", cause="no text"))
    assert _purge(store, 8) == 1
    with store.read() as tx:
        assert tx.execute(select(tables.pages.c.body, tables.pages.c.state)).one() == (None, "skipped")
