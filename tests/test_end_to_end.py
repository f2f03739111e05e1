"""From a feed to a verified delivery, through the real processes, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.house import House, wait_for
from tests.newswire import item, rss
from tests.sites import Reply, Site, conditional

PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{title}</h1>{paragraphs}</article>
<footer>Imprint and terms</footer></body></html>"""

FILLER = (
    "Officials in the capital said on Tuesday that the delegation would travel by train, and that the agenda "
    "had been agreed after a long night of telephone calls between the two foreign ministries. "
)


def page(title: str, *sentences: str) -> bytes:
    """An article page with enough prose around ``sentences`` to be one."""
    paragraphs = "".join(f"<p>{FILLER}{sentence} {FILLER}</p>" for sentence in sentences)
    return PAGE.format(title=title, paragraphs=paragraphs).encode()


@pytest.fixture
def house(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[House]:
    """Every process but the web, on both databases."""
    opened = House(tmp_path, database_url, redis_url)
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[Site]:
    """A news site and a webhook receiver."""
    with Site() as opened:
        opened.answer("/hook", Reply(204))
        yield opened


def test_items_become_verified_deliveries(house: House, site: Site) -> None:
    """What matches in the summary or only on the page arrives once, signed; what does not match stays silent."""
    site.answer(
        "/talks",
        Reply(
            body=page(
                "Russia to hold security talks with US next month",
                "Western governments had warned of an imminent invasion.",
                "The ministers also spoke of economic sanctions.",
            ),
            headers={"Content-Type": "text/html; charset=utf-8"},
        ),
    )
    site.answer(
        "/lake",
        Reply(
            body=page("Mussels in the lake", "An invasive species has reached the northern shore."),
            headers={"Content-Type": "text/html"},
        ),
    )
    site.answer(
        "/feed",
        conditional(
            rss(
                item(
                    1,
                    "Russia to hold security talks with US next month",
                    "Talks will be held.",
                    link=site.url("/talks"),
                ),
                item(2, "Mussels in the lake", "An invasive species.", link=site.url("/lake")),
                item(
                    3,
                    "New sanctions on shipping",
                    "The council has sanctioned nine tankers.",
                    link=site.url("/none"),
                ),
            )
        ),
    )
    made = house.run("channels", "add", "desk", site.url("/hook"), "--json")
    secret = json.loads(made.stdout)["secret"]
    house.run("subscriptions", "add", "invasion", 'invasion NOT "home invasion"', "--to", "desk")
    house.run("subscriptions", "add", "sanctions", "sanction", "--to", "desk")
    house.run("feeds", "add", site.url("/feed"))
    house.start("scheduler", "ingest", "pages", "deliver")

    requests = site.wait_for(3, "/hook", timeout_s=60)
    told = {}
    for request in requests:
        body = Webhook(secret).verify(request.body, request.headers)
        assert body["type"] == "alert.created"
        told[body["data"]["subscription"]["name"], body["data"]["article"]["title"]] = body["data"]
    assert set(told) == {
        ("invasion", "Russia to hold security talks with US next month"),
        ("sanctions", "Russia to hold security talks with US next month"),
        ("sanctions", "New sanctions on shipping"),
    }
    (match,) = told["invasion", "Russia to hold security talks with US next month"]["matches"]
    assert (match["field"], match["text"]) == ("body", "invasion")
    assert "imminent invasion" in match["context"]
    words = {found["text"] for found in told["sanctions", "New sanctions on shipping"]["matches"]}
    assert words == {"sanctions", "sanctioned"}
    settled(house)
    assert len(site.seen("/hook")) == 3
    assert len({request.headers["webhook-id"] for request in site.seen("/hook")}) == 3
    listed = [json.loads(line) for line in house.run("alerts", "list", "--json").stdout.splitlines()]
    assert {(row["subscription"], row["title"]) for row in listed} == set(told)
    house.run("status", "--check")


def test_a_changed_subscription_is_in_force_with_the_next_item(house: House, site: Site) -> None:
    """A subscription added while everything runs rings for what comes after it."""
    site.answer("/feed", Reply(body=rss(item(1, "Quiet day", "Nothing happened."))))
    house.run("channels", "add", "desk", site.url("/hook"))
    house.run("feeds", "add", site.url("/feed"), "--full-text", "never")
    house.start("scheduler", "ingest", "deliver")
    wait_for(lambda: titles(house) == {"Quiet day"}, seconds=60, what="first article", house=house)
    house.run("subscriptions", "add", "mobilisation", "mobilisation", "--to", "desk")
    site.answer("/feed", Reply(body=rss(item(2, "Mobilisation ordered", "Reservists are called."))))
    house.run("feeds", "poll")
    (request,) = site.wait_for(1, "/hook", timeout_s=60)
    assert json.loads(request.body)["data"]["article"]["title"] == "Mobilisation ordered"


def settled(house: House) -> None:
    """Wait until no work is open."""

    def done() -> bool:
        state = json.loads(house.run("status", "--json", check=False).stdout)
        return not (
            state["items"].get("new")
            or state["pages"].get("due")
            or state["pages"].get("fetched")
            or state["deliveries"]["pending"]
        )

    wait_for(done, seconds=60, what="end of all work", house=house)


def titles(house: House) -> set[str]:
    """Titles of the stored articles."""
    lines = house.run("articles", "list", "--json").stdout.splitlines()
    return {json.loads(line)["title"] for line in lines}
