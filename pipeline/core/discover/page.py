"""What a page links to that may be a feed: by HTTP header, ``<link>``, and links that readers see.

A page comes from a stranger.  Before it is parsed all tags go but those that are
asked for, since the time that parsers take grows with the square of the depth; one
whose tags are made of thousands of attributes leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.core import charset
from pipeline.core.discover.candidate import TYPES, Candidate, How, declared, likely
from pipeline.core.links import links
from pipeline.core.text import crowded, line, truncate
from pipeline.core.urls import absolute

_PAGE_BYTES = 2_000_000  # of a page that are looked at
_HEAD_BYTES = 4_096
_LINKS = 5_000  # of a page that are looked at
_TITLE_CHARS = 200

_META = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_OTHER = re.compile(r"</?(?!(?:a|base|link|script|style)\b)[a-zA-Z][^<>]*>", re.IGNORECASE)
_FEED = "feed:"  # as browsers once handed feeds over
_WORDS = re.compile(
    r"\W*(?:rss|atom|json feed|(?:rss|atom|xml|web|news) ?feeds?|feeds?|rss 2\.0)\W*", re.IGNORECASE
)


def candidates(body: bytes, *, url: str, content_type: str, link_header: str = "") -> tuple[Candidate, ...]:
    """What the page at ``url`` links to that may be a feed, the surest first, each address once.

    ``link_header`` is the HTTP header Link, several joined by commas.
    """
    found: dict[str, Candidate] = {}
    for candidate in (*_in_header(link_header, url), *_in_page(body, url, content_type)):
        found.setdefault(candidate.url, candidate)
    return tuple(found.values())


def _in_header(header: str, url: str) -> Iterator[Candidate]:
    for link in links(header):
        if (target := _target(link.target, url)) and declared(link.rels, link.type, target):
            yield Candidate(url=target, how=How.HEADER, title=_title(link.title))


def _in_page(body: bytes, url: str, content_type: str) -> list[Candidate]:
    text = _OTHER.sub(" ", _text(body[:_PAGE_BYTES], content_type))
    if crowded(text):
        return []
    tree = LexborHTMLParser(text)
    base = url
    told: list[Candidate] = []
    shown: list[Candidate] = []
    for node in islice(tree.css("base[href], link[href], a[href]"), _LINKS):
        said = {name: value or "" for name, value in node.attributes.items()}
        if node.tag == "base":
            base = base if base != url else absolute(said["href"], url) or url  # the first counts
            continue
        target = _target(said["href"], base)
        if not target:
            continue
        rels = frozenset(said.get("rel", "").lower().split())
        kind = said.get("type", "").partition(";")[0].strip().lower()
        if node.tag == "link":
            if declared(rels, kind, target):
                told.append(Candidate(url=target, how=How.LINK, title=_title(said.get("title", ""))))
        elif _promising(said, rels, kind, target, words := node.text()[: _TITLE_CHARS * 2]):
            shown.append(Candidate(url=target, how=How.ANCHOR, title=_title(said.get("title") or words)))
    return told + shown


def _promising(said: dict[str, str], rels: frozenset[str], kind: str, target: str, text: str) -> bool:
    """Whether a link that readers see may lead to a feed: by what it says, its address, or its words."""
    if "feed" in rels or kind in TYPES or said["href"].strip()[:5].lower() == _FEED:
        return True
    return likely(target) or _WORDS.fullmatch(text) is not None


def _target(href: str, base: str) -> str:
    """The web address that a link leads to, without its fragment; "" for none, and where it names a user."""
    href = href.strip()
    if href[:5].lower() == _FEED:
        rest = href[5:]
        href = rest if rest[:4].lower() == "http" else f"http:{rest}"
    try:
        if "@" in urlsplit(href).netloc:
            return ""
    except ValueError:
        return ""
    return absolute(href, base).partition("#")[0]


def _text(body: bytes, content_type: str) -> str:
    """The page as text; only titles depend on its encoding."""
    if "charset" not in content_type.lower() and (meta := _META.search(body, 0, _HEAD_BYTES)):
        content_type = f"text/html; charset={meta[1].decode('ascii')}"
    return charset.decode(body, content_type)


def _title(text: str) -> str:
    return truncate(line(text), _TITLE_CHARS)
