"""OPML, the format in which feed lists travel: folders become tags, duplicates are merged.

A list may come from a stranger: no entity is expanded, nothing is loaded, and
every line that brings no feed is told with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from lxml import etree

from pipeline.core.errors import UsageError

MAX_BYTES = 10_000_000
MAX_URL_CHARS = 2_048
MAX_TITLE_CHARS = 300
MAX_TAG_CHARS = 100
MAX_TAGS = 20
SHORTEST_INTERVAL_S = 15
FULL_TEXT = ("auto", "always", "never")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SPACE = re.compile(r"\s+")
_TAG = re.compile(
    rb"<outline\b(?:(?!<outline\b).){0,20000}?>(?=\s*<(?:/?outline\b|/body\b|!--))", re.IGNORECASE | re.DOTALL
)
_NAME = (
    rb"(?:text|title|description|type|version|language|category|created|xmlurl|htmlurl|url|interval|fulltext)"
)
_ATTRIBUTE = re.compile(
    rb'(?<=\s)(%s)\s*=\s*"(.*?)"(?=\s+%s\s*=\s*"|\s*/?>\Z)' % (_NAME, _NAME), re.IGNORECASE | re.DOTALL
)
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed that a list names; ``""``, ``None`` and ``()`` where it does not say."""

    url: str
    title: str
    site_url: str
    language: str | None
    tags: tuple[str, ...]  # the folders that it lies in, outermost first, then its categories
    auth: tuple[str, str] | None  # user and password, where the address carried them
    interval_s: int | None  # from the attribute `interval`, which is ours
    full_text: str | None  # from the attribute `fullText`, which is ours: auto, always or never
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list holds; ``skipped`` has one line for each outline that brought no feed of its own."""

    title: str
    feeds: tuple[Outline, ...]
    skipped: tuple[str, ...]


class _SkippedError(Exception):
    """An outline brings no feed; the message is the reason."""


def read(data: bytes) -> FeedList:
    """Read a list.

    Raises:
        UsageError: it is no OPML, is cut short or otherwise broken, or is too large.

    """
    root = _root(data)
    feeds: dict[str, Outline] = {}
    skipped: list[str] = []
    for element, folders in _outlines(root):
        try:
            feed = _feed(element, folders)
        except _SkippedError as exc:
            skipped.append(f"line {element.sourceline}{_label(element)}: {exc}")
            continue
        if feed is None:
            continue
        key = _sameness(feed.url)
        if (known := feeds.get(key)) is None:
            feeds[key] = feed
        else:
            feeds[key] = replace(known, tags=_unique((*known.tags, *feed.tags)))
            skipped.append(f"line {feed.line}{_label(element)}: same feed as on line {known.line}; merged")
    return FeedList(title=_title(root), feeds=tuple(feeds.values()), skipped=tuple(skipped))


def _root(data: bytes) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise UsageError(f"the OPML file is larger than {MAX_BYTES // 1_000_000} MB")
    data = data.lstrip()
    if not data:
        raise UsageError("the OPML file is empty")
    if b"<!ENTITY" in data:
        raise UsageError("the OPML file declares entities, which no feed list needs; it is not read")
    try:
        root = _parsed(data)
    except etree.XMLSyntaxError as exc:
        try:
            root = _parsed(_mended(data))
        except etree.XMLSyntaxError:
            raise UsageError(f"the OPML file is broken or cut short: {exc.msg}") from exc
    document = root.getroottree().docinfo.internalDTD
    if document is not None and any(True for _ in document.iterentities()):  # one in UTF-16, say
        raise UsageError("the OPML file declares entities, which no feed list needs; it is not read")
    if _local(root) != "opml":
        raise UsageError(f"not an OPML file: it starts with <{_local(root)}>")
    return root


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def _mended(data: bytes) -> bytes:
    """The text with the marks escaped that careless writers leave as they are in attributes.

    Published lists have ``&`` in addresses, quotes and tags in titles.  The result is
    parsed as strictly as any: a file cut short stays broken.
    """

    def attribute(found: re.Match[bytes]) -> bytes:
        value = _BARE_AMPERSAND.sub(b"&amp;", found[2]).replace(b'"', b"&quot;").replace(b"<", b"&lt;")
        return found[1] + b'="' + value + b'"'

    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(attribute, tag[0]), data)


def _outlines(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Every outline in document order, with the names of the folders that it lies in."""
    bodies = [child for child in root if _local(child) == "body"]
    open_folders: list[tuple[etree._Element, tuple[str, ...]]] = [(body, ()) for body in reversed(bodies)]
    while open_folders:
        element, folders = open_folders.pop()
        if _local(element) == "outline":
            yield element, folders
            name = "" if _attribute(element, "xmlurl") else _name(element, MAX_TAG_CHARS)
            folders = (*folders, name) if name and folders[-1:] != (name,) else folders
        open_folders += [(child, folders) for child in reversed(element) if _local(child) == "outline"]


def _feed(element: etree._Element, folders: tuple[str, ...]) -> Outline | None:
    """The feed of an outline; None for a folder."""
    address = _attribute(element, "xmlurl")
    if not address:
        kind = _attribute(element, "type").lower()
        if kind == "include":
            raise _SkippedError("an included list is not followed; import it by itself")
        if kind in ("link", "url"):
            raise _SkippedError("a link, not a feed")
        if len(element) and kind not in ("rss", "atom"):
            return None
        raise _SkippedError("no feed address (xmlUrl)")
    url, auth = _address(address)
    return Outline(
        url=url,
        title=_name(element, MAX_TITLE_CHARS),
        site_url=_attribute(element, "htmlurl")[:MAX_URL_CHARS],
        language=_attribute(element, "language")[:20].lower() or None,
        tags=_unique((*folders, *_categories(element))),
        auth=auth,
        interval_s=_interval(_attribute(element, "interval")),
        full_text=_full_text(_attribute(element, "fulltext").lower()),
        line=element.sourceline or 0,
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


def _sameness(url: str) -> str:
    """Equal for addresses that lead to one feed: http or https, a slash more or less at the end."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{host}{port}{parts.path.rstrip('/')}?{parts.query}"


def _interval(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and SHORTEST_INTERVAL_S <= int(text[:9]) <= 31_536_000):
        raise _SkippedError(f"interval must be whole seconds, at least {SHORTEST_INTERVAL_S}")
    return int(text[:9])


def _full_text(text: str) -> str | None:
    if text and text not in FULL_TEXT:
        raise _SkippedError(f"fullText must be one of {', '.join(FULL_TEXT)}")
    return text or None


def _categories(element: etree._Element) -> list[str]:
    """``/Boston/Weather,/Harvard`` names three."""
    parts = re.split(r"[,/]", _attribute(element, "category"))
    return [clean[:MAX_TAG_CHARS] for part in parts if (clean := _clean(part))]


def _title(root: etree._Element) -> str:
    for head in (child for child in root if _local(child) == "head"):
        for child in head:
            if _local(child) == "title":
                return _clean(child.text or "")[:MAX_TITLE_CHARS]
    return ""


def _name(element: etree._Element, limit: int) -> str:
    return (_attribute(element, "title") or _attribute(element, "text"))[:limit]


def _label(element: etree._Element) -> str:
    name = _name(element, 60)
    return f', "{name}"' if name else ""


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute's text; writers do not agree on the case of its name."""
    for key, value in element.attrib.items():
        if str(key).lower() == name:
            return _clean(str(value))
    return ""


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _clean(text: str) -> str:
    return _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"


def _unique(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))[:MAX_TAGS]
