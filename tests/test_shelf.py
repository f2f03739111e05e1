"""Shelves: Atom and JSON Feed that readers take, whatever strangers wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl

from pipeline.core.render import Alert, Item, Shelf, atom, json_feed
from tests.seed import NOW

HOUSE = UUID("6f1c3a52-7f2b-4f0e-9f7e-0d2a5f1b8c11")
ATOM = "{http://www.w3.org/2005/Atom}"


def alert(id_: int = 1, **changes: Any) -> Alert:
    """An alert with two matches."""
    matches = [
        {
            "term": "invasion",
            "field": "title",
            "start": 4,
            "end": 12,
            "text": "invasion",
            "context": "The invasion",
        },
        {
            "term": "invasion",
            "field": "body",
            "start": 9,
            "end": 17,
            "text": "invasion",
            "context": "After an invasion & more",
        },
    ]
    fields: dict[str, Any] = {
        "id": id_,
        "created_at": NOW,
        "subscription_id": 3,
        "subscription_name": "War & peace",
        "query": 'invasion NOT "home invasion"',
        "story_id": 1,
        "event_id": 1,
        "independent_sources": 2,
        "copies": 1,
        "article_count": 2,
        "source_count": 2,
        "article_id": 8,
        "url": "https://news.example/a?b=1&c=ü d",
        "title": "The invasion <b>begins</b>",
        "summary": "",
        "author": "A. Writer",
        "language": "en",
        "published_at": NOW - timedelta(minutes=5),
        "first_seen_at": NOW - timedelta(minutes=1),
        "feed_id": 2,
        "feed_title": "News & Views",
        "feed_url": "https://news.example/feed",
        "matches": tuple(matches),
        "public_url": None,
    }
    known = {name: value for name, value in fields.items() if name in Alert.__dataclass_fields__}
    return Alert(**{**known, **changes})


def shelf(*alerts: Alert) -> Shelf:
    """A shelf with these alerts."""
    items = tuple(Item(alert=one, told_at=NOW + timedelta(minutes=n)) for n, one in enumerate(alerts))
    return Shelf(
        subscription_id=3,
        name="War & peace",
        query='invasion NOT "home invasion"',
        house=HOUSE,
        address="https://tocsin.example/pull/x/atom.xml",
        home="https://tocsin.example/",
        updated=NOW,
        items=items,
    )


class Author(BaseModel):
    """As JSON Feed 1.1 has it."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    url: HttpUrl | None = None
    avatar: HttpUrl | None = None


class FeedItem(BaseModel):
    """As JSON Feed 1.1 has it; extensions are objects whose name begins with an underscore."""

    model_config = ConfigDict(extra="forbid", strict=False)
    id: Annotated[str, Field(min_length=1)]
    url: HttpUrl | None = None
    external_url: HttpUrl | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    image: HttpUrl | None = None
    banner_image: HttpUrl | None = None
    date_published: AwareDatetime | None = None
    date_modified: AwareDatetime | None = None
    authors: list[Author] | None = None
    tags: list[str] | None = None
    language: str | None = None
    attachments: list[dict[str, Any]] | None = None
    tocsin: Annotated[dict[str, Any], Field(alias="_tocsin")]


class JsonFeed(BaseModel):
    """As JSON Feed 1.1 has it."""

    model_config = ConfigDict(extra="forbid")
    version: Literal["https://jsonfeed.org/version/1.1"]
    title: str
    home_page_url: HttpUrl | None = None
    feed_url: HttpUrl | None = None
    description: str | None = None
    user_comment: str | None = None
    next_url: HttpUrl | None = None
    icon: HttpUrl | None = None
    favicon: HttpUrl | None = None
    authors: list[Author] | None = None
    language: str | None = None
    expired: bool | None = None
    hubs: list[dict[str, Any]] | None = None
    items: list[FeedItem]


def check_atom(text: str) -> list[ET.Element]:
    """The entries of a feed that has what RFC 4287 asks for (sections 4.1.1 and 4.1.2)."""
    root = ET.fromstring(text.encode())
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    for one in [root, *entries]:
        for name in ("id", "title", "updated"):
            (found,) = one.findall(f"{ATOM}{name}")
            assert found.text
        updated = one.find(f"{ATOM}updated")
        assert updated is not None
        assert datetime.fromisoformat(updated.text or "").tzinfo == UTC
        assert one.find(f"{ATOM}author/{ATOM}name") is not None
        assert len(one.findall(f"{ATOM}link[@rel='alternate']")) <= 1
    assert len(root.findall(f"{ATOM}link[@rel='self']")) == 1
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    assert len(ids) == len(set(ids))
    assert all(str(id_).startswith("urn:uuid:") for id_ in ids)
    return entries


def test_atom_is_what_readers_take() -> None:
    """Feedparser finds no fault, dates and addresses are right, matched words are marked in HTML."""
    found = feedparser.parse(atom(shelf(alert(2), alert(1))).encode())
    assert not found.bozo
    assert found.version == "atom10"
    assert (found.feed.title, found.feed.subtitle) == ("Tocsin: War & peace", 'invasion NOT "home invasion"')
    first, second = found.entries
    assert (first.title, first.title_detail.type) == ("The invasion <b>begins</b>", "text/plain")
    assert first.link == "https://news.example/a?b=1&c=%C3%BC%20d"
    assert first.author == "A. Writer"
    assert first.published == "2026-11-23T11:55:00Z"
    assert first.content[0].type == "text/html"
    assert "The <strong>invasion</strong> &lt;b&gt;" in first.content[0].value
    assert "After an <strong>invasion</strong> &amp; more" in first.content[0].value
    assert first.id != second.id
    assert len(check_atom(atom(shelf(alert(2), alert(1))))) == 2


def test_ids_stay_the_same_and_are_those_of_this_installation() -> None:
    """The same alert has one id in both forms and for ever; another installation's has another."""
    one = shelf(alert(7))
    (entry,) = check_atom(atom(one))
    item = json.loads(json_feed(one))["items"][0]
    assert entry.findtext(f"{ATOM}id") == item["id"] == uuid5(HOUSE, "alert/7").urn
    other = Shelf(
        **{name: getattr(one, name) for name in Shelf.__dataclass_fields__ if name != "house"},
        house=UUID(int=1),
    )
    assert json.loads(json_feed(other))["items"][0]["id"] != item["id"]


def test_json_feed_is_what_version_1_1_says() -> None:
    """Every field is of the standard's type; what the webhook says beside is under ``_tocsin``."""
    feed = JsonFeed.model_validate_json(
        json_feed(shelf(alert(2), alert(1, language=None, published_at=None, url="")))
    )
    first, second = feed.items
    assert str(first.url) == "https://news.example/a?b=1&c=%C3%BC%20d"
    assert (first.language, second.language, second.url) == ("en", None, None)
    assert first.tocsin["alert"]["id"] == 2
    assert first.tocsin["matches"][1]["context"] == "After an invasion & more"
    assert second.date_published == NOW - timedelta(minutes=1)


def test_empty_shelf_is_valid_in_both_forms() -> None:
    """A subscription that has told nothing yet."""
    assert check_atom(atom(shelf())) == []
    assert JsonFeed.model_validate_json(json_feed(shelf())).items == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.example/", "", "//x.example/"])
def test_link_that_is_no_web_address_is_left_out(url: str) -> None:
    """An entry without an address keeps its content."""
    (entry,) = check_atom(atom(shelf(alert(url=url))))
    assert entry.find(f"{ATOM}link") is None
    assert entry.find(f"{ATOM}content") is not None


hostile = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("<>&\"'\x00\x0b\x1b\ufffe\uffff]]>")),
    max_size=60,
)


@given(texts=st.lists(hostile, min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_strangers_wrote_is_text(texts: Sequence[str]) -> None:
    """Both forms stay valid, and no element but ours comes to be."""
    title, author, feed, context, url, word = texts
    matches = ({"term": word, "field": "body", "start": 0, "end": 1, "text": word, "context": context},)
    one = shelf(
        alert(
            title=title,
            author=author,
            feed_title=feed,
            url=f"https://x.example/{url}",
            matches=matches,
            query=context,
        )
    )
    (entry,) = check_atom(atom(one))
    assert {child.tag.removeprefix(ATOM) for child in entry} <= {
        "id",
        "title",
        "updated",
        "published",
        "link",
        "author",
        "content",
    }
    JsonFeed.model_validate_json(json_feed(one))
