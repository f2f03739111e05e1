"""Pull channels over real HTTP: who may read, conditional requests, event streams that lose nothing."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from config.settings import Settings
from pipeline.store import subscriptions
from pipeline.store.engine import Store
from pipeline.store.ids import reserve
from pipeline.store.tables import alerts, digests
from pipeline.store.tables import subscriptions as table
from tests.house import wait_for
from tests.seed import NOW, Seeded, seed
from tests.web.browser import context, served
from workers.context import now
from workers.web import pull, streams
from workers.web.app import create_app


@pytest.fixture
def seeded(store: Store) -> Seeded:
    """One live alert and one of old news."""
    return seed(store)


def token(store: Store, subscription: int) -> str:
    """The secret part of a subscription's addresses."""
    with store.read() as tx:
        return str(tx.execute(select(table.c.pull_token).where(table.c.id == subscription)).scalar_one())


def ring(store: Store, seeded: Seeded, *, ago_s: float = 0.0, **columns: Any) -> int:
    """One more alert on the first article, as its own story's; its id."""

    def work(tx: Any) -> int:
        (id_,) = reserve(tx, "alerts")
        first = tx.execute(select(alerts).where(alerts.c.id == seeded.alerts[0])).one()
        row = {
            **first._mapping,
            "id": id_,
            "slot": id_,
            "created_at": now() - timedelta(seconds=ago_s),
            **columns,
        }
        tx.execute(insert(alerts), row)
        return id_

    return store.write(work)


def test_shelves_show_live_alerts_to_who_has_the_address(
    client: FlaskClient, store: Store, seeded: Seeded
) -> None:
    """No login is asked for; old news and what is held are not there, what a digest told is."""
    held = ring(store, seeded, disposition="held", held_until=now() + timedelta(hours=1))
    address = f"/pull/{token(store, seeded.subscription)}"
    atom = client.get(f"{address}/atom.xml")
    assert (atom.status_code, atom.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    found = feedparser.parse(atom.data)
    assert [entry.title for entry in found.entries] == ["Sanctions <b>after</b> the invasion"]
    assert found.feed.links[0].href == f"http://localhost{address}/atom.xml"

    def tell(tx: Any) -> None:
        (digest,) = reserve(tx, "digests")
        row = {
            "id": digest,
            "subscription_id": seeded.subscription,
            "kind": "digest",
            "alerts": 1,
            "channels": 0,
        }
        tx.execute(insert(digests), {**row, "created_at": now()})
        tx.execute(update(alerts).where(alerts.c.id == held).values(disposition="digest", digest_id=digest))

    store.write(tell)
    feed = client.get(f"{address}/feed.json")
    assert feed.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    assert [item["_tocsin"]["alert"]["id"] for item in feed.get_json(force=True)["items"]] == [
        held,
        seeded.alerts[0],
    ]


@pytest.mark.parametrize("kind", ["atom.xml", "feed.json", "events"])
def test_wrong_old_or_removed_address_leads_nowhere(
    client: FlaskClient, store: Store, seeded: Seeded, kind: str
) -> None:
    """A new token shuts the old address at once; a removed subscription has none."""
    old = token(store, seeded.subscription)
    assert client.get(f"/pull/{old[:-1]}/{kind}").status_code == 404
    assert client.get(f"/pull/{old}/other").status_code in {302, 404}
    assert client.head(f"/pull/{old}/{kind}").status_code == 200
    store.write(lambda tx: subscriptions.edit(tx, seeded.subscription, now=NOW, new_pull_token=True))
    assert client.get(f"/pull/{old}/{kind}").status_code == 404
    new = token(store, seeded.subscription)
    assert len(new) >= 40
    store.write(lambda tx: subscriptions.remove(tx, seeded.subscription, NOW))
    assert client.get(f"/pull/{new}/{kind}").status_code == 404


def test_reader_that_has_the_shelf_gets_304_until_something_is_told(
    client: FlaskClient, store: Store, seeded: Seeded
) -> None:
    """By ETag at any time, by date once nothing can be added to the past any more."""
    store.write(lambda tx: tx.execute(update(alerts).values(created_at=now() - timedelta(hours=1))))
    address = f"/pull/{token(store, seeded.subscription)}/atom.xml"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "private, max-age=30"
    has = {"If-None-Match": first.headers["ETag"]}
    dated = {"If-Modified-Since": first.headers["Last-Modified"]}
    same = client.get(address, headers=has)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert client.get(address, headers=dated).status_code == 304
    ring(store, seeded)
    fresh = client.get(address, headers={**has, **dated})
    assert fresh.status_code == 200
    assert "Last-Modified" not in fresh.headers
    assert client.get(address, headers={"If-Modified-Since": format_datetime(now())}).status_code == 200
    assert client.get(address, headers={"If-None-Match": fresh.headers["ETag"]}).status_code == 304


def test_alert_page_shows_where_to_follow(operator: FlaskClient, store: Store, seeded: Seeded) -> None:
    """The addresses lead to the shelves; they are for who is logged in."""
    page = operator.get(f"/alerts/{seeded.alerts[0]}").text
    assert f'href="http://127.0.0.1:8000/pull/{token(store, seeded.subscription)}/atom.xml"' in page


def test_address_is_in_no_log(
    settings: Settings, store: Store, seeded: Seeded, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not where it fails, either."""
    app = create_app(context(settings, store))
    secret = token(store, seeded.subscription)
    app.view_functions["pull.shelf"] = lambda **_: 1 / 0
    assert app.test_client().get(f"/pull/{secret}/atom.xml").status_code == 500
    out, err = capsys.readouterr()
    assert "web.broken" in out + err
    assert secret not in (out + err).split("Traceback")[0]


class Reader:
    """One reader of an event stream, on a connection of its own."""

    def __init__(self, port: int, address: str, last_id: int | None = None) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
        self._connection.request("GET", address, headers=headers)
        self.answer: HTTPResponse = self._connection.getresponse()
        if self.answer.status == 200:
            assert self._block()[0].startswith(": ")

    def _block(self) -> list[str]:
        lines = []
        while line := self.answer.readline().decode().rstrip("\n"):
            lines.append(line)
        return lines

    def event(self) -> tuple[int, dict[str, Any]]:
        """The next event: its id, and what it says."""
        while not (block := self._block())[0].startswith("id: "):
            assert block[0].startswith(":")
        assert block[1] == "event: alert"
        return int(block[0].removeprefix("id: ")), json.loads(block[2].removeprefix("data: "))

    def close(self) -> None:
        """Go away, without a word."""
        self.answer.close()
        self._connection.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks, beats and glances that a test can wait for."""
    monkeypatch.setattr(streams, "EVERY_S", 0.05)
    monkeypatch.setattr(pull, "BEAT_S", 0.2)
    monkeypatch.setattr(pull, "GLANCE_S", 0.1)


def test_stream_tells_alerts_and_goes_on_where_it_was(
    settings: Settings, store: Store, seeded: Seeded
) -> None:
    """Each alert as webhooks have it; what came meanwhile, or is committed late, is told to who comes again."""
    address = f"/pull/{token(store, seeded.subscription)}/events"
    with served(settings, store) as (_, port):
        reader = Reader(port, address)
        assert reader.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        first = ring(store, seeded)
        id_, body = reader.event()
        assert (id_, body["type"], body["data"]["alert"]["id"]) == (first, "alert.created", first)
        reader.close()
        missed = [ring(store, seeded), ring(store, seeded, ago_s=40)]
        again = Reader(port, address, last_id=first)
        assert sorted(again.event()[0] for _ in missed) == missed
        last = ring(store, seeded)
        assert again.event()[0] == last
        again.close()
        unknown = Reader(port, address, last_id=0)
        assert unknown.event()[0] == seeded.alerts[0]
        unknown.close()


def test_held_alert_is_streamed_when_it_is_released(settings: Settings, store: Store, seeded: Seeded) -> None:
    """Not before, and although its id is an old one."""
    held = ring(store, seeded, ago_s=9_000, disposition="held", held_until=now() + timedelta(hours=1))
    with served(settings, store) as (_, port):
        reader = Reader(port, f"/pull/{token(store, seeded.subscription)}/events")
        sent = ring(store, seeded)
        assert reader.event()[0] == sent
        store.write(
            lambda tx: tx.execute(
                update(alerts).where(alerts.c.id == held).values(disposition="sent", held_until=now())
            )
        )
        assert reader.event()[0] == held
        reader.close()


def test_new_token_ends_the_streams_of_the_old_one(settings: Settings, store: Store, seeded: Seeded) -> None:
    """Within a heartbeat."""
    with served(settings, store) as (_, port):
        reader = Reader(port, f"/pull/{token(store, seeded.subscription)}/events")
        store.write(lambda tx: subscriptions.edit(tx, seeded.subscription, now=NOW, new_pull_token=True))
        reader.answer.read()
        reader.close()


def test_fifty_idle_streams_starve_no_page_and_leave_their_place(
    settings: Settings, store: Store, seeded: Seeded
) -> None:
    """Pages are as quick as without them; one stream too many is told so; those that end make room."""
    address = f"/pull/{token(store, seeded.subscription)}/events"
    with served(settings, store) as (app, port):
        readers = [Reader(port, address) for _ in range(streams.MOST)]
        started = time.monotonic()
        for _ in range(20):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b'{"status":"ok"}\n')
            connection.close()
        assert time.monotonic() - started < 5
        refused = Reader(port, address)
        assert refused.answer.status == 503
        refused.close()
        told = ring(store, seeded)
        assert {reader.event()[0] for reader in readers} == {told}
        for reader in readers:
            reader.close()
        wait_for(lambda: not app.extensions["streams"]._open, seconds=20, what="end of the streams")
        Reader(port, address).close()
