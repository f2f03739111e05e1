"""``/websub/TOKEN`` over real HTTP: hubs ask, and push; nobody logs in, and nobody else gets in."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from config.settings import Settings
from pipeline.core.websub import Offer
from pipeline.store import feeds, hubs, polls
from pipeline.store.engine import Store
from pipeline.store.hubs import HubRow
from tests import stock
from tests.hub import signature
from tests.newswire import item, rss
from tests.web.browser import served
from workers.context import limits, now

BODY = rss(item(1, "Border", "The invasion began."))
TOPIC = "https://a.example/topic"


@pytest.fixture
def row(store: Store) -> HubRow:
    """A feed's hub, wanted and not asked yet."""
    feed_id = stock.add_feed(store)
    store.write(lambda tx: hubs.offered(tx, {feed_id: Offer(hub="https://hub.example/", topic=TOPIC)}, now()))
    with store.read() as tx:
        found = hubs.of(tx, feed_id)
    assert found is not None
    return found


@pytest.fixture
def port(settings: Settings, store: Store) -> Iterator[int]:
    """The web process of a house that hubs can reach."""
    public = settings.model_copy(
        update={
            "public_url": "https://alarm.example",
            "document_limit_bytes": 100_000,
            "body_limit_bytes": 100_000,
        }
    )
    with served(public, store) as (_, at):
        yield at


def _ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_hub_asks_and_pushes_without_a_login(port: int, store: Store, row: HubRow) -> None:
    """Its challenge comes back as it was, as plain text; its document is committed when it has its answer."""
    path = f"/websub/{row.token}"
    asked = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "<b>&",
        "hub.lease_seconds": "3600",
    }
    assert _ask(port, "GET", f"{path}?{urlencode(asked)}") == (200, b"<b>&")
    assert _ask(port, "GET", f"{path}?{urlencode({**asked, 'hub.topic': 'https://b.example/'})}")[0] == 404
    assert _ask(port, "GET", f"{path}?%ff&hub.mode=subscribe")[0] == 404
    refusal = {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "no\0more"}
    assert _ask(port, "GET", f"{path}?{urlencode(refusal)}")[0] == 200
    assert _ask(port, "GET", f"{path}?{urlencode(asked)}")[0] == 200
    signed = signature(row.secret, BODY)
    assert (
        _ask(port, "POST", path, BODY, X_Hub_Signature=signed, Content_Type="application/rss+xml")[0] == 204
    )
    with store.read() as tx:
        assert [(one.pushed, one.new) for one in polls.rows(tx)] == [(True, 1)]
        assert feeds.find(tx, str(row.feed_id)).failures == 0


def test_what_no_hub_sends_is_turned_away(port: int, store: Store, row: HubRow) -> None:
    """Unsigned, for nobody, or larger than any document; large requests elsewhere stay refused."""
    path = f"/websub/{row.token}"
    assert _ask(port, "POST", path, BODY, X_Hub_Signature="sha256=00")[0] == 202
    assert _ask(port, "POST", "/websub/nobody", BODY, X_Hub_Signature=signature(row.secret, BODY))[0] == 410
    assert _ask(port, "POST", "/websub/%00", BODY)[0] == 410
    assert _ask(port, "GET", "/websub/%00?hub.mode=subscribe")[0] == 404
    large = BODY + b" " * 100_000
    assert _ask(port, "POST", path, large, X_Hub_Signature=signature(row.secret, large))[0] == 413
    assert _ask(port, "POST", "/login", b"x" * 70_000)[0] in {400, 403, 413}
    with store.read() as tx:
        assert polls.rows(tx) == []


def test_house_that_hubs_cannot_reach_has_no_such_address(settings: Settings, store: Store) -> None:
    """Without TOCSIN_PUBLIC_URL nobody is asked to push, and none that was asked before is relied on."""
    assert limits(settings).backup_s == 0
    assert limits(settings.model_copy(update={"public_url": "https://a.example"})).backup_s == 1800
    with served(settings, store) as (_, port):
        assert _ask(port, "POST", "/websub/token", BODY)[0] in {401, 404}
