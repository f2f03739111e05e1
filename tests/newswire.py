"""Feeds and pages for tests of the whole way: numbered items, so that a missing or doubled one is seen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.sites import Reply, Request


def item(
    number: int, title: str, summary: str, *, link: str = "", at: datetime | None = None, name: str = "wire"
) -> str:
    """One RSS item."""
    when = at or datetime.now(UTC)
    return (
        f"<item><guid isPermaLink='false'>{name}-{number}</guid><title>{escape(title)}</title>"
        f"<link>{escape(link or f'https://news.example/{name}/{number}')}</link>"
        f"<description>{escape(summary)}</description><pubDate>{format_datetime(when)}</pubDate></item>"
    )


def rss(*items: str, title: str = "The Wire") -> bytes:
    """An RSS document."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://news.example/</link><language>en</language>"
        f"<description>All the news</description>{''.join(items)}</channel></rss>"
    ).encode()


class Wire:
    """A feed that grows by one numbered item at each request, up to ``total``; every third item is about an invasion."""

    def __init__(self, name: str, total: int, *, step: int = 1) -> None:
        self.name = name
        self.total = total
        self.step = step
        self.published = 0
        self._lock = threading.Lock()
        self._start = datetime.now(UTC)

    def __call__(self, _request: Request) -> Reply:
        with self._lock:
            self.published = min(self.total, self.published + self.step)
            count = self.published
        items = [self.item(number) for number in range(count, 0, -1)]
        return Reply(body=rss(*items, title=self.name), headers={"Content-Type": "application/rss+xml"})

    def item(self, number: int) -> str:
        """Item ``number``, the same at each request."""
        word = "invasion" if number % 3 == 0 else "harvest"
        return item(
            number,
            f"{self.name} report {number}",
            f"Observers of {self.name} speak of an early {word} in the district of number {number}.",
            name=self.name,
            at=self._start + timedelta(seconds=number),
        )

    def rings(self) -> set[str]:
        """Titles that a subscription to ``invasion`` must be told of."""
        return {f"{self.name} report {number}" for number in range(3, self.total + 1, 3)}

    def titles(self) -> set[str]:
        """Titles of every item."""
        return {f"{self.name} report {number}" for number in range(1, self.total + 1)}
