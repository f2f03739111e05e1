"""A feed in a list: what its line says, and which lines mean the same feed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MAX_TAGS = 20

# Controls, what turns the direction of a line, and what no XML may hold.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed that a list names; ``""``, ``None`` and ``()`` where it does not say."""

    url: str
    title: str
    site_url: str
    language: str | None
    tags: tuple[str, ...]  # the folders that it lies in, outermost first, then its categories
    auth: tuple[str, str] | None = field(repr=False)  # user and password, where the address carried them
    interval_s: int | None  # from the attribute `interval`, which is ours
    full_text: str | None  # from the attribute `fullText`, which is ours: auto, always or never
    line: int  # 0 for one that was not read


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list holds; ``skipped`` has one line for each outline that brought no feed of its own."""

    title: str
    feeds: tuple[Outline, ...]
    skipped: tuple[str, ...]


def same(url: str) -> str:
    """Equal for addresses that lead to one feed: http or https, with www or a slash at the end or without."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{host}{port}{parts.path.rstrip('/')}?{parts.query}"


def united(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags, each once, as many as a feed may have."""
    return tuple(dict.fromkeys(tags))[:MAX_TAGS]


def clean(text: str) -> str:
    """``text`` on one line, with nothing in it that a terminal or an XML parser would mind."""
    return _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()
