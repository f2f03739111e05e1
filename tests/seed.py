"""A day of news in the store, without the network that brought it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from pipeline.core.alert import Wish
from pipeline.core.change import Version, change
from pipeline.core.dedupe import Decision
from pipeline.core.model import Entry, Fate, FullText, Match, RawItem, Sent
from pipeline.store import alerts, articles, channels, deliveries, feeds, subscriptions, updates
from pipeline.store.articles import Plan
from pipeline.store.engine import Store, Tx
from pipeline.store.updates import NewUpdate

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

TITLE = "Sanctions <b>after</b> the invasion"
BODY = "Ministers met.\nEconomic sanctions follow the invasion, they said."


@dataclass(frozen=True)
class Seeded:
    """Ids of what there is; the second alert is backlog, the delivery is dead."""

    feed: int
    channel: int
    subscription: int
    articles: tuple[int, ...]
    alerts: tuple[int, ...]
    delivery: int


def seed(
    store: Store, *, titles: tuple[str, ...] = (TITLE, "Older news"), url: str = "https://news.example/a"
) -> Seeded:
    """A feed with an article for each title, and an alert for each of the first two."""
    return store.write(lambda tx: _seed(tx, titles, url))


def update_of(store: Store, alert_id: int, article_id: int) -> None:
    """An update of an alert: fifteen, not twelve."""
    what = change(Version("Quake kills 12"), Version("Quake kills 15"))
    assert what is not None
    with store.read() as tx:
        subscription_id = alerts.show(tx, alert_id).subscription_id
    one = NewUpdate(
        alert_id=alert_id,
        subscription_id=subscription_id,
        article_id=article_id,
        revision_id=None,
        change=what,
        held=False,
    )
    store.write(lambda tx: updates.put(tx, [one], NOW))


def _seed(tx: Tx, titles: tuple[str, ...], url: str) -> Seeded:
    feed = feeds.add(tx, url="https://news.example/feed", title="News & Views", interval_s=300, now=NOW)
    channel = channels.add(
        tx, name="desk", url="https://desk.example/hook", secret="whsec_" + "A" * 32, now=NOW
    )
    subscription = subscriptions.add(tx, name="War", query="invasion", channel_ids=[channel], now=NOW)
    plans = [_plan(feed, title, f"{url}?n={number}", number) for number, title in enumerate(titles)]
    saved = articles.save(tx, plans, now=NOW)
    wishes = [
        Wish(
            subscription_id=subscription,
            story_id=one.story_id,
            article_id=one.article_id,
            revision_id=None,
            backlog=number == 1,
            matches=_matches(titles[number]),
        )
        for number, one in enumerate(saved[:2])
    ]
    rung = alerts.ring(tx, wishes, NOW)
    (delivery,) = rung.delivery_ids
    deliveries.claim(tx, delivery, now=NOW, lease_s=60)
    failed = Sent(ok=False, error="HTTP 500: \x1b[31mno")
    deliveries.settle(tx, delivery, sent=failed, next_attempt_at=None, now=NOW)
    ids = tuple(one.article_id for one in saved)
    return Seeded(feed, channel, subscription, ids, rung.alert_ids, delivery)


def _plan(feed: int, title: str, url: str, number: int) -> Plan:
    key = blake2b(url.encode(), digest_size=16).digest()
    entry = Entry(
        key=key,
        url=url,
        url_key=key,
        title=title,
        summary="What the ministers said.",
        body=BODY,
        html="<p>Ministers met.</p>",
        author="A. Writer",
        language="en",
        tags=(),
        published_at=NOW - timedelta(minutes=5) if number == 0 else None,
        content_hash=key,
        text_key=None,
    )
    return plan(entry, feed, number, frozenset({"invasion"}), backlog=number == 1)


def plan(entry: Entry, feed: int, number: int, terms: frozenset[str], *, backlog: bool = False) -> Plan:
    """The plan of a new article of a new story, from the item with this number."""
    decision = Decision(
        item=_item(feed, number), entry=entry, fate=Fate.ARTICLE, article_id=None, story_id=None, current=True
    )
    return Plan(decision=decision, terms=terms, backlog=backlog, page_due_at=None)


def _item(feed: int, number: int) -> RawItem:
    return RawItem(
        id=number + 1,
        feed_id=feed,
        poll_id=1,
        seq=1,
        position=number,
        head=b"",
        data=b"",
        tail=b"",
        cut=True,
        format="xml",
        content_type="",
        base_url="",
        fetched_at=NOW,
        link_shared=False,
        guid_shared=False,
        first=True,
        attempts=1,
        feed_language=None,
        feed_title="",
        feed_url="",
        feed_tags=(),
        full_text=FullText.NEVER,
    )


def _matches(title: str) -> tuple[Match, ...]:
    found = [_match("body", BODY, BODY.splitlines()[1])]
    return (_match("title", title, title), *found) if "invasion" in title else tuple(found)


def _match(field: str, text: str, context: str) -> Match:
    start = text.index("invasion")
    end = start + len("invasion")
    return Match(term="invasion", field=field, start=start, end=end, text=text[start:end], context=context)
