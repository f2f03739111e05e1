"""Lists of feeds on their way in and out: what a list adds to the store, and the store as a list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from config import opml
from config.opml import Outline
from pipeline.core.model import FullText
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


def tagged(rows: Iterable[FeedRow], tags: Collection[str]) -> list[FeedRow]:
    """The feeds that have one of ``tags``; all where none is named."""
    return [row for row in rows if not tags or not set(tags).isdisjoint(row.tags)]


def written(rows: Iterable[FeedRow], *, now: datetime) -> bytes:
    """The feeds as OPML, without credentials; an interval is named where it is fixed."""
    return opml.write(map(_outline, rows), title="Feeds of Tocsin", now=now)


def _outline(row: FeedRow) -> Outline:
    return Outline(
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


def _feed(outline: Outline, every_s: int | None) -> NewFeed:
    """The feed of a line; its site and language it will tell itself, whatever the list has heard of them."""
    return NewFeed(
        url=outline.url,
        title=outline.title,
        every_s=every_s or outline.interval_s,
        full_text=FullText(outline.full_text or FullText.AUTO),
        tags=outline.tags,
        auth=outline.auth,
    )
