"""The account: it is even after real work, and names the row where it is not."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from pipeline.core.model import Sent
from pipeline.core.policy import read
from pipeline.core.turns import Courtesy
from pipeline.store import alerts, articles, audit, deliveries, pages, raw, subscriptions
from pipeline.store.alerts import release
from pipeline.store.articles import Saved
from pipeline.store.engine import Store, Tx
from tests import stock
from tests.stock import T0, Ring, later


@pytest.fixture
def full(store: Store) -> Store:
    """A store where everything has happened: articles, copies, updates, dead ones, alerts, deliveries, pages."""
    channel_id = stock.add_channel(store)
    ring = Ring((stock.add_subscription(store, channel_ids=[channel_id]),))
    stock.add_feed(store)
    items = stock.take(store, stock.bring(store, ["1", "2", "3", "4"], known=2))
    found = [
        stock.parsed(items[0], stock.entry("one"), stock.entry("two"), rejected=["no content"]),
        stock.parsed(items[1], stock.entry("one", guid="other")),
        stock.parsed(items[2], stock.entry("copy", body="The text of two."), stock.entry("one", body="New.")),
    ]
    done = stock.ingest(store, found, ring=ring, pages=True)
    store.write(lambda tx: raw.bury(tx, [items[3].id], cause="malformed", now=later(1)))
    _gather(store, channel_id)
    first, second = done.rung.delivery_ids[:2]
    for id_, sent in ((first, Sent(ok=True)), (second, Sent(ok=False, error="410"))):
        store.write(lambda tx, id_=id_: deliveries.claim(tx, id_, now=later(1), lease_s=60))
        store.write(
            lambda tx, id_=id_, sent=sent: deliveries.settle(
                tx, id_, sent=sent, next_attempt_at=None, now=later(2)
            )
        )
    (due, *_) = store.write(
        lambda tx: pages.claim(tx, now=later(1), limit=1, lease_s=9, courtesy=Courtesy(at_once=1, gap_s=1))
    )
    got = pages.PageResult(page_id=due.id, state="fetched", status=200, body=b"<p>")
    store.write(lambda tx: pages.commit(tx, [got], later(2)))
    return store


def _gather(store: Store, channel_id: int) -> None:
    """A subscription whose cooldown held an alert until it was told in a digest, and one that holds another."""

    def subscribe(tx: Tx, name: str, **said: str) -> int:
        policy = read(said)
        return subscriptions.add(
            tx, name=name, query="truce", channel_ids=[channel_id], policy=policy, now=T0
        )

    def work(tx: Tx) -> None:
        texts = {one.story_id: one for one in articles.rows(tx)}
        first, second = (
            Saved(article_id=one.id, story_id=id_, revision_id=None, new=True, same_feed=False)
            for id_, one in sorted(texts.items())
        )
        calm, late = subscribe(tx, "calm", cooldown="1h"), subscribe(tx, "late", digest="0 8 * * *")
        alerts.ring(tx, [stock.wish(calm, first), stock.wish(calm, second), stock.wish(late, second)], T0)
        release.release(tx, [calm], later(3600))

    store.write(work)


def test_account_is_even_after_work_of_every_kind(full: Store) -> None:
    """Nothing that the store does by itself leaves a row that does not add up."""
    with full.read() as tx:
        assert audit.check(tx) == []


_ANOTHER_STORY = """UPDATE alerts SET backlog = true, story_id = (SELECT min(id) FROM stories)
    WHERE id = (SELECT max(id) FROM alerts)"""


@pytest.mark.parametrize(
    ("damage", "table", "sentence"),
    [
        (
            "UPDATE polls SET seen = seen + 1",
            "polls",
            "items seen are 7, but new, known and rejected together are 6",
        ),
        (
            "UPDATE raw_items SET state = 'done'; DELETE FROM raw_items WHERE position = 3",
            "polls",
            "brought 4 new",
        ),
        ("UPDATE polls SET purged = 1", "polls", "brought 4 new items, but 5"),
        ("UPDATE raw_items SET duplicates = 0 WHERE position = 1", "raw_items", "held 1 entries"),
        (
            "UPDATE raw_items SET articles = 3, dead = 0 WHERE position = 0",
            "raw_items",
            "3 articles came of it",
        ),
        ("UPDATE articles SET raw_item_id = 0 WHERE title = 'Title of two'", "raw_items", "there are 1"),
        (
            "UPDATE alerts SET revision_id = NULL; DELETE FROM revisions WHERE reason = 'update'",
            "raw_items",
            "1 updates came of it, but there are 0",
        ),
        ("DELETE FROM dead_letters WHERE stage = 'ingest'", "raw_items", "no dead letter names it"),
        ("DELETE FROM article_feeds", "articles", "no feed lists it"),
        ("DELETE FROM entries", "articles", "would come back as new"),
        ("DELETE FROM article_index", "articles", "not in the full-text index"),
        ("UPDATE articles SET story_reason = 'similarity'", "articles", "should say how like"),
        (
            "UPDATE articles SET story_id = (SELECT min(id) FROM stories)",
            "stories",
            "articles say that they founded it",
        ),
        ("UPDATE stories SET article_count = 5", "stories", "counts 5 articles"),
        ("UPDATE stories SET source_count = 0", "stories", "counts 0 sources, but has 1"),
        ("DELETE FROM deliveries WHERE state = 'delivered'", "alerts", "1 channels, but has 0"),
        ("UPDATE alerts SET backlog = true", "alerts", "it is backlog"),
        ("UPDATE alerts SET disposition = 'lost' WHERE disposition = 'held'", "alerts", "it is neither sent"),
        ("UPDATE alerts SET held_because = '' WHERE disposition = 'held'", "alerts", "nothing says why"),
        ("UPDATE alerts SET disposition = 'held', channels = 0", "alerts", "or it has 1 deliveries"),
        ("UPDATE alerts SET digest_id = NULL", "alerts", "not in one of its subscription's"),
        ("UPDATE digests SET alerts = alerts + 1", "digests", "counts 2 alerts, but has 1"),
        ("DELETE FROM deliveries WHERE digest_id > 0", "digests", "1 channels, but has 0"),
        ("UPDATE deliveries SET alert_id = NULL", "deliveries", "tells of 0 things"),
        (
            _ANOTHER_STORY,
            "alerts",
            "its article is of story",
        ),
        ("UPDATE deliveries SET delivered_at = NULL", "deliveries", "but not when"),
        ("DELETE FROM dead_letters WHERE stage = 'deliver'", "deliveries", "no dead letter names it"),
        ("UPDATE pages SET body = NULL", "pages", "nothing of it is kept"),
        ("UPDATE pages SET state = 'dead'", "pages", "no dead letter names it"),
    ],
)
def test_damage_is_found_and_its_row_named(full: Store, damage: str, table: str, sentence: str) -> None:
    """Whatever is lost or changed behind the program's back, the audit says which row and what is wrong."""
    with full.begin() as tx:
        for statement in damage.split("; "):
            tx.execute(text(statement))
    with full.read() as tx:
        found = [fault for fault in audit.check(tx) if fault.table == table and sentence in fault.sentence]
        rows = set(tx.execute(text(f"SELECT id FROM {table}")).scalars())
    assert found
    assert {fault.id for fault in found} <= rows
