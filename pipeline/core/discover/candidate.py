"""An address that may be a feed's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/x.atom+xml",
        "application/x-atom+xml",
        "text/rss+xml",
        "text/atom+xml",
        "application/xml",
        "text/xml",
    }
)
_SPOKEN = re.compile(r"(?:^|[^a-z])(?:rss|atom|rdf|feeds?|xmlfeed|syndication)(?![a-z])")
_ENDS = re.compile(r"\.(?:rss|atom|rdf|xml)$|feed\.json$")
_NO_FEED = re.compile(r"sitemap|opensearch|\.(?:png|jpe?g|gif|svg|ico|css|js|html?|pdf|opml)$|validator\.")


class How(StrEnum):
    """How a candidate was found."""

    ITSELF = "itself"  # the address asked for is a feed
    HEADER = "header"  # the HTTP header Link
    LINK = "link"  # <link rel="alternate"> or rel="feed" in the page
    ANCHOR = "anchor"  # a link that readers see
    USUAL = "usual"  # where feeds usually are


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a feed's, how it was found, and what the link to it says."""

    url: str
    how: How
    title: str = ""


def declared(rels: frozenset[str], kind: str, url: str) -> bool:
    """Whether a link says of itself that it leads to a feed."""
    if "stylesheet" in rels:
        return False
    # JSON Feed began with a type that is everybody's.
    typed = kind in TYPES or (kind == "application/json" and likely(url))
    return "feed" in rels or ("alternate" in rels and typed)


def likely(url: str) -> bool:
    """Whether an address looks like a feed's."""
    parts = urlsplit(url.lower())
    if _NO_FEED.search(f"{parts.hostname or ''}{parts.path}"):
        return False
    return bool(_ENDS.search(parts.path) or _SPOKEN.search(f"{parts.path}?{parts.query}"))
