"""Events in the store: stories join as they are founded, sources are counted once, and old tellings go."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from pipeline.core.dedupe import Copy
from pipeline.core.model import Entry, Fate
from pipeline.store import alerts, audit, events
from pipeline.store.articles import Saved
from pipeline.store.articles import events as joining
from pipeline.store.articles.events import WINDOW, Founded, Joined
from pipeline.store.articles.join import join
from pipeline.store.engine import Store
from pipeline.store.events import Spread
from pipeline.store.tables import event_keys, stories, story_links, tellings
from tests import stock
from tests.stock import T0, later
from tests.test_event import ELECTION, FLOOD, FLOOD_AGAIN, told

OTHER_FLOOD = (
    "Valmora under water as river Tessen floods",
    "Thousands left without a home in Valmora on Monday.",
)


def bring(
    store: Store, text: tuple[str, str], url: str, *, now: datetime = T0, author: str = "", body: str = ""
) -> Saved:
    """One article of this title and summary."""
    entry = news(text, url, now=now, author=author, body=body)
    return bring_all(store, entry, now=now)[0]


def news(text: tuple[str, str], url: str, *, now: datetime = T0, author: str = "", body: str = "") -> Entry:
    """An entry with this title and summary, published as it came."""
    return replace(
        stock.entry(url, url=url),
        title=text[0],
        summary=text[1],
        body=body,
        author=author,
        published_at=now,
        content_hash=stock.digest(f"{text}{body}"),
        text_key=stock.digest(f"{text}{body}"),
    )


def bring_all(store: Store, *entries: Entry, now: datetime = T0) -> list[Saved]:
    """A batch of articles."""
    items = stock.take(store, stock.bring(store, [entry.url for entry in entries], now=now), now)
    found = [stock.parsed(item, entry) for item, entry in zip(items, entries, strict=True)]
    return stock.ingest(store, found, now=now, tell=True).saved


def event_of(store: Store, story_id: int) -> int:
    """The event of a story."""
    with store.read() as tx:
        return int(tx.execute(select(stories.c.event_id).where(stories.c.id == story_id)).scalar_one())


def spread(store: Store, event_id: int) -> Spread:
    """Who tells of an event."""
    with store.read() as tx:
        found = events.spread(tx, [event_id])[event_id]
        assert events.independent(tx, [event_id]) == {event_id: found.independent}
    return found


def faults(store: Store) -> list[audit.Fault]:
    """What does not add up."""
    with store.read() as tx:
        return audit.check(tx)


def test_story_joins_the_event_of_the_same_news(store: Store) -> None:
    """The event has the name of its first story; other news is an event of its own."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    again = bring(store, FLOOD_AGAIN, "https://two.example/flood", now=later(600))
    other = bring(store, ELECTION, "https://two.example/mayor", now=later(1200))
    assert again.story_id != first.story_id
    assert event_of(store, again.story_id) == event_of(store, first.story_id) == first.story_id
    assert event_of(store, other.story_id) == other.story_id
    assert faults(store) == []


def test_stories_of_one_batch_join_as_well(store: Store) -> None:
    """The later one joins the earlier one."""
    stock.add_feed(store)
    first, other, again = bring_all(
        store,
        news(FLOOD, "https://one.example/flood"),
        news(ELECTION, "https://one.example/mayor"),
        news(FLOOD_AGAIN, "https://two.example/flood"),
    )
    assert event_of(store, again.story_id) == first.story_id
    assert event_of(store, other.story_id) == other.story_id
    assert faults(store) == []


def test_event_does_not_grow_beyond_its_window(store: Store) -> None:
    """A story that is like a member that is near, of an event that is old, founds a new one."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    near = T0 + WINDOW - timedelta(hours=1)
    member = bring(store, FLOOD_AGAIN, "https://two.example/flood", now=near)
    late = bring(store, OTHER_FLOOD, "https://three.example/flood", now=near + timedelta(hours=2))
    assert event_of(store, member.story_id) == first.story_id
    assert event_of(store, late.story_id) == late.story_id


def test_old_news_joins_nothing(store: Store) -> None:
    """What a first poll brings may be of another year."""
    stock.add_feed(store)
    bring(store, FLOOD, "https://one.example/flood")
    old = news(FLOOD_AGAIN, "https://two.example/flood", now=T0 - timedelta(days=300))
    (saved,) = bring_all(store, old, now=later(600))
    assert event_of(store, saved.story_id) == saved.story_id
    with store.read() as tx:
        assert saved.story_id not in tx.execute(select(tellings.c.story_id)).scalars().all()


def test_each_story_of_an_event_has_its_alert(store: Store) -> None:
    """An event swallows nothing: the second waits for its follow-up."""
    stock.add_feed(store)
    subscription = stock.add_subscription(store, channel_ids=[stock.add_channel(store)])
    for text, url, at, delivered in (
        (FLOOD, "https://one.example/flood", 0, 1),
        (FLOOD_AGAIN, "https://two.example/flood", 600, 0),
    ):
        saved = bring(store, text, url, now=later(at))
        rung = store.write(lambda tx, saved=saved: alerts.ring(tx, [stock.wish(subscription, saved)], T0))
        assert (len(rung.alert_ids), len(rung.delivery_ids)) == (1, delivered)


def test_workers_that_found_at_once_wait_for_nobody(store: Store) -> None:
    """They may tell one event as two, but never meet in a lock; the next story joins the oldest."""
    stock.add_feed(store)
    batches = [
        stock.take(store, stock.bring(store, [f"{n}"], now=later(600 * n)), later(600 * n)) for n in (1, 2)
    ]
    texts = [news(FLOOD, "https://one.example/flood"), news(FLOOD_AGAIN, "https://two.example/flood")]
    start = threading.Barrier(2)

    def work(n: int) -> None:
        start.wait()
        stock.ingest(store, [stock.parsed(batches[n][0], texts[n])], now=later(1300), tell=True)

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    third = bring(store, OTHER_FLOOD, "https://three.example/flood", now=later(1800))
    assert event_of(store, third.story_id) != third.story_id
    assert faults(store) == []


def test_hosts_of_one_owner_are_one_source(store: Store) -> None:
    """An outlet that tells an event twice in its own words counts once."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://www.daily.example/flood")
    bring(store, FLOOD_AGAIN, "https://live.daily.example/flood", now=later(600))
    assert spread(store, first.story_id) == Spread(independent=1, outlets=1, copies=0)
    bring(store, OTHER_FLOOD, "https://www.other.example/flood", now=later(1200))
    assert spread(store, first.story_id) == Spread(independent=2, outlets=2, copies=0)


def test_copies_of_one_text_are_one_source(store: Store) -> None:
    """Whoever prints it; the alert says how many do."""
    stock.add_feed(store)
    stories_of = {
        bring(store, FLOOD, f"https://paper{n}.example/flood", now=later(600 * n)).story_id for n in range(5)
    }
    (story_id,) = stories_of
    assert spread(store, story_id) == Spread(independent=1, outlets=5, copies=4)


def test_linked_stories_are_one_text(store: Store) -> None:
    """They were found to be copies after both had rung."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    again = bring(store, FLOOD_AGAIN, "https://two.example/flood", now=later(600))
    assert spread(store, first.story_id).independent == 2
    with store.begin() as tx:
        link = {"story_id": first.story_id, "other_id": again.story_id, "similarity": 0.9, "at": later(700)}
        tx.execute(story_links.insert(), link)
    assert spread(store, first.story_id) == Spread(independent=1, outlets=2, copies=1)


def test_reports_of_one_agency_are_one_source(store: Store) -> None:
    """Also where each outlet put them in other words, and where only a copy says whose they are."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood", author="AFP")
    bring(store, FLOOD_AGAIN, "https://two.example/flood", now=later(600))
    assert spread(store, first.story_id).independent == 2
    credited = news(FLOOD_AGAIN, "https://three.example/flood", author="Agence France-Presse")
    (copy,) = bring_all(store, credited, now=later(1200))
    assert event_of(store, copy.story_id) == first.story_id
    assert spread(store, first.story_id) == Spread(independent=1, outlets=3, copies=2)
    bring(store, OTHER_FLOOD, "https://four.example/flood", now=later(1800))
    assert spread(store, first.story_id) == Spread(independent=2, outlets=4, copies=2)


def test_update_that_names_the_agency_counts(store: Store) -> None:
    """The credit line may come with a later version, and only with the page."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood", author="AFP")
    bring(store, FLOOD_AGAIN, "https://two.example/flood", now=later(600))
    update = news(FLOOD_AGAIN, "https://two.example/flood", body="The water keeps rising. (AFP)")
    item = stock.take(store, stock.bring(store, ["more"], now=later(1200)), later(1200))[0]
    outcome = stock.ingest(store, [stock.parsed(item, update)], now=later(1200), tell=True)
    assert [one.fate for one in outcome.decisions] == [Fate.UPDATE]
    assert spread(store, first.story_id).independent == 1


def test_alert_says_from_how_many_sources_its_event_comes(store: Store) -> None:
    """Also what came after it rang."""
    stock.add_feed(store)
    subscription = stock.add_subscription(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    rung = store.write(lambda tx: alerts.ring(tx, [stock.wish(subscription, first)], T0))
    bring(store, FLOOD, "https://two.example/flood", now=later(600))
    bring(store, FLOOD_AGAIN, "https://three.example/flood", now=later(1200))
    with store.read() as tx:
        row = alerts.show(tx, rung.alert_ids[0])
        assert alerts.rows(tx) == [replace(row, body="")]
    assert (row.event_id, row.independent_sources, row.copies) == (first.story_id, 2, 1)


def test_no_event_is_asked_for_in_vain(store: Store) -> None:
    """An id that no story has is not in the answer."""
    with store.read() as tx:
        assert events.independent(tx, [7]) == {}
        assert events.spread(tx, []) == {}


def test_tellings_go_when_their_window_is_over(store: Store) -> None:
    """With their keys; the stories stay, and so do their events."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    again = bring(store, FLOOD_AGAIN, "https://two.example/flood", now=later(600))

    def purge(now: datetime) -> int:
        return stock.purge(store, now, raw_days=90, poll_days=90, batch=1)

    assert purge(T0 + WINDOW) == 0
    assert purge(T0 + WINDOW + timedelta(hours=1)) == 1
    assert purge(T0 + WINDOW + timedelta(hours=1)) == 1
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(tellings)).scalar_one() == 0
        assert tx.execute(select(func.count()).select_from(event_keys)).scalar_one() == 0
    assert event_of(store, again.story_id) == first.story_id


def test_story_that_its_page_moved_leaves_no_key(store: Store) -> None:
    """The article is of another story then, and this one is gone."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    other = bring(store, ELECTION, "https://two.example/mayor", now=later(600))
    copy = Copy(story_id=first.story_id, story_of=None, similarity=0.9, fuller=False)
    with store.begin() as tx:
        assert join(tx, other.article_id, other.story_id, copy, later(700)) == first.story_id
    assert faults(store) == []


def test_story_that_goes_leaves_no_key(store: Store) -> None:
    """Retention of articles may be shorter than the window."""
    stock.add_feed(store)
    bring(store, FLOOD, "https://one.example/flood")
    long_after = T0 + timedelta(days=2)
    for _ in range(2):
        stock.purge(store, long_after, raw_days=0, poll_days=0, article_days=1, batch=9)
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(stories)).scalar_one() == 0
        assert tx.execute(select(func.count()).select_from(event_keys)).scalar_one() == 0


def test_audit_names_what_does_not_add_up(store: Store) -> None:
    """A story of no event, one of an event that is another's, a key and a telling that lead nowhere."""
    stock.add_feed(store)
    first = bring(store, FLOOD, "https://one.example/flood")
    other = bring(store, ELECTION, "https://one.example/mayor", now=later(600))
    third = bring(
        store,
        ("Sulma wins the regatta", "A crew of Sulma was first"),
        "https://one.example/r",
        now=later(1200),
    )
    with store.begin() as tx:
        tx.execute(stories.update().where(stories.c.id == first.story_id).values(event_id=0))
        tx.execute(stories.update().where(stories.c.id == other.story_id).values(event_id=first.story_id))
        tx.execute(event_keys.delete().where(event_keys.c.story_id == other.story_id))
        tx.execute(tellings.delete().where(tellings.c.story_id == third.story_id))
    said = {(fault.table, fault.id, fault.sentence) for fault in faults(store)}
    assert said == {
        ("stories", first.story_id, "it is of no event"),
        ("stories", other.story_id, f"it is of event {first.story_id}, whose first story is of event 0"),
        ("tellings", other.story_id, "no key leads to it"),
        ("event_keys", third.story_id, "a key leads to it, but what it tells is not kept"),
    }


def test_crowded_keys_cost_no_more_than_they_may(store: Store) -> None:
    """Where very many stories have a key, the newest are looked at, and the story that is alike is found."""
    crowd = [Founded(story_id=n, telling=told(ELECTION), at=T0) for n in range(1, 200)]
    flood = Founded(story_id=200, telling=told(FLOOD), at=T0)
    with store.begin() as tx:
        joined = [Joined(event_id=one.story_id, founded_at=T0, **vars_of(one)) for one in (*crowd, flood)]
        fresh = {"created_at": T0, "last_seen_at": T0, "article_count": 1, "source_count": 1}
        tx.many(stories.insert(), [{"id": one.story_id, "event_id": one.event_id, **fresh} for one in joined])
        joining.keep(tx, joined)
        (found,) = joining.judge(tx, [Founded(story_id=201, telling=told(FLOOD_AGAIN), at=T0)], T0)
    assert found.event_id == 200


def vars_of(one: Founded) -> dict[str, object]:
    """The fields that both kinds have."""
    return {"story_id": one.story_id, "at": one.at, "telling": one.telling}
