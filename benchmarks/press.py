"""Feed documents, made before anything is measured: 30 entries of about 2.6 KB, several editions each."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b

from benchmarks.text import Writer

ENTRIES = 30
NEW = 5  # entries that each edition has more than the last
WORDS = 325  # of an entry's text


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document as it is served."""

    etag: bytes
    compressed: bytes
    size: int  # before compression


def print_feed(writer: Writer, number: int, editions: int, now: datetime) -> Iterator[Document]:
    """The editions of one feed, from the oldest; each lists the newest 30 of its entries."""
    count = ENTRIES + NEW * (editions - 1)
    entries = [
        _entry(writer, number, index, now - timedelta(minutes=count - index)) for index in range(count)
    ]
    for edition in range(editions):
        listed = entries[edition * NEW : edition * NEW + ENTRIES]
        body = _document(number, listed[::-1]).encode()
        tag = blake2b(body, digest_size=8).hexdigest()
        yield Document(f'"{tag}"'.encode(), gzip.compress(body, 5, mtime=0), len(body))


def _entry(writer: Writer, feed: int, index: int, at: datetime) -> str:
    title = writer.headline()
    paragraphs = writer.paragraphs(WORDS)
    address = f"https://news{feed}.example/{at:%Y/%m/%d}/{index}-{title.lower().replace(' ', '-')}"
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"""
    <item>
      <title>{title}</title>
      <link>{address}?utm_source=rss</link>
      <guid isPermaLink="false">{feed}-{index}@news.example</guid>
      <pubDate>{format_datetime(at, usegmt=True)}</pubDate>
      <dc:creator>Desk {index % 7}</dc:creator>
      <category>World</category>
      <description>{" ".join(paragraphs[0].split()[:25])}</description>
      <content:encoded><![CDATA[{html}]]></content:encoded>
    </item>"""


def _document(number: int, entries: list[str]) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>News {number}</title>
    <link>https://news{number}.example/</link>
    <description>All the news of the desk</description>
    <language>en</language>{"".join(entries)}
  </channel>
</rss>
"""
