"""An entry as it is parsed today, beside the article that it was stored as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pipeline.core.model import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text of an article; ``revision_id`` None is the current one.

    ``reason`` says what it gave way to: update or page; variant is a text of
    another feed that never was the current one.  It is "" for the current one.
    """

    revision_id: int | None
    reason: str
    raw_item_id: int | None  # of a variant its own, else of what took its place; None for a page
    title: str
    summary: str
    body: str

    @property
    def text(self) -> tuple[str, str, str]:
        """Title, summary and body."""
        return self.title, self.summary, self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with all its versions, the oldest first, the current one last."""

    id: int
    story_id: int
    feed_id: int
    url: str
    html: str
    author: str
    language: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    first_seen_at: datetime
    backlog: bool
    raw_item_id: int  # that it was made from
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        """The text that it has now."""
        return self.versions[-1]

    @property
    def makers(self) -> frozenset[int]:
        """The raw items that it or a version of it was made from."""
        made = (one.raw_item_id for one in self.versions if one.raw_item_id is not None)
        return frozenset((self.raw_item_id, *made))

    @property
    def latest_maker(self) -> int:
        """The raw item that brought the feed's newest text, with what stands beside it."""
        updates = [one.raw_item_id for one in self.versions if one.reason == "update"]
        return updates[-1] or self.raw_item_id if updates else self.raw_item_id

    def version_of(self, entry: Entry) -> Version | None:
        """The version that has the entry's text, the newest of several."""
        text = (entry.title, entry.summary, entry.body)
        return next((one for one in reversed(self.versions) if one.text == text), None)

    def from_page(self) -> Iterator[Version]:
        """Versions whose body is the page's."""
        feed_texts = [one for one in self.versions if one.reason != "variant"]
        for before, after in pairwise(feed_texts):
            if before.reason == "page":
                yield after


def differing(entry: Entry, stored: StoredArticle, item_id: int) -> tuple[str, ...]:
    """The fields in which an entry is otherwise than raw item ``item_id`` was stored.

    An item that made nothing of the article differs in nothing: its text was not stored.
    """
    if item_id not in stored.makers:
        return ()
    return tuple(_differing(entry, stored, item_id))


def _differing(entry: Entry, stored: StoredArticle, item_id: int) -> Iterator[str]:
    if item_id == stored.raw_item_id and entry.url != stored.url:
        yield "url"
    if stored.version_of(entry) is None:
        nearest = min(stored.versions, key=lambda one: len(_texts_differing(entry, one)))
        yield from _texts_differing(entry, nearest)
    if item_id != stored.latest_maker:
        return  # what stood beside its text has given way
    for name in ("html", "author", "tags"):
        if getattr(entry, name) != getattr(stored, name):
            yield name
    # A page may name the language, and an earlier version the date, where the entry does not.
    for name in ("language", "published_at"):
        value = getattr(entry, name)
        if value is not None and value != getattr(stored, name):
            yield name


def _texts_differing(entry: Entry, version: Version) -> list[str]:
    return [name for name in ("title", "summary", "body") if getattr(entry, name) != getattr(version, name)]
