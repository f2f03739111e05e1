"""Lists of feeds on their way in and out: what a list adds to the store, and the store as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config import opml
from config.opml import Outline
from pipeline.core.model import FullText
from pipeline.core.urls import is_http
from pipeline.store.feeds import FeedRow, KnownFeed, NewFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a list adds: feeds that are new, and tags, by feed, of those that were there."""

    new: tuple[NewFeed, ...]
    tags: dict[int, tuple[str, ...]]
    there: int  # feeds of the list that were there already
    kept: tuple[str, ...]  # addresses of declared feeds, whose tags their file sets


def gain(listed: Sequence[Outline], known: Iterable[KnownFeed], *, every_s: int | None = None) -> Gain:
    """What ``listed`` adds to the feeds that are ``known``.

    A feed that is there stays as it is but for its tags: those of the list join
    them, save where a file declares the feed.  ``every_s`` goes before what the
    list says.
    """
    here = {opml.same(feed.url): feed for feed in known}
    new: list[NewFeed] = []
    tags: dict[int, tuple[str, ...]] = {}
    kept: list[str] = []
    for outline in listed:
        feed = here.get(opml.same(outline.url))
        if feed is None:
            new.append(_feed(outline, every_s))
        elif not set(outline.tags) <= set(feed.tags):
            if feed.managed:
                kept.append(feed.url)
            else:
                tags[feed.id] = tuple(dict.fromkeys((*feed.tags, *outline.tags)))
    return Gain(new=tuple(new), tags=tags, there=len(listed) - len(new), kept=tuple(kept))


def outlines(rows: Iterable[FeedRow]) -> list[Outline]:
    """The feeds as a list has them, without credentials; an interval is named where it is fixed."""
    return [
        Outline(
            url=row.url,
            title=row.title,
            site_url=row.site_url,
            language=row.language,
            tags=row.tags,
            auth=None,
            interval_s=row.rhythm.every_s,
            full_text=None if row.full_text is FullText.AUTO else str(row.full_text),
            line=0,
        )
        for row in rows
    ]


def _feed(outline: Outline, every_s: int | None) -> NewFeed:
    return NewFeed(
        url=outline.url,
        title=outline.title,
        site_url=outline.site_url if is_http(outline.site_url) else "",
        language=outline.language,
        every_s=every_s or outline.interval_s,
        full_text=FullText(outline.full_text or FullText.AUTO),
        tags=outline.tags,
        auth=outline.auth,
    )
