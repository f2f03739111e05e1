"""Parse raw items into entries: plain text, sanitised HTML, UTC dates, identity.

A piece is parsed inside its document's head and tail.  Pieces of one poll are
parsed as one document where that comes out right, since the head costs as much as
an item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from pipeline.core import charset, urls
from pipeline.core.errors import DocumentError
from pipeline.core.model import Entry, Parsed, RawItem
from pipeline.core.parse import jsonfeed, xmlfeed
from pipeline.core.parse.draft import Draft, Feed
from pipeline.core.parse.entries import Lent, entry, language
from pipeline.core.text import line

MAX_ENTRIES = 2_000

_JOINED_BYTES = 200_000
_MAX_FEED_TITLE = 500


def parse(item: RawItem, *, now: datetime) -> Parsed:
    """The entries of one raw item, with a reason for each that was refused.

    Raises DocumentError: ``malformed``, ``item-too-large``, ``not-a-feed``.
    """
    feed = _read(item, item.data)
    if not feed.drafts and (item.cut or not feed.sound):
        raise DocumentError("malformed", "No entry could be read from the item.")
    return _parsed(item, feed, feed.drafts, _lent(feed, item, now))


def parse_many(items: Sequence[RawItem], *, now: datetime) -> list[Parsed | DocumentError]:
    """As :func:`parse` for each item, in their order, with errors as values.

    What one item holds never changes what becomes of another.
    """
    results: dict[int, Parsed | DocumentError] = {}
    for group in _groups(items):
        joined = _joined([items[index] for index in group], now) if len(group) > 1 else None
        for place, index in enumerate(group):
            results[index] = joined[place] if joined else _parsed_alone(items[index], now)
    return [results[index] for index in range(len(items))]


def _parsed_alone(item: RawItem, now: datetime) -> Parsed | DocumentError:
    try:
        return parse(item, now=now)
    except DocumentError as error:
        return error


def _groups(items: Sequence[RawItem]) -> Iterable[list[int]]:
    """Indices of items that can be one document: pieces of one poll, up to a size."""
    order = sorted(range(len(items)), key=lambda index: (items[index].poll_id, items[index].position))
    for _, indices in groupby(order, key=lambda index: (items[index].poll_id, items[index].cut)):
        group: list[int] = []
        size = 0
        for index in indices:
            item = items[index]
            if group and (not item.cut or item.format != "xml" or size + len(item.data) > _JOINED_BYTES):
                yield group
                group, size = [], 0
            group.append(index)
            size += len(item.data)
        yield group


def _joined(items: Sequence[RawItem], now: datetime) -> list[Parsed] | None:
    """The items parsed as one document; None when it is not well-formed or the count does not come out."""
    # Where only some pieces have bases of their own, the others' links are resolved otherwise.
    if len({b"base=" in item.data for item in items}) > 1:
        return None
    try:
        feed = _read(items[0], b"\n".join(item.data for item in items))
    except DocumentError:
        return None
    if not feed.sound or len(feed.drafts) != len(items):
        return None
    lent = _lent(feed, items[0], now)
    return [_parsed(item, feed, (draft,), lent) for item, draft in zip(items, feed.drafts, strict=True)]


def _read(item: RawItem, data: bytes) -> Feed:
    if item.format == "json":
        head = charset.decode(item.head, "") if item.cut else ""
        return jsonfeed.read(head, charset.decode(data, "" if item.cut else item.content_type))
    return xmlfeed.read(charset.decode(item.head + data + item.tail, item.content_type), item.base_url)


def _lent(feed: Feed, item: RawItem, now: datetime) -> Lent:
    site = urls.absolute(feed.link, item.base_url)
    homes = {site, item.base_url, feed.base}
    return Lent(
        now=now,
        site=site,
        base=(site if feed.links_follow_site else "") or item.base_url,
        homes=frozenset(map(urls.canonical, homes)),
        language=language(feed.language) or item.feed_language,
    )


def _parsed(item: RawItem, feed: Feed, drafts: Sequence[Draft], lent: Lent) -> Parsed:
    entries, rejected = _entries(item, drafts, lent)
    return Parsed(
        item=item,
        entries=tuple(entries),
        rejected=tuple(rejected),
        feed_title=line(feed.title)[:_MAX_FEED_TITLE],
        feed_site_url=lent.site,
        feed_language=language(feed.language),
    )


def _entries(item: RawItem, drafts: Sequence[Draft], lent: Lent) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    surplus = max(len(drafts) - MAX_ENTRIES, 0)
    rejected = [f"too-many-items: The document lists more than {MAX_ENTRIES} entries."] * surplus
    # An entry that comes twice, with the same guid, link and title, shares nothing with itself.
    distinct = {} if item.cut else {(draft.link, draft.guid, draft.title.text): draft for draft in drafts}
    links = _shared(draft.link for draft in distinct.values())
    guids = _shared(draft.guid for draft in distinct.values())
    for draft in drafts[:MAX_ENTRIES]:
        try:
            found = entry(
                draft,
                lent,
                link_shared=item.link_shared or draft.link in links,
                guid_shared=item.guid_shared or draft.guid in guids,
            )
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
            rejected.append(f"unreadable: The entry could not be read: {type(error).__name__}: {error}"[:300])
            continue
        if found is None:
            rejected.append("empty: The entry has neither text nor link.")
        else:
            entries.append(found)
    return entries, rejected


def _shared(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value, times in Counter(values).items() if times > 1 and value)
