"""Look at what an address answers as a poll would, and keep nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.errors import DocumentError
from pipeline.core.model import Document, Entry, FullText, RawItem, Response
from pipeline.core.parse import parse_many
from pipeline.core.split import split
from pipeline.core.split.scan import root_name

_ROOTS = {"rss": "rss", "feed": "atom", "rdf": "rdf", "channel": "rss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a feed's document holds."""

    answer: Response
    document: Document
    format: str  # rss, atom, rdf or json
    title: str
    site: str
    entries: tuple[Entry, ...]
    rejected: tuple[str, ...]  # one reason for each item that was refused

    @property
    def newest_at(self) -> datetime | None:
        """The latest date among its entries."""
        return max(filter(None, (entry.published_at for entry in self.entries)), default=None)


#: Looks at a readable answer within the limits of one document; DocumentError when it is no feed.
Read = Callable[[Response], Look]


def look(answer: Response, *, items_limit: int, cut: bool, now: datetime) -> Look:
    """The feed in a readable answer; what it costs is the caller's to limit.

    Raises DocumentError: it is no feed, or cannot be read.
    """
    document = split(
        answer.body,
        content_type=answer.headers.get("content-type", ""),
        known=frozenset(),
        complete=answer.complete,
        items_limit=items_limit,
        cut=cut,
    )
    results = parse_many(_items(document, answer), now=now)
    parsed = [one for one in results if not isinstance(one, DocumentError)]
    failed = [one.message for one in results if isinstance(one, DocumentError)]
    return Look(
        answer=answer,
        document=document,
        format=_format(document),
        title=next((one.feed_title for one in parsed if one.feed_title), ""),
        site=next((one.feed_site_url for one in parsed if one.feed_site_url), ""),
        entries=tuple(entry for one in parsed for entry in one.entries),
        rejected=(*document.rejected, *failed, *(reason for one in parsed for reason in one.rejected)),
    )


def _format(document: Document) -> str:
    if document.format == "json":
        return "json"
    start = document.head or (document.pieces[0].data if document.pieces else b"")
    root = root_name(start).rpartition(b":")[2].lower().decode("ascii", "replace")
    return _ROOTS.get(root, document.format)


def _items(document: Document, answer: Response) -> list[RawItem]:
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
