"""Receivers that fail in every way: each alert arrives, whatever they do, and under one id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from pipeline.core.addresses import Allow
from pipeline.flow import Sender, tend
from pipeline.flow.courier import Courier
from pipeline.store import audit, channels, deliveries
from pipeline.store.engine import Store
from tests import stock
from tests.ground import Bench
from tests.sites import Reply, Request, Script, Site, redirect
from tests.stock import T0

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ALERTS = 6
OK = Reply(204)


@dataclass
class Post:
    """A store with alerts on their way to receivers, a sender, and a clock that the test sets."""

    store: Store
    bench: Bench
    sender: Sender
    alert_ids: set[int] = field(default_factory=set)

    def ring(self, urls: dict[str, str], *, alerts: int = ALERTS, pace: int | None = None) -> None:
        """Alerts of one subscription, to a channel for each address."""
        ids = [
            self.store.write(partial(channels.add, name=name, url=url, secret=SECRET, pace=pace, now=T0))
            for name, url in urls.items()
        ]
        subscription_id = stock.add_subscription(self.store, channel_ids=ids)
        stock.add_feed(self.store)
        done = stock.news(
            self.store, *(f"news {n}" for n in range(alerts)), ring=stock.Ring((subscription_id,))
        )
        self.alert_ids |= set(done.rung.alert_ids)
        self.sender.deliver(done.rung.delivery_ids, patience_s=None)

    def pass_by(self, until: timedelta, step: timedelta) -> None:
        """Let time pass as a scheduler and a worker would."""
        while self.bench.now < T0 + until:
            self.bench.now += step
            tend.push_due(self.bench.ground, lambda _: None)
            while self.bench.pushed["deliver"]:
                self.sender.deliver(self.bench.pushed["deliver"].pop(0), patience_s=None)

    def states(self) -> dict[str, list[str]]:
        """The states of each channel's deliveries."""
        found: dict[str, list[str]] = {}
        with self.store.read() as tx:
            assert audit.check(tx) == []
            for row in deliveries.rows(tx):
                found.setdefault(row.channel, []).append(row.state)
        return found


@pytest.fixture
def post(store: Store) -> Iterator[Post]:
    """A sender on an empty store; receivers are given little time."""
    bench = Bench(store, now=T0)
    courier = partial(Courier, allow=Allow.parse("127.0.0.1"), timeout_s=0.3, user_agent="Tocsin/test")
    sender = Sender(bench.ground, courier)
    yield Post(store, bench, sender)
    sender.close()


def ids_of(requests: list[Request]) -> set[str]:
    """The unique ids among what a receiver was sent."""
    return {request.headers["webhook-id"] for request in requests}


def _in_a_minute(_: Request) -> Reply:
    return Reply(
        429, headers={"Retry-After": format_datetime(datetime.now(UTC) + timedelta(minutes=1), True)}
    )


FAILING: dict[str, list[Script]] = {
    "takes all": [OK],
    "500": [Reply(500)] * 9 + [OK],
    "hangs after accepting": [Reply(hang=True)] * 5 + [OK],
    "429 with seconds": [Reply(429, headers={"Retry-After": "90"})] * 3 + [OK],
    "429 with a date": [_in_a_minute] * 3 + [OK],
    "redirects inside": [redirect("http://169.254.169.254/latest/meta-data", 307)] * 7 + [OK],
    "closes half-way": [Reply(raw=b"HTTP/1.1 20")] * 7 + [OK],
    "cuts its answer": [Reply(500, body=b"x" * 1_000, cut=10)] * 7 + [OK],
    "speaks no HTTP": [Reply(raw=b"220 smtp.example\r\n")] * 7 + [OK],
}


def test_each_alert_arrives_at_receivers_that_fail(post: Post, site: Site) -> None:
    """The set of ids that each receiver got is that of its alerts; no attempt is given up."""
    paths = {name: f"/{n}" for n, name in enumerate(FAILING)}
    post.ring({name: site.answer(paths[name], *script) for name, script in FAILING.items()})
    post.pass_by(timedelta(minutes=30), timedelta(seconds=15))
    assert post.states() == dict.fromkeys(FAILING, ["delivered"] * ALERTS)
    for name, path in paths.items():
        assert len(ids_of(site.seen(path))) == ALERTS, name
        told = {
            Webhook(SECRET).verify(one.body, one.headers)["data"]["alert"]["id"] for one in site.seen(path)
        }
        assert told == post.alert_ids, name
    assert len(site.seen(paths["takes all"])) == ALERTS


def test_a_receiver_that_is_down_for_six_hours_loses_nothing(post: Post) -> None:
    """What is for it waits, nearly untried, and each arrives once when it is there again."""
    with Site() as closed:
        port = closed.port
    post.ring({"down": f"http://127.0.0.1:{port}/hook"}, alerts=20)
    post.pass_by(timedelta(hours=6), timedelta(minutes=1))
    assert post.states() == {"down": ["pending"] * 20}
    with post.store.read() as tx:
        tries = sum(row.attempts for row in deliveries.rows(tx))
    assert tries < 60
    with Site(port=port) as site:
        site.answer("/hook", OK)
        post.pass_by(timedelta(hours=6, minutes=12), timedelta(seconds=30))
        assert post.states() == {"down": ["delivered"] * 20}
        assert len(site.requests) == len(ids_of(site.requests)) == 20


def test_a_dead_receiver_is_known_as_dead(post: Post, site: Site) -> None:
    """With many waiting for it, few are tried; others' deliveries are not held up behind it."""
    dead = site.answer("/dead", Reply(hang=True))
    post.ring({"dead": dead, "well": site.answer("/well", OK)}, alerts=30)
    assert post.states()["well"] == ["delivered"] * 30
    assert len(site.seen("/dead")) < 10
    with post.store.read() as tx:
        assert channels.find(tx, "dead").resting
        assert not channels.find(tx, "well").resting


def test_a_replayed_or_altered_message_does_not_verify(post: Post, site: Site) -> None:
    """Signatures cover id, time and every byte; a library refuses what is too old."""
    post.ring({"hook": site.answer("/hook", OK)}, alerts=1)
    (got,) = site.requests
    reader = Webhook(SECRET)
    reader.verify(got.body, got.headers)
    an_hour_ago = str(int(got.headers["webhook-timestamp"]) - 3_600)
    old = got.headers | {"webhook-timestamp": an_hour_ago}
    old["webhook-signature"] = reader.sign(
        got.headers["webhook-id"], datetime.fromtimestamp(int(an_hour_ago), UTC), got.body.decode()
    )
    for body, headers in (
        (got.body.replace(b"alert", b"alarm"), got.headers),
        (got.body, got.headers | {"webhook-id": "msg_other"}),
        (got.body, got.headers | {"webhook-timestamp": an_hour_ago}),
        (got.body, old),
    ):
        with pytest.raises(WebhookVerificationError):
            reader.verify(body, headers)


def test_a_paced_channel_gets_its_messages_in_order(post: Post, site: Site) -> None:
    """Ten a minute means ten a minute; who waits has not been tried."""
    post.ring({"slow": site.answer("/hook", OK)}, alerts=8, pace=10)
    assert len(site.requests) == 1
    post.pass_by(timedelta(seconds=30), timedelta(seconds=1))
    assert len(site.requests) == 6
    post.pass_by(timedelta(seconds=60), timedelta(seconds=1))
    told = [Webhook(SECRET).verify(one.body, one.headers)["data"]["alert"]["id"] for one in site.requests]
    assert told == sorted(post.alert_ids)
    with post.store.read() as tx:
        assert [row.attempts for row in deliveries.rows(tx)] == [1] * 8
