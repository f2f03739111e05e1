"""A list written, so that other readers and :func:`config.opml.read` understand it.

A feed lies in the folder of its first tag, which every reader takes for its
category, and names all of them in ``category``.  Credentials and headers are
never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from config.opml.outline import Outline, clean

# What separates names in `category`, and the sign that escapes it.
_SEPARATORS = re.compile("[%,/]")


def write(feeds: Iterable[Outline], *, title: str, now: datetime) -> bytes:
    """The list as UTF-8; folders stand in the order in which their first feeds come."""
    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = clean(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        tags = [tag for tag in map(clean, feed.tags) if tag]
        place = body
        if tags:
            name = tags[0]
            if name not in folders:
                folders[name] = etree.SubElement(body, "outline", text=name, title=name)
            place = folders[name]
        etree.SubElement(place, "outline", _attributes(feed, tags))
    written: bytes = etree.tostring(opml, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _attributes(feed: Outline, tags: list[str]) -> dict[str, str]:
    title = clean(feed.title)
    said = {
        "type": "rss",  # readers take it for any kind of feed, and some take nothing else
        "text": title or feed.url,
        "title": title,
        "xmlUrl": feed.url,
        "htmlUrl": clean(feed.site_url),
        "language": feed.language or "",
        "category": ",".join(_SEPARATORS.sub(_escaped, tag) for tag in tags),
        "interval": str(feed.interval_s or ""),
        "fullText": feed.full_text or "",
    }
    return {name: value for name, value in said.items() if value}


def _escaped(sign: re.Match[str]) -> str:
    return f"%{ord(sign[0]):02X}"
