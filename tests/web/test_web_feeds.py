"""Feeds and how they fare, for people and for programs."""

from __future__ import annotations

from flask.testing import FlaskClient

from pipeline.store import feeds, warnings, wary
from pipeline.store.engine import Store
from tests import stock
from tests.stock import T0
from tests.web.browser import EVIL


def test_feeds_are_shown_with_their_health(operator: FlaskClient, store: Store) -> None:
    """Interval with its reason, warnings, silence; what strangers wrote is text."""
    first = stock.add_feed(store, "https://a.example/1")
    stock.add_feed(store, "https://a.example/2", interval_s=95)
    store.write(lambda tx: feeds.edit(tx, first, title=EVIL))
    store.write(lambda tx: warnings.warn(tx, first, "silent", "looks fine, brings nothing", T0))
    page = operator.get("/feeds").text
    assert "every 95 s: fixed" in page
    assert "looks fine, brings nothing" in page
    assert EVIL not in page
    silent = operator.get("/feeds?only=silent").text
    assert "a.example/1" in silent
    assert "a.example/2" not in silent
    assert "No such feeds." in operator.get("/feeds?only=failing").text


def test_programs_read_the_same(operator: FlaskClient, store: Store) -> None:
    """The fields are those of the command, with the warnings; a page goes on behind the last id."""
    ids = [stock.add_feed(store, f"https://a.example/{n}") for n in range(3)]
    store.write(lambda tx: wary.gap(tx, ids[1], again_at=T0, now=T0))
    page = operator.get("/api/v1/feeds?limit=2").json
    assert [one["id"] for one in page["feeds"]] == ids[:2]
    assert [one["word"] for one in page["feeds"][1]["warnings"]] == ["gap"]
    assert page["feeds"][1]["gaps"] == 1
    (last,) = operator.get(f"/api/v1/feeds?after={ids[1]}").json["feeds"]
    assert (last["id"], last["rhythm"], last["silent"]) == (ids[2], "every 300 s: fixed", False)
    assert operator.get("/api/v1/feeds?failing=1").json == {"feeds": []}
    assert operator.get("/api/v1/feeds?failing=maybe").status_code == 400
