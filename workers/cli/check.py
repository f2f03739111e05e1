"""``./run feeds check``: what a feed would bring, without keeping anything of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import DocumentError, ServiceError
from pipeline.core.poll import readable
from workers import rows

if TYPE_CHECKING:
    from datetime import datetime

    from config.settings import Settings
    from pipeline.core.model import Document, Entry, Parsed, RawItem, Response


def look(
    url: str,
    settings: Settings,
    *,
    auth: tuple[str, str] | None,
    headers: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """Fetch, cut and parse the document as a poll would; what was found, by stable names.

    Raises:
        FetchError: it cannot be fetched.
        DocumentError: it is no feed, or costs too much to read.
        ServiceError: the server answered with an error.

    """
    from pipeline.core.parse import parse_many
    from pipeline.core.split import split
    from workers.limits import cpu_limit

    answer = asyncio.run(_fetch(url, settings, auth, headers))
    if not readable(answer):
        raise ServiceError(f"the server answered {answer.status}")
    with cpu_limit(settings.cpu_limit_s):
        document = split(
            answer.body,
            content_type=answer.headers.get("content-type", ""),
            known=frozenset(),
            complete=answer.complete,
            items_limit=settings.items_per_document,
            cut=settings.split,
        )
        results = parse_many(_items(document, answer), now=now)
    return _report(answer, document, results)


async def _fetch(
    url: str, settings: Settings, auth: tuple[str, str] | None, headers: Mapping[str, str]
) -> Response:
    from workers.context import open_fetcher

    async with open_fetcher(settings) as fetcher:
        return await fetcher.get(url, headers=headers, auth=auth)


def _items(document: Document, answer: Response) -> list[RawItem]:
    from pipeline.core.model import FullText, RawItem

    return [
        RawItem(
            id=piece.position,
            feed_id=0,
            poll_id=0,
            seq=1,
            position=piece.position,
            head=document.head,
            data=piece.data,
            tail=document.tail,
            cut=document.cut,
            format=document.format,
            content_type=answer.headers.get("content-type", ""),
            base_url=answer.url,
            fetched_at=answer.fetched_at,
            link_shared=piece.link_shared,
            guid_shared=piece.guid_shared,
            first=True,
            attempts=1,
            feed_language=None,
            feed_title="",
            feed_url=answer.url,
            feed_tags=(),
            full_text=FullText.NEVER,
        )
        for piece in document.pieces
    ]


def _report(answer: Response, document: Document, results: list[Parsed | DocumentError]) -> dict[str, Any]:
    parsed = [one for one in results if not isinstance(one, DocumentError)]
    failed = [one.message for one in results if isinstance(one, DocumentError)]
    rejected = [*document.rejected, *failed, *(reason for one in parsed for reason in one.rejected)]
    entries = [entry for one in parsed for entry in one.entries]
    newest = max(filter(None, (entry.published_at for entry in entries)), default=None)
    return {
        "url": answer.url,
        "title": next((one.feed_title for one in parsed if one.feed_title), ""),
        "site": next((one.feed_site_url for one in parsed if one.feed_site_url), ""),
        "format": document.format,
        "bytes": len(answer.body),
        "seconds": round(answer.elapsed_s, 3),
        "validators": [name for name in ("etag", "last-modified") if answer.headers.get(name)],
        "complete": not document.malformed,
        "entries": len(entries),
        "undated": sum(entry.published_at is None for entry in entries),
        "newest_at": rows.moment(newest),
        "text_chars": _median(entries),
        "newest_titles": [entry.title for entry in entries[:3]],
        "rejected": sorted(set(rejected)),
    }


def _median(entries: list[Entry]) -> int:
    """Half of the entries carry at least so many characters of text."""
    sizes = sorted(len(entry.body or entry.summary) for entry in entries)
    return sizes[len(sizes) // 2] if sizes else 0
