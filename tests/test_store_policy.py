"""What is held and what is told: each alert as its subscription's policy says, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from pipeline.core.policy import read
from pipeline.store import alerts, audit, digests, subscriptions
from pipeline.store.alerts import release
from pipeline.store.articles import Saved
from pipeline.store.engine import Store
from pipeline.store.tables import alerts as alert_table
from pipeline.store.tables import deliveries, feeds, stories
from pipeline.store.tables import digests as digest_table
from tests import stock
from tests.stock import T0, later

MINUTE = 60
HOUR = 3600


class Desk:
    """A subscription with a channel, and stories that ring it."""

    def __init__(self, store: Store, **policy: Any) -> None:
        self.store = store
        self.channel = stock.add_channel(store)
        self.subscription = stock.add_subscription(store, channel_ids=[self.channel])
        self.feed = stock.add_feed(store)
        self.outlets = {self.feed: "news.example"}
        self.set(**policy)

    def set(self, *, now: datetime = T0, **policy: Any) -> None:
        self.store.write(lambda tx: subscriptions.edit(tx, self.subscription, policy=read(policy), now=now))

    def outlet(self, host: str) -> int:
        """Another outlet; its feed's id."""
        id_ = stock.add_feed(self.store, f"https://{host}/feed")
        self.outlets[id_] = host
        return id_

    def story(
        self,
        name: str,
        at: datetime = T0,
        *,
        body: str = "",
        event: int | None = None,
        feed: int | None = None,
    ) -> Saved:
        """An article that nobody was told of yet; its story joins the event of an earlier one."""
        due = feeds.c.id == (feed or self.feed)
        with self.store.begin() as tx:
            tx.execute(update(feeds).values(next_poll_at=at + timedelta(days=1)))
            tx.execute(update(feeds).where(due).values(next_poll_at=at))
        (item,) = stock.take(self.store, stock.bring(self.store, [name], now=at), at)
        entry = stock.entry(name, body=body, url=f"https://{self.outlets[feed or self.feed]}/{name}")
        (saved,) = stock.ingest(self.store, [stock.parsed(item, entry)], now=at).saved
        if event is not None:
            with self.store.begin() as tx:
                tx.execute(update(stories).where(stories.c.id == saved.story_id).values(event_id=event))
        return saved

    def ring(self, *saved: Saved, at: datetime = T0) -> tuple[int, ...]:
        wishes = [stock.wish(self.subscription, one) for one in saved]
        return self.store.write(lambda tx: alerts.ring(tx, wishes, at)).alert_ids

    def rings(self, name: str, at: datetime = T0, *, event: int | None = None) -> int:
        """A story comes and rings; the alert's id."""
        (id_,) = self.ring(self.story(name, at, event=event), at=at)
        return id_

    def tick(self, at: datetime) -> list[int]:
        """Release what is due; ids of the deliveries."""
        with self.store.read() as tx:
            due = release.due(tx, at, most=50)
        return self.store.write(lambda tx: release.release(tx, due, at))

    def row(self, id_: int) -> alerts.AlertRow:
        with self.store.read() as tx:
            return alerts.show(tx, id_)

    def became(self, *ids: int) -> list[tuple[str, str]]:
        """Disposition of each, and why it waits."""
        return [(row.disposition, row.held_because) for row in map(self.row, ids)]

    def sound(self) -> None:
        """Nothing is lost, and the account is even."""
        with self.store.read() as tx:
            assert audit.check(tx) == []


@pytest.fixture
def desk(store: Store) -> Callable[..., Desk]:
    """A desk with this policy."""
    return lambda **policy: Desk(store, **policy)


def test_cooldown_holds_others_and_tells_them_in_one_digest(desk: Callable[..., Desk]) -> None:
    """After an alert others wait; when it is over they come together, and then it begins anew."""
    at = desk(cooldown="10m")
    first, second, third = at.rings("1"), at.rings("2", later(60)), at.rings("3", later(120))
    assert at.became(first, second, third) == [("sent", ""), ("held", "cooldown"), ("held", "cooldown")]
    assert at.row(second).held_until == later(600)
    assert at.tick(later(599)) == []
    (delivery,) = at.tick(later(600))
    assert at.tick(later(600)) == []
    row = at.row(third)
    assert (row.disposition, row.digest_id) == ("digest", at.row(second).digest_id)
    with at.store.read() as tx:
        digest = digests.show(tx, row.digest_id or 0)
        sent = tx.execute(deliveries.select().where(deliveries.c.id == delivery)).one()
    assert (digest.kind, digest.event_id, [one.id for one in digest.alerts]) == (
        "digest",
        None,
        [second, third],
    )
    assert (sent.digest_id, sent.alert_id, sent.channel_id) == (digest.id, None, at.channel)
    assert at.became(at.rings("4", later(700))) == [("held", "cooldown")]
    at.sound()


def test_rate_limit_counts_messages(desk: Callable[..., Desk]) -> None:
    """So many in a time, of alerts and digests; the next waits until the oldest is out of it."""
    at = desk(rate="2/h")
    ids = [at.rings(str(number), later(number * MINUTE)) for number in range(4)]
    assert [one[0] for one in at.became(*ids)] == ["sent", "sent", "held", "held"]
    assert at.row(ids[2]).held_until == later(HOUR)
    assert len(at.tick(later(HOUR))) == 1
    assert at.became(ids[3]) == [("digest", "rate limit")]
    assert at.row(at.rings("5", later(HOUR + 30))).held_until == later(HOUR + MINUTE)
    at.sound()


def test_batch_of_stories_is_decided_on_one_by_one(desk: Callable[..., Desk]) -> None:
    """Of three in one transaction a limit of one lets the first through."""
    at = desk(rate="1/h")
    ids = at.ring(*[at.story(name) for name in ("1", "2", "3")])
    assert [one[0] for one in at.became(*ids)] == ["sent", "held", "held"]
    at.sound()


def test_quiet_hours_hold_until_they_end_but_not_what_is_urgent(desk: Callable[..., Desk]) -> None:
    """The beginning is at noon; the night of Kathmandu is over at 01:15 UTC."""
    at = desk(quiet="17:00-07:00", time_zone="Asia/Kathmandu")
    held = at.rings("1")
    assert at.became(held) == [("held", "quiet hours")]
    assert at.row(held).held_until == datetime.fromisoformat("2026-03-02T01:15:00+00:00")
    at.set(quiet="17:00-07:00", time_zone="Asia/Kathmandu", priority="urgent")
    urgent = at.rings("2", later(9))
    assert at.became(urgent) == [("sent", "")]
    assert at.row(urgent).priority == "urgent"
    at.sound()


def test_digest_comes_at_its_times(desk: Callable[..., Desk]) -> None:
    """Everything until then is in it; one without alerts is not sent."""
    at = desk(digest="0 8 * * *", time_zone="Europe/Berlin")
    ids = [at.rings("1"), at.rings("2", later(HOUR))]
    assert at.became(*ids) == [("held", "digest")] * 2
    eight = datetime.fromisoformat("2026-03-02T07:00:00+00:00")
    assert {at.row(id_).held_until for id_ in ids} == {eight}
    assert len(at.tick(eight)) == 1
    assert at.tick(eight + timedelta(days=1)) == []
    at.sound()


def test_what_a_digest_held_is_told_when_the_policy_changes(desk: Callable[..., Desk]) -> None:
    """From digest to story: at the next tick."""
    at = desk(digest="0 8 * * *")
    id_ = at.rings("1")
    at.set(now=later(60))
    assert len(at.tick(later(60))) == 1
    assert at.became(id_) == [("digest", "digest")]
    at.sound()


def test_paused_subscription_keeps_what_it_holds_and_a_removed_one_closes_it(
    desk: Callable[..., Desk],
) -> None:
    """Nobody is told, nothing is lost, and one can see why."""
    at = desk(cooldown="10m")
    at.rings("1")
    held = at.rings("2", later(1))
    at.store.write(lambda tx: subscriptions.set_state(tx, at.subscription, "paused", later(2)))
    assert at.tick(later(HOUR)) == []
    assert at.became(held) == [("held", "cooldown")]
    at.store.write(lambda tx: subscriptions.remove(tx, at.subscription, later(HOUR)))
    assert at.tick(later(HOUR)) == []
    assert at.became(held) == [("digest", "cooldown")]
    with at.store.read() as tx:
        (action,) = alerts.actions_of(tx, held)
        assert tx.execute(select(func.count()).select_from(deliveries)).scalar() == 1
    assert (action.actor, action.action, action.detail) == ("tocsin", "close", "its subscription was removed")
    at.sound()


def test_follow_ups_of_an_event_are_told_in_one_message_an_hour(desk: Callable[..., Desk]) -> None:
    """The event's first story rings; the others are gathered, and another event is not among them."""
    at = desk()
    first = at.story("1")
    event = first.story_id
    ids = [*at.ring(first), at.rings("2", later(600), event=event), at.rings("3", later(900), event=event)]
    assert at.became(*ids, at.rings("other", later(901))) == [
        ("sent", ""),
        ("held", "follow-up"),
        ("held", "follow-up"),
        ("sent", ""),
    ]
    assert [at.row(id_).held_until for id_ in ids[1:]] == [later(600 + HOUR)] * 2
    assert len(at.tick(later(600 + HOUR))) == 1
    row = at.row(ids[1])
    with at.store.read() as tx:
        digest = digests.show(tx, row.digest_id or 0)
    assert (digest.kind, digest.event_id, len(digest.alerts)) == ("follow_up", first.story_id, 2)
    assert row.follow_up
    at.sound()


def test_follow_ups_are_told_each_at_once_where_that_is_wished(desk: Callable[..., Desk]) -> None:
    """As alerts of their own, which say what they are."""
    at = desk(follow_ups="each")
    first = at.story("1")
    at.ring(first)
    follow = at.rings("2", later(60), event=first.story_id)
    assert at.became(follow) == [("sent", "")]
    assert at.row(follow).follow_up
    at.sound()


def test_stories_of_one_event_in_one_batch_ring_once(desk: Callable[..., Desk]) -> None:
    """The first rings, the second follows."""
    at = desk()
    first = at.story("1")
    second = at.story("2", later(1), event=first.story_id)
    assert at.became(*at.ring(first, second, at=later(1))) == [("sent", ""), ("held", "follow-up")]
    at.sound()


def test_every_article_rings_where_that_is_wished(desk: Callable[..., Desk]) -> None:
    """A copy is an alert of its own, the same article is not, and a change of mind rings nothing twice."""
    at = desk(mode="every")
    first = at.story("1")
    copy = at.story("copy", later(1), body="The text of 1.")
    assert copy.story_id == first.story_id
    ids = [*at.ring(first), *at.ring(first, copy, at=later(2))]
    assert at.became(*ids) == [("sent", "")] * 2
    at.set()
    third = at.story("third", later(3), body="The text of 1.")
    assert at.ring(first, copy, third, at=later(4)) == ()
    at.set(mode="every")
    assert len(at.ring(first, copy, third, at=later(4))) == 1
    at.sound()


def test_alert_waits_until_its_event_has_enough_sources(desk: Callable[..., Desk]) -> None:
    """The oldest rings then, the others follow it; an article that matches nothing counts as well."""
    at = desk(min_sources=3)
    elsewhere = [at.outlet(host) for host in ("b.example", "c.example")]
    first = at.story("1")
    ids = list(at.ring(first))
    ids += at.ring(at.story("2", later(60), event=first.story_id, feed=elsewhere[0]), at=later(60))
    assert at.became(*ids) == [("held", "sources")] * 2
    assert at.row(ids[0]).held_until is None
    assert at.tick(later(9 * HOUR)) == []
    third = at.story("3", later(120), event=first.story_id, feed=elsewhere[1])
    with at.store.read() as tx:
        events = release.gained(tx, [third.story_id])
        assert release.short_of_sources(tx, after=0, most=9) == events == [first.story_id]
    (delivery,) = at.store.write(lambda tx: release.sufficed(tx, events, later(120)))
    assert at.store.write(lambda tx: release.sufficed(tx, events, later(120))) == []
    assert at.became(*ids) == [("sent", "sources"), ("held", "follow-up")]
    with at.store.read() as tx:
        assert tx.execute(select(deliveries.c.alert_id).where(deliveries.c.id == delivery)).scalar() == ids[0]
    assert len(at.tick(later(120 + HOUR))) == 1
    at.sound()


def test_what_waited_for_sources_counts_from_when_it_was_told(desk: Callable[..., Desk]) -> None:
    """The cooldown begins when the alert is told, not when it came."""
    at = desk(min_sources=2, cooldown="10m")
    other = at.outlet("b.example")
    first = at.story("1")
    at.ring(first)
    at.story("2", later(HOUR), event=first.story_id, feed=other)
    at.store.write(lambda tx: release.sufficed(tx, [first.story_id], later(HOUR)))
    at.set(cooldown="10m", now=later(HOUR))
    id_ = at.rings("3", later(HOUR + 60))
    assert at.row(id_).held_until == later(HOUR + 600)
    at.sound()


def test_two_workers_do_not_both_pass_a_limit(desk: Callable[..., Desk]) -> None:
    """Whoever comes second decides after the first has committed."""
    at = desk(rate="1/h")
    saved = [at.story(str(number), later(number)) for number in range(4)]
    _at_once([lambda one=one: at.ring(one, at=later(9)) for one in saved])
    with at.store.read() as tx:
        found = Counter(row.disposition for row in alerts.rows(tx))
    assert found == {"sent": 1, "held": 3}
    at.sound()


def test_two_schedulers_release_once(desk: Callable[..., Desk]) -> None:
    """Nothing rings twice, and nothing is left."""
    at = desk(cooldown="10m")
    ids = [at.rings(str(number), later(number)) for number in range(5)]
    with at.store.read() as tx:
        due = release.due(tx, later(HOUR), most=9)
    work = [lambda: at.store.write(lambda tx: release.release(tx, due, later(HOUR))) for _ in range(4)]
    made = [id_ for ids in _at_once(work) for id_ in ids]
    assert len(made) == 1
    assert at.became(*ids) == [("sent", "")] + [("digest", "cooldown")] * 4
    at.sound()


def test_article_whose_alert_waits_is_not_purged_and_a_digest_shrinks(desk: Callable[..., Desk]) -> None:
    """Retention takes nothing that is still to be told, and keeps the account even."""
    at = desk(digest="0 8 * * *")
    for name in ("1", "2"):
        at.rings(name)

    def purge(now: datetime) -> int:
        return stock.purge(at.store, now, raw_days=1, poll_days=1, article_days=2, batch=9)

    while purge(later(30 * 86_400)):
        pass
    with at.store.read() as tx:
        assert len(alerts.rows(tx, disposition="held")) == 2
    assert len(at.tick(later(30 * 86_400))) == 1
    assert purge(later(30 * 86_400)) == 0
    with at.store.begin() as tx:
        tx.execute(update(deliveries).values(state="delivered", delivered_at=T0, attempts=1))
    while purge(later(31 * 86_400)):
        pass
    with at.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(alert_table)).scalar() == 0
        assert tx.execute(select(func.count()).select_from(digest_table)).scalar() == 0
    at.sound()


def _at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run these at one moment, each in a thread of its own; what they returned."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
