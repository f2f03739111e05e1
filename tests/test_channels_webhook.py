"""Signed webhooks on a real receiver."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from pipeline import channels
from pipeline.core.addresses import Allow
from pipeline.core.errors import UsageError
from pipeline.core.model import Channel, Message, Sent
from pipeline.outbound import Outbound
from tests.sites import Reply, Site, redirect

HERE = Allow.parse("127.0.0.1")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = Message(
    id="msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    subject="Tocsin: Invasion: Talks",
    text="…",
    html="<p>…</p>",
    data={"type": "alert.created", "data": {"article": {"title": "Санкції — 侵攻 \ud800"}}},
)


@pytest.fixture
def site() -> Iterator[Site]:
    """A receiver on this machine."""
    with Site() as running:
        yield running


def send(
    url: str,
    *,
    allow: Allow = HERE,
    secret: str = SECRET,
    timeout_s: float = 5.0,
    message: Message = MESSAGE,
    **options: Any,
) -> Sent:
    """One attempt through a channel of its own."""
    channel = channels.build(
        Channel(id=1, name="hook", url=url, secret=secret), allow=allow, timeout_s=timeout_s, **options
    )
    return asyncio.run(channel.send(message))


def test_a_receiver_can_verify_what_it_gets(site: Site) -> None:
    """Any Standard Webhooks library accepts signature, id and time, and reads the data."""
    assert send(site.answer("/hook", Reply(204))) == Sent(ok=True)
    got = site.requests[0]
    read = Webhook(SECRET).verify(got.body, got.headers)
    assert read["data"]["article"]["title"] == "Санкції — 侵攻 ?"
    assert got.method == "POST"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == MESSAGE.id
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60


def test_a_forged_body_does_not_verify(site: Site) -> None:
    """The signature covers every byte."""
    send(site.answer("/hook", Reply(204)))
    got = site.requests[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body.replace(b"alert", b"alarm"), got.headers)


def test_every_attempt_has_the_same_id_and_its_own_time(site: Site) -> None:
    """A receiver that saw the id before may drop the repeat."""
    url = site.answer("/hook", Reply(500), Reply(200))
    first = datetime.now(UTC) - timedelta(seconds=100)
    assert not send(url, now=lambda: first).ok
    assert send(url).ok
    ids = {request.headers["webhook-id"] for request in site.requests}
    times = {request.headers["webhook-timestamp"] for request in site.requests}
    assert (len(ids), len(times)) == (1, 2)


def test_a_body_has_an_end(site: Site) -> None:
    """What is too much is cut to fit, with the address of the rest; identities and addresses stay whole."""
    url = "https://agency.example/" + "x" * 2_000
    matches = [{"term": "a", "context": "ж" * 300, "n": n} for n in range(1_000)]
    article = {"id": 7, "url": url, "summary": "ж" * 500_000}
    data = {"type": "alert.created", "data": {"article": article, "matches": matches}}
    rest = "https://tocsin.example/alerts/7"
    assert send(site.answer("/hook", Reply(204)), message=replace(MESSAGE, data=data, rest=rest)).ok
    got = site.requests[0]
    assert len(got.body) <= 256 * 1024
    read = Webhook(SECRET).verify(got.body, got.headers)["data"]
    assert read["rest"] == rest
    assert read["cut"] is True
    assert read["article"]["url"] == url
    assert read["article"]["summary"].endswith("ж…")
    assert [match["n"] for match in read["matches"]] == list(range(100))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(site: Site, status: int) -> None:
    """The receiver need not say more."""
    assert send(site.answer("/hook", Reply(status))).ok


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422, 429, 500, 503])
def test_any_other_status_is_a_failure_worth_another_attempt(site: Site, status: int) -> None:
    """The error names the status and what the receiver said."""
    sent = send(site.answer("/hook", Reply(status, body=b"no\x00 such\r\n tenant \xff" + b"x" * 100_000)))
    assert not sent.ok
    assert not sent.permanent
    assert sent.error.startswith(f"HTTP {status} ")
    assert "no such tenant" in sent.error
    assert sent.error.isprintable()
    assert len(sent.error) <= 300


def test_what_a_receiver_asks_for_is_passed_on(site: Site) -> None:
    """Retry-After comes as seconds or as a date, which counts from now."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for value, seconds in [("30", 30.0), ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0), ("later", None)]:
        url = site.answer("/hook", Reply(503, headers={"Retry-After": value}))
        assert send(url, now=lambda: now).retry_after_s == seconds


def test_redirects_are_not_followed(site: Site) -> None:
    """A receiver is where the operator says it is."""
    site.answer("/other", Reply(200))
    sent = send(site.answer("/hook", redirect(site.url("/other"), 307)))
    assert not sent.ok
    assert "307" in sent.error
    assert not site.seen("/other")


@pytest.mark.parametrize(
    "script", [Reply(hang=True), Reply(500, body=b"x" * 4_000, drip_s=0.05)], ids=["hangs", "drips"]
)
def test_a_slow_receiver_costs_the_timeout(site: Site, script: Reply) -> None:
    """The whole attempt has one deadline."""
    started = time.perf_counter()
    sent = send(site.answer("/hook", script), timeout_s=0.3)
    assert "timeout" in sent.error
    assert time.perf_counter() - started < 1.5


def test_an_error_body_without_end_is_read_for_its_beginning(site: Site) -> None:
    """Four kilobytes say enough."""
    chunks = b"1000\r\n" + b"e" * 4096 + b"\r\n"
    endless = b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks * 2_000
    assert send(site.answer("/hook", Reply(raw=endless))).error.startswith("HTTP 500 Oops: eee")


def test_no_connection_is_an_outcome() -> None:
    """A receiver that is down raises nothing."""
    with Site() as closed:
        url = closed.url("/hook")
    sent = send(url)
    assert not sent.ok
    assert sent.error.startswith("connect: ")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_inner_addresses_are_refused_unless_allowed(site: Site, host: str) -> None:
    """The guard stands before webhooks as before feeds; the allow list is the channels' own."""
    site.answer("/hook", Reply(200))
    sent = send(site.url("/hook", host=host), allow=Allow())
    assert sent.error.startswith("refused: ")
    assert not site.connections
    assert send(site.url("/hook", host="127.0.0.1"), allow=Allow.parse("127.0.0.0/8")).ok


def test_errors_keep_the_secrets_of_the_address(site: Site) -> None:
    """Even when the receiver repeats its address in its answer."""
    site.answer(
        "/hooks/T0P5ECRET/in", Reply(404, body=b"no route for /hooks/T0P5ECRET/in?key=hush1 for sesame")
    )
    sent = send(site.url("/hooks/T0P5ECRET/in?key=hush1", user="me:sesame"))
    for secret in ("T0P5ECRET", "hush1", "sesame", SECRET[6:]):
        assert secret not in sent.error
    assert "no route for" in sent.error
    assert site.requests[0].headers["authorization"]


def test_webhooks_can_share_connections(site: Site) -> None:
    """A deliverer that sends many opens one connection to each receiver."""
    url = site.answer("/hook", Reply(200, body=b'{"ok": true}'))

    async def run() -> None:
        async with Outbound(HERE, user_agent="Tocsin/test", proxies={}) as outbound:
            channel = channels.build(
                Channel(id=1, name="hook", url=url, secret=SECRET), allow=HERE, timeout_s=5, outbound=outbound
            )
            for _ in range(5):
                assert (await channel.send(MESSAGE)).ok

    asyncio.run(run())
    assert site.connections == 1
    assert site.requests[0].headers["user-agent"] == "Tocsin/test"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_%%%"])
def test_a_secret_that_cannot_sign_is_refused(secret: str) -> None:
    """The error says what a secret looks like, and not what this one is."""
    with pytest.raises(UsageError, match="whsec_ followed by base64"):
        send("https://hooks.example/x", secret=secret)


def test_a_new_secret_signs_and_is_new() -> None:
    """Made when the operator gives none."""
    one, other = channels.new_secret(), channels.new_secret()
    assert one != other
    assert one.startswith("whsec_")
    assert Webhook(one).sign("msg", datetime.now(UTC), json.dumps({}))


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "https://[::1",
        "http://a b/",
        "http://a/\r\nx",
        "https://a/" + "x" * 3_000,
        "ftp://x/",
        "hook",
    ],
)
def test_what_is_no_webhook_address_is_refused_with_advice(url: str) -> None:
    """Before it is stored, not when it is needed."""
    with pytest.raises(UsageError):
        channels.check_url(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example/services/T0/B0/XYZ?key=1", "https://hooks.example/***"),
        ("http://me:pw@10.0.0.1:8080/x", "http://10.0.0.1:8080/***"),
        ("http://[::1]:8080/x", "http://[::1]:8080/***"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", "slack://***"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544", "tgram://***"),
        ("mailto://me:pw@mail.example?to=you@x.org", "mailto://mail.example/***"),
        ("ntfy://topic", "ntfy://***"),
        ("ntfys://tk_secret@ntfy.example/topic", "ntfys://ntfy.example/***"),
        ("nonsense", "nonsense://***"),
        ("https://a:99999999/", "https://***"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str) -> None:
    """Enough to recognise a channel, not enough to use it."""
    assert channels.mask(url) == shown
