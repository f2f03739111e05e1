"""The feeds of the demo's outlets, as their content systems would write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from workers.demo.edition import Item, Outlet

CONTENT_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An item in a feed, with the real times of its publication and last change."""

    item: Item
    published_at: datetime
    updated_at: datetime


def render(outlet: Outlet, listings: Sequence[Listing], base_url: str) -> bytes:
    """The outlet's feed document, ``listings`` newest first; ``base_url`` ends without a slash."""
    writer = {"rss": _rss, "atom": _atom, "json": _json}[outlet.format]
    return writer(outlet, listings, base_url).encode()


def link(outlet: Outlet, item: Item, base_url: str) -> str:
    """The address of the item's page as this outlet's feed writes it."""
    return f"{base_url}{item.page_path}" + (f"?{outlet.tracking}" if outlet.tracking else "")


def _rss(outlet: Outlet, listings: Sequence[Listing], base_url: str) -> str:
    items = "".join(
        f"""
    <item>
      <title>{escape(row.item.text.title)}</title>
      <link>{escape(link(outlet, row.item, base_url))}</link>
      <guid isPermaLink="false">{escape(row.item.guid)}</guid>
      <description>{escape(f"<p>{escape(row.item.text.summary)}</p>")}</description>
      <pubDate>{format_datetime(row.published_at, usegmt=True)}</pubDate>
    </item>"""
        for row in listings
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>{escape(outlet.name)}</title>
    <link>{base_url}/{outlet.key}/</link>
    <description>{escape(outlet.strapline)}</description>
    <language>en</language>
    <ttl>5</ttl>{items}
  </channel>
</rss>
"""


def _atom(outlet: Outlet, listings: Sequence[Listing], base_url: str) -> str:
    newest = max((row.updated_at for row in listings), default=None)
    updated = f"\n  <updated>{newest.isoformat()}</updated>" if newest else ""
    entries = "".join(
        f"""
  <entry>
    <title type="text">{escape(row.item.text.title)}</title>
    <link rel="alternate" type="text/html" href="{escape(link(outlet, row.item, base_url))}"/>
    <id>{escape(row.item.guid)}</id>
    <published>{row.published_at.isoformat()}</published>
    <updated>{row.updated_at.isoformat()}</updated>
    <summary type="text">{escape(row.item.text.summary)}</summary>
  </entry>"""
        for row in listings
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <title>{escape(outlet.name)}</title>
  <subtitle>{escape(outlet.strapline)}</subtitle>
  <id>tag:{outlet.key}.example,2026:feed</id>{updated}
  <link rel="alternate" href="{base_url}/{outlet.key}/"/>
  <link rel="self" href="{base_url}{outlet.feed_path}"/>
  <author><name>{escape(outlet.name)}</name></author>{entries}
</feed>
"""


def _json(outlet: Outlet, listings: Sequence[Listing], base_url: str) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{base_url}/{outlet.key}/",
        "feed_url": f"{base_url}{outlet.feed_path}",
        "language": "en",
        "items": [
            {
                "id": row.item.guid,
                "url": link(outlet, row.item, base_url),
                "title": row.item.text.title,
                "content_text": row.item.text.summary,
                "date_published": row.published_at.isoformat(),
                "date_modified": row.updated_at.isoformat(),
            }
            for row in listings
        ],
    }
    return json.dumps(feed, indent=1)
