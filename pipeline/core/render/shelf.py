"""What a subscription told last, as a feed of its own: an Atom feed (RFC 4287) or a JSON Feed 1.1."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from pipeline.core.model import Message
from pipeline.core.render.alert import Alert, message
from pipeline.core.render.parts import SUBJECT_CHARS, line, moment

#: Characters that no XML 1.0 document may have, however they are written.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What may stand in an address as it is; the rest is percent-encoded.
_IN_URL = "%/:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An alert on a shelf."""

    alert: Alert
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a subscription told last, the newest first."""

    subscription_id: int
    name: str
    query: str
    house: UUID  # this installation's: ids of ours are unlike those of any other
    address: str  # the shelf's own
    home: str  # of our pages
    updated: datetime
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """The shelf's title."""
        return line(f"Tocsin: {self.name}", SUBJECT_CHARS)


def atom(shelf: Shelf) -> str:
    """The shelf as an Atom feed."""
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        _element("id", _urn(shelf.house, "subscription", shelf.subscription_id)),
        _element("title", shelf.title),
        _element("subtitle", shelf.query),
        _element("updated", moment(shelf.updated) or ""),
        _element("link", rel="self", type="application/atom+xml", href=shelf.address),
        _element("link", rel="alternate", type="text/html", href=shelf.home),
        _element("generator", "Tocsin"),
        "<author><name>Tocsin</name></author>",
    ]
    return "\n".join([*head, *(_entry(shelf, item) for item in shelf.items), "</feed>\n"])


def _entry(shelf: Shelf, item: Item) -> str:
    alert = item.alert
    url = _href(alert.url)
    parts = [
        _element("id", _urn(shelf.house, "alert", alert.id)),
        _element("title", line(alert.title, SUBJECT_CHARS) or "untitled"),
        _element("updated", moment(item.told_at) or ""),
        _element("published", moment(alert.published_at) or "") if alert.published_at else "",
        _element("link", rel="alternate", href=url) if url else "",
        f"<author>{_element('name', _author(alert))}</author>",
        _element("content", _told(item).html, type="html"),
    ]
    return "<entry>\n" + "\n".join(part for part in parts if part) + "\n</entry>"


def json_feed(shelf: Shelf) -> str:
    """The shelf as a JSON Feed; what webhooks carry beside is under ``_tocsin``."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": shelf.title,
        "description": shelf.query,
        "home_page_url": shelf.home,
        "feed_url": shelf.address,
        "authors": [{"name": "Tocsin"}],
        "items": [dict(_fields(shelf, item)) for item in shelf.items],
    }
    return json.dumps(feed, ensure_ascii=False)


def _fields(shelf: Shelf, item: Item) -> Iterator[tuple[str, Any]]:
    alert, told = item.alert, _told(item)
    yield "id", _urn(shelf.house, "alert", alert.id)
    if url := _href(alert.url):
        yield "url", url
    yield "title", line(alert.title, SUBJECT_CHARS)
    yield "content_html", told.html
    yield "content_text", told.text
    yield "date_published", moment(alert.published_at or alert.first_seen_at)
    yield "date_modified", moment(item.told_at)
    yield "authors", [{"name": _author(alert)}]
    if alert.language:
        yield "language", alert.language
    yield "_tocsin", {"about": "https://jsonfeed.org/version/1.1#extensions", **told.data["data"]}


def _told(item: Item) -> Message:
    """The alert's message, its marks in bold as well: many readers throw out ``mark``."""
    told = message(item.alert, message_id="")
    bold = told.html.replace("<mark>", "<strong><mark>").replace("</mark>", "</mark></strong>")
    return replace(told, html=bold)


def _author(alert: Alert) -> str:
    return line(alert.author or alert.feed_title or alert.feed_url, SUBJECT_CHARS) or "unknown"


def _urn(house: UUID, kind: str, id_: int) -> str:
    """A name that stays the same for ever, wherever the shelf is fetched from."""
    return uuid5(house, f"{kind}/{id_}").urn


def _href(url: str) -> str:
    """``url`` as an address that every reader takes; "" unless it is the web's."""
    text = quote(url.strip(), safe=_IN_URL)
    return text if text.startswith(("http://", "https://")) else ""


def _element(name: str, text: str | None = None, **attributes: str) -> str:
    """An XML element around text of strangers."""
    named = "".join(f' {key}="{_xml(value)}"' for key, value in attributes.items())
    return f"<{name}{named}/>" if text is None else f"<{name}{named}>{_xml(text)}</{name}>"


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("", text))
