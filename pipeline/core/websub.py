"""WebSub: which hub a document offers, and whether what comes from it is the hub's.

After the W3C's recommendation of 2018 (https://www.w3.org/TR/websub/): a feed
names a hub and its own address, its topic; whoever asks the hub is told of each
new document, with a signature made with a secret that only the two know.
"""

from __future__ import annotations

import hmac
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pipeline.core.links import links

#: What we ask hubs for, in seconds; they may grant less, and of more it is what counts.
LEASE_S = 10 * 86_400
#: A lease is renewed when so much of it is over.
_RENEWAL = 0.8
_LEAST_LEASE_S = 300
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_LOOKED_AT = 65_536
_LONGEST = 2_048
_FIRST_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_LINK = re.compile(rb"<(?:[\w.-]+:)?link\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""\b(rel|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A hub that a feed names, and the address by which the hub knows the feed."""

    hub: str
    topic: str


def offer(headers: Mapping[str, str], head: bytes, *, url: str) -> Offer | None:
    """The hub that a document offers, in its headers (names in lower case) or before its first item.

    ``url`` is where the document was found; ``head`` its beginning, or of a JSON
    Feed all but its items.
    """
    found = _of_header(headers.get("link", ""))
    if "hub" not in found and b"hub" in head[:_LOOKED_AT].lower():
        found |= _of_json(head) if head.lstrip()[:1] == b"{" else _of_xml(head[:_LOOKED_AT])
    hub = _web(found.get("hub", ""), url)
    topic = _web(found.get("self", url), url)
    return Offer(hub=hub, topic=topic) if hub and topic else None


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether ``header`` (X-Hub-Signature) was made of the body with this secret."""
    method, _, given = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())


def lease_s(granted: str | None) -> int:
    """Seconds that a lease lasts, as the hub says it; what it does not say is what we asked for."""
    text = (granted or "").strip()
    seconds = int(text[:12]) if text.isascii() and text.isdigit() else LEASE_S
    return min(max(seconds, _LEAST_LEASE_S), LEASE_S)


def renewal_s(lease: int) -> float:
    """Seconds after which a lease is to be renewed."""
    return lease * _RENEWAL


def _of_header(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for link in links(value):
        for rel in link.rels & {"hub", "self"}:
            found.setdefault(rel, link.target)
    return found


def _of_xml(head: bytes) -> dict[str, str]:
    item = _FIRST_ITEM.search(head)
    found: dict[str, str] = {}
    for attributes in _LINK.findall(head[: item.start()] if item else head):
        said = {name.lower(): one or other for name, one, other in _ATTRIBUTE.findall(attributes)}
        for rel in said.get(b"rel", b"").lower().split():
            if rel in (b"hub", b"self") and b"href" in said:
                found.setdefault(
                    rel.decode(), html.unescape(said[b"href"].decode("utf-8", "replace")).strip()
                )
    return found


def _of_json(head: bytes) -> dict[str, str]:
    try:
        feed = json.loads(head)
        hubs = [hub["url"] for hub in feed["hubs"] if str(hub.get("type", "")).lower() == "websub"]
        said = {"hub": hubs[0], "self": feed.get("feed_url", "")}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    return {rel: text for rel, text in said.items() if isinstance(text, str) and text}


def _web(target: str, base: str) -> str:
    """``target`` as an absolute address of the web, "" where it is none."""
    try:
        joined = urljoin(base, target)
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:
        return ""
    return joined if target and usable and len(joined) <= _LONGEST and joined.isprintable() else ""
