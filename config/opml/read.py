"""A list read: its outlines in order, each a feed, a folder, or skipped with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from config.opml.outline import FeedList, Outline, clean, same, united
from config.opml.tree import attributes, local, root

if TYPE_CHECKING:
    from lxml import etree

MAX_URL_CHARS = 2_048
MAX_TITLE_CHARS = 300
MAX_TAG_CHARS = 100
SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S = 15, 31_536_000
FULL_TEXT = ("auto", "always", "never")


@dataclass(frozen=True, slots=True)
class _Line:
    """An outline; ``said`` are its attributes, by name in lower case."""

    number: int
    said: Mapping[str, str]
    folders: tuple[str, ...]  # that it lies in, outermost first
    is_open: bool  # others lie in it

    def name(self, limit: int) -> str:
        return (self.said.get("title") or self.said.get("text", ""))[:limit]

    def told(self, reason: object) -> str:
        """The reason with where it stands."""
        name = self.name(60)
        called = f', "{name}"' if name else ""
        return f"line {self.number}{called}: {reason}"


class _SkippedError(Exception):
    """An outline brings no feed; the message is the reason."""


def read(data: bytes) -> FeedList:
    """Read a list.

    Raises:
        UsageError: it is no OPML, is cut short or otherwise broken, or is too large.

    """
    opml = root(data)
    feeds: dict[str, Outline] = {}
    skipped: list[str] = []
    for line in _lines(opml):
        try:
            feed = _feed(line)
        except _SkippedError as exc:
            skipped.append(line.told(exc))
            continue
        if feed is None:
            continue
        key = same(feed.url)
        if (known := feeds.get(key)) is None:
            feeds[key] = feed
        else:
            feeds[key] = replace(known, tags=united((*known.tags, *feed.tags)))
            skipped.append(line.told(f"same feed as on line {known.line}; merged"))
    return FeedList(title=_title(opml), feeds=tuple(feeds.values()), skipped=tuple(skipped))


def _lines(opml: etree._Element) -> Iterator[_Line]:
    """Every outline in document order."""
    bodies = [child for child in opml if local(child) == "body"]
    open_folders: list[tuple[etree._Element, tuple[str, ...]]] = [(body, ()) for body in reversed(bodies)]
    while open_folders:
        element, folders = open_folders.pop()
        inside = [child for child in element if local(child) == "outline"]
        if local(element) == "outline":
            line = _Line(element.sourceline or 0, attributes(element), folders, bool(inside))
            yield line
            name = "" if line.said.get("xmlurl") else line.name(MAX_TAG_CHARS)
            folders = (*folders, name) if name and folders[-1:] != (name,) else folders
        open_folders += [(child, folders) for child in reversed(inside)]


def _feed(line: _Line) -> Outline | None:
    """The feed of an outline; None for a folder."""
    said = line.said
    address = said.get("xmlurl", "")
    if not address:
        kind = said.get("type", "").lower()
        if kind == "include":
            raise _SkippedError("an included list is not followed; import it by itself")
        if kind in ("link", "url"):
            raise _SkippedError("a link, not a feed")
        if line.is_open and kind not in ("rss", "atom"):
            return None
        raise _SkippedError("no feed address (xmlUrl)")
    url, auth = _address(address)
    title = line.name(MAX_TITLE_CHARS)
    return Outline(
        url=url,
        title="" if title == url else title,  # an outline must have a text, so nameless feeds have this
        site_url=said.get("htmlurl", "")[:MAX_URL_CHARS],
        language=said.get("language", "")[:20].lower() or None,
        tags=united((*line.folders, *_categories(said.get("category", "")))),
        auth=auth,
        interval_s=_interval(said.get("interval", "")),
        full_text=_full_text(said.get("fulltext", "").lower()),
        line=line.number,
    )


def _address(address: str) -> tuple[str, tuple[str, str] | None]:
    """The feed's http(s) address without credentials, and the credentials."""
    if address.lower().startswith("feed:"):  # feed://host/path and feed:https://host/path
        rest = address[5:]
        address = rest if rest.lower().startswith(("http:", "https:")) else f"http:{rest}"
    try:
        parts = urlsplit(address.replace(" ", "%20"))
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _SkippedError(f"not an address: {_short(address)}") from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise _SkippedError(f"not an http or https address: {_short(address)}")
    if len(address) > MAX_URL_CHARS:
        raise _SkippedError(f"its address is longer than {MAX_URL_CHARS} characters")
    return urlunsplit(parts._replace(netloc=_bare(parts), fragment="")), _credentials(parts)


def _credentials(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")


def _bare(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _interval(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and SHORTEST_INTERVAL_S <= int(text[:9]) <= LONGEST_INTERVAL_S):
        raise _SkippedError(
            f"interval must be whole seconds, from {SHORTEST_INTERVAL_S} to {LONGEST_INTERVAL_S}"
        )
    return int(text[:9])


def _full_text(text: str) -> str | None:
    if text and text not in FULL_TEXT:
        raise _SkippedError(f"fullText must be one of {', '.join(FULL_TEXT)}")
    return text or None


def _categories(text: str) -> list[str]:
    """``/Boston/Weather,/Harvard`` names three; what a name may not hold is escaped as in addresses."""
    parts = re.split(r"[,/]", text)
    return [name[:MAX_TAG_CHARS] for part in parts if (name := clean(unquote(part)))]


def _title(opml: etree._Element) -> str:
    for head in (child for child in opml if local(child) == "head"):
        for child in head:
            if local(child) == "title":
                return clean(child.text or "")[:MAX_TITLE_CHARS]
    return ""


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"
