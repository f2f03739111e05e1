"""Trace: a known fate for each address, and the right answer to each, on both databases."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from pipeline.core.model import FeedState, FullText, Sent
from pipeline.core.policy import Mode, QuietHours, Rate, RingPolicy
from pipeline.flow import extract_pages, trace
from pipeline.flow.release import release
from pipeline.store import channels, deliveries, feeds, raw, subscriptions, tables
from pipeline.store.engine import Store
from pipeline.store.ids import reserve
from tests import stock
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site
from tests.test_end_to_end import page

URL = "https://news.example/wire/1"
NEWS = ("Border news", "The invasion of the delta began at dawn, and nobody was ready.")


def told(bench: Bench, url: str = URL, name: str | None = None, *, days: int = 0) -> tuple[str, str]:
    """The fate of an address in a word and in a sentence."""
    answer = trace(bench.store, url, name=name, article_days=days).answer
    return answer.fate, answer.answer


def lines(bench: Bench, url: str = URL) -> str:
    """Every line of the answer."""
    return "\n".join(line.text for line in trace(bench.store, url).answer.lines)


def serve(bench: Bench, site: Site, *items: str, path: str = "/feed", **options: Any) -> int:
    """A feed with these items; its id."""
    return bench.feed(site.answer(path, Reply(body=rss(*items))), **options)


def rung(bench: Bench, site: Site, query: str = "invasion") -> int:
    """An article that rings a subscription with a channel; the id of the delivery."""
    bench.subscribe(query, channel_url=site.url("/hook"))
    serve(bench, site, item(1, *NEWS))
    bench.run()
    return the(bench, "deliveries")


def the(bench: Bench, table: str) -> int:
    """The id of the newest row; ids go on from test to test."""
    with bench.store.read() as tx:
        return int(tx.execute(select(func.max(getattr(tables, table).c.id))).scalar_one())


def settle(bench: Bench, id_: int, sent: Sent, *, again: bool = False) -> None:
    """One attempt at a delivery."""
    next_at = bench.now + timedelta(minutes=5) if again else None
    with bench.store.begin() as tx:
        assert deliveries.claim(tx, id_, now=bench.now, lease_s=60)
        deliveries.settle(tx, id_, sent=sent, next_attempt_at=next_at, now=bench.now)


def test_an_address_that_no_feed_could_have_brought(bench: Bench) -> None:
    """No feed of its site is polled, or none is active."""
    assert told(bench, "https://elsewhere.example/x") == (
        "no feed",
        "no feed of its site is polled, and none lists it: `./run feeds add URL` adds one",
    )
    id_ = stock.add_feed(bench.store, "https://feeds.elsewhere.example/rss")
    with bench.store.begin() as tx:
        feeds.set_state(tx, id_, FeedState.PAUSED)
    assert told(bench, "https://www.elsewhere.example/x")[0] == "feed paused"
    assert told(bench, "no address at all")[0] == "never seen"


def test_an_address_that_was_in_no_document(store: Store) -> None:
    """What the polls around it held is told: counts, a gap, and a document that shares nothing with the last."""
    bench = Bench(store)
    id_ = stock.add_feed(store)
    stock.bring(store, ["one", "two"])
    (feed,) = stock.claim(store, stock.later(3600))
    stock.commit(store, [stock.result(feed, stock.document(["three"]), now=stock.later(3600))])
    assert told(bench, "https://www.a.example/never")[0] == "never seen"
    said = lines(bench, "https://www.a.example/never")
    assert f"poll 2 of feed {id_} at 2026-03-01 13:00:00 UTC: new; 1 item: 1 new, 0 known, 0 rejected" in said
    assert "was not polled between 2026-03-01 12:00:00 UTC and 2026-03-01 13:00:00 UTC" in said
    assert f"poll 2 of feed {id_} shared no item with the one before" in said


def test_a_feed_that_lists_other_articles_of_the_site(bench: Bench, site: Site) -> None:
    """An aggregator on another host might have brought it."""
    serve(bench, site, item(1, *NEWS, link="https://papers.example/1"))
    bench.run()
    assert told(bench, "https://www.papers.example/2")[0] == "never seen"


def test_an_address_whose_feed_fails(store: Store) -> None:
    """The feed's error is the answer."""
    stock.add_feed(store)
    (feed,) = stock.claim(store)
    stock.commit(store, [stock.failed(feed)])
    fate, answer = told(Bench(store), "https://a.example/x")
    assert fate == "feed failing"
    assert "no answer within 30 s" in answer
    assert "; never answered well, failed 1 time: no answer" in lines(Bench(store), "https://a.example/x")


def test_an_item_that_the_cut_rejected(bench: Bench, site: Site) -> None:
    """Nothing of it is kept but the reason, with the link."""
    bench.with_policy(items_per_document=1)
    serve(bench, site, item(1, *NEWS), item(2, "Two", "Beyond the limit.", link="/wire/2?utm_source=x&a=b"))
    bench.run()
    fate, answer = told(bench, site.url("/wire/2?a=b"))
    assert fate == "rejected"
    assert "it was rejected: too-many-items: The document lists more than 1 items." in answer
    assert "poll 1 of feed" in lines(bench, site.url("/wire/2?a=b"))


def test_items_that_wait_and_that_died(bench: Bench, site: Site) -> None:
    """Without a worker an item waits; one that cannot be ingested is a dead letter with its cause."""
    serve(bench, site, item(1, *NEWS), item(2, "Two", f"It tells of {URL} too, but is not it."))
    bench.poll()
    assert told(bench)[0] == "waiting"
    assert "raw item" in lines(bench)
    assert told(bench, "wire-1")[0] == "waiting"
    (ids,) = bench.pushed["ingest"]
    with bench.store.begin() as tx:
        raw.bury(tx, ids, cause="cpu-limit: took more than 2 s of CPU", now=bench.now)
    fate, answer = told(bench)
    assert fate == "dead letter"
    assert "cpu-limit" in answer


def test_old_news_is_backlog(bench: Bench, site: Site) -> None:
    """A first poll's old items are matched and not delivered."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    serve(bench, site, item(1, *NEWS, at=bench.now - timedelta(days=1)))
    bench.run()
    fate, answer = told(bench)
    assert fate == "backlog"
    assert f"met by invasion; alert {the(bench, 'alerts')} is backlog" in answer


def test_a_delivery_that_waits_fails_is_delivered_or_dies(bench: Bench, site: Site) -> None:
    """Each channel's state, attempts and error."""
    id_ = rung(bench, site)
    assert told(bench)[0] == "pending"
    settle(bench, id_, Sent(ok=False, error="HTTP 500"), again=True)
    fate, answer = told(bench)
    assert fate == "retrying"
    assert "attempt 1 failed: HTTP 500; next at" in answer
    bench.pass_by(minutes=6)
    settle(bench, id_, Sent(ok=False, error="HTTP 410"))
    fate, answer = told(bench)
    assert fate == "dead"
    assert f"given up after attempt 2: HTTP 410; `./run deliveries retry {id_}`" in answer
    with bench.store.begin() as tx:
        deliveries.retry(tx, ids=[id_], now=bench.now)
    settle(bench, id_, Sent(ok=True))
    fate, answer = told(bench)
    assert fate == "delivered"
    assert answer.startswith(f"invasion: met by invasion; alert {the(bench, 'alerts')} of")
    assert f"(delivery {id_}, attempt 3)" in answer


def test_a_paused_channel_and_none_at_all(bench: Bench, site: Site) -> None:
    """A delivery to a paused channel waits for it; without a channel an alert is only listed."""
    rung(bench, site)
    with bench.store.begin() as tx:
        channels.set_state(tx, the(bench, "channels"), "paused", now=bench.now)
    assert told(bench)[0] == "channel paused"
    bench.subscribe("delta")
    serve(bench, site, item(7, "News", "A delta."), path="/other")
    bench.run()
    assert told(bench, "https://news.example/wire/7", "delta")[0] == "no channel"


def test_a_paused_subscription_and_one_made_later(bench: Bench, site: Site) -> None:
    """Neither rings; which of the two it was is told."""
    paused = bench.subscribe("invasion")
    with bench.store.begin() as tx:
        subscriptions.set_state(tx, paused, "paused", now=bench.now)
    serve(bench, site, item(1, *NEWS))
    bench.run()
    bench.pass_by(minutes=1)
    bench.subscribe("dawn")
    assert told(bench, name="invasion")[0] == "paused"
    fate, answer = told(bench, name="dawn")
    assert fate == "newer"
    assert "after the article came (would have been met)" in answer
    assert told(bench)[0] == "not met"


def test_the_clause_that_a_query_fails_on(bench: Bench, site: Site) -> None:
    """An excluded word, words in another order, another field, no query at all; and one changed since."""
    queries = ("invasion NOT dawn", '"the delta of invasion"', "title:invasion", "earthquake", "delta OR")
    for query in queries:
        bench.subscribe(query)
    serve(bench, site, item(1, *NEWS))
    bench.run()
    answers = [told(bench, name=query) for query in queries]
    assert {fate for fate, _ in answers} == {"not met"}
    assert "has dawn, which is excluded" in answers[0][1]
    assert "it cannot be read any more" in answers[4][1]
    assert 'lacks "the delta of invasion"' in answers[1][1]
    assert "lacks title:invasion" in answers[2][1]
    bench.pass_by(minutes=1)
    with bench.store.begin() as tx:
        subscriptions.edit(tx, the(bench, "subscriptions"), query="delta", now=bench.now)
    assert told(bench, name="delta OR")[0] == "changed"


def test_a_copy_of_a_story_that_rang(bench: Bench, site: Site) -> None:
    """The alert that rang for the story is named, with its article and how it was told."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    text = " ".join(
        f"The invasion went on for day {number}, {'far ' * number} to the east." for number in range(9)
    )
    serve(bench, site, item(1, "Day", text))
    bench.run()
    first = the(bench, "articles")
    serve(bench, site, item(2, "Day", text, link="https://copy.example/b"), path="/b")
    bench.run()
    fate, answer = told(bench, "https://copy.example/b")
    assert fate == "copy"
    assert f"its story had rung already: alert {the(bench, 'alerts')} of {bench.now:%Y-%m-%d}" in answer
    assert f"for article {first} ({URL})" in answer
    assert "2 articles from 1 source" in lines(bench)
    near = text.replace("day 4", "day four")
    serve(bench, site, item(3, "Day, by our own reporter", near, link="https://near.example/c"), path="/c")
    bench.run()
    assert told(bench, "https://near.example/c")[0] == "copy"
    assert "as a near copy (similarity 0." in lines(bench, "https://near.example/c")


def test_an_updated_article(bench: Bench, site: Site) -> None:
    """Both polls are named, and what each came to."""
    bench.subscribe("invasion")
    serve(bench, site, item(1, *NEWS))
    bench.run()
    first = the(bench, "raw_items")
    bench.pass_by(hours=1)
    site.answer("/feed", Reply(body=rss(item(1, "Border news, corrected", NEWS[1]))))
    bench.run()
    said = lines(bench)
    assert f"raw item {first} was parsed: an article" in said
    assert f"raw item {the(bench, 'raw_items')} was parsed: an update" in said
    assert "its text gave way to 1 update" in said


def policy(bench: Bench, **options: Any) -> None:
    """The policy of the newest subscription."""
    with bench.store.begin() as tx:
        subscriptions.edit(tx, the(bench, "subscriptions"), policy=RingPolicy(**options), now=bench.now)


@pytest.mark.parametrize(
    ("because", "options"),
    [
        ("quiet hours", {"quiet": QuietHours(time(0), time(23, 59, 59), "UTC")}),
        ("digest", {"mode": Mode.DIGEST}),
        ("rate limit", {"rate": Rate(1, 3600)}),
        ("cooldown", {"cooldown_s": 3600}),
        ("sources", {"min_sources": 2}),
    ],
)
def test_held_alerts_tell_why_and_until_when(
    bench: Bench, site: Site, because: str, options: dict[str, Any]
) -> None:
    """Whatever holds an alert is named, with the time where one is known."""
    bench.now = bench.now.replace(hour=12)
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    policy(bench, **options)
    serve(bench, site, item(1, *NEWS))
    serve(bench, site, item(2, "Another", "An invasion elsewhere.", name="b"), path="/b")
    bench.poll()
    bench.ingest()
    answers = [told(bench, url) for url in (URL, "https://news.example/b/2")]
    held = [answer for fate, answer in answers if fate == "held"]
    assert len(held) == (1 if because in {"rate limit", "cooldown"} else 2)
    assert f"is held because of {because}" in held[0]
    assert (" until 20" in held[0]) == (because != "sources")


def test_an_alert_in_a_digest(bench: Bench, site: Site) -> None:
    """The message that told of it is named, with its deliveries."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    policy(bench, mode=Mode.DIGEST)
    serve(bench, site, item(1, *NEWS))
    bench.run()
    bench.pass_by(days=1)
    assert release(bench.ground) == 1
    assert told(bench)[0] == "pending"
    settle(bench, the(bench, "deliveries"), Sent(ok=True))
    fate, answer = told(bench)
    assert fate == "digest"
    assert f"is in digest {the(bench, 'digests')}: to invasion delivered" in answer


def test_a_follow_up(bench: Bench, site: Site) -> None:
    """Follow-ups of an event are told in one message, which is named."""
    id_ = rung(bench, site)
    row = {"kind": "follow_up", "subscription_id": the(bench, "subscriptions"), "created_at": bench.now}
    with bench.store.begin() as tx:
        (digest,) = reserve(tx, "digests")
        tx.execute(insert(tables.digests), {**row, "id": digest, "alerts": 1, "channels": 1})
        tx.execute(update(tables.deliveries).values(alert_id=None, digest_id=digest))
        gathered = {"disposition": "digest", "digest_id": digest, "follow_up": True, "channels": 0}
        tx.execute(update(tables.alerts).values(**gathered))
    settle(bench, id_, Sent(ok=True))
    fate, answer = told(bench)
    assert fate == "follow-up"
    assert f"is in follow-up {digest}: to invasion delivered" in answer


def test_an_article_that_retention_took(bench: Bench, site: Site) -> None:
    """Its identity stays: it was here, and when it went at the earliest is known."""
    serve(bench, site, item(1, *NEWS))
    bench.run()
    seen, bench.now = bench.now, bench.now + timedelta(days=60)

    def purge() -> int:
        return stock.purge(bench.store, bench.now, article_days=30, batch=10)

    while purge():
        pass
    fate, answer = told(bench, "wire-1", days=30)
    assert fate == "purged"
    assert f"purged by retention on or after {seen + timedelta(days=30):%Y-%m-%d}" in answer


def test_what_only_the_page_says_and_where_it_led(bench: Bench, site: Site) -> None:
    """The feed's text does not meet the query, the page's does; a redirect's address is known too."""
    bench.subscribe("invasion")
    html = {"Content-Type": "text/html"}
    site.answer("/final", Reply(body=page("Talks", "They warned of an invasion."), headers=html))
    site.answer("/short", Reply(302, headers={"Location": "/final"}))
    serve(bench, site, item(1, "Talks", "They met.", link=site.url("/short")), full_text=FullText.ALWAYS)
    bench.run()
    assert told(bench, site.url("/short"))[0] == "not met"
    bench.fetch_pages()
    extract_pages(bench.ground, bench.live, bench.pushed["pages"].pop())
    fate, answer = told(bench, site.url("/final"))
    assert fate == "no channel"
    assert "only its page says what was asked for" in answer
    assert "its page was fetched at" in lines(bench, site.url("/short"))
