"""Documents through the pure stages, without a store: split, parse, and a memory for dedupe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.core.dedupe import Decision, Known, decide
from pipeline.core.model import (
    Document,
    Entry,
    Fate,
    FullText,
    KnownArticle,
    KnownEntry,
    Parsed,
    RawItem,
)
from pipeline.core.parse import parse_many
from pipeline.core.split import split

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASE = "https://feeds.test/feed"
_INDEXES = {"EXPECT.json", "INDEX.json", "SERIES.json", "dates.json", "date-shapes.json"}


def rss(*items: str, channel: str = "<title>Wire</title><link>https://wire.test/</link>") -> bytes:
    """An RSS 2.0 document of these items' inner XML."""
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{channel}{body}</channel></rss>'
    ).encode()


def atom(*entries: str, attributes: str = "", feed: str = "<title>Wire</title>") -> bytes:
    """An Atom document of these entries' inner XML."""
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{feed}{body}</feed>'.encode()


def cut_up(
    body: bytes,
    *,
    content_type: str = "application/xml",
    known: frozenset[bytes] = frozenset(),
    complete: bool = True,
    items_limit: int = 2_000,
    cut: bool = True,
) -> Document:
    """The document as the split stage gives it."""
    return split(
        body, content_type=content_type, known=known, complete=complete, items_limit=items_limit, cut=cut
    )


def raw_items(
    document: Document,
    *,
    content_type: str = "application/xml",
    base_url: str = BASE,
    feed_id: int = 1,
    seq: int = 1,
) -> list[RawItem]:
    """The document's pieces as the store would hand them to the parse."""
    return [
        RawItem(
            id=index + 1,
            feed_id=feed_id,
            poll_id=feed_id * 1_000 + seq,
            seq=seq,
            position=piece.position,
            head=document.head,
            data=piece.data,
            tail=document.tail,
            cut=document.cut,
            format=document.format,
            content_type=content_type,
            base_url=base_url,
            fetched_at=NOW,
            link_shared=piece.link_shared,
            guid_shared=piece.guid_shared,
            first=seq == 1,
            attempts=1,
            feed_language=None,
            feed_title="",
            feed_url="",
            feed_tags=(),
            full_text=FullText.AUTO,
        )
        for index, piece in enumerate(document.pieces)
    ]


def parsed(
    body: bytes, *, content_type: str = "application/xml", cut: bool = True, base_url: str = BASE
) -> list[Parsed]:
    """What parse makes of the whole document; items that fail raise."""
    document = cut_up(body, content_type=content_type, cut=cut)
    results = parse_many(raw_items(document, content_type=content_type, base_url=base_url), now=NOW)
    for result in results:
        if not isinstance(result, Parsed):
            raise result
    return [result for result in results if isinstance(result, Parsed)]


def entries(
    body: bytes, *, content_type: str = "application/xml", cut: bool = True, base_url: str = BASE
) -> list[Entry]:
    """The document's entries, in its order."""
    found = parsed(body, content_type=content_type, cut=cut, base_url=base_url)
    return [entry for one in found for entry in one.entries]


def documents(folder: Path) -> Iterator[Path]:
    """The feed documents of a corpus folder, in order."""
    suffixes = {".xml", ".rss", ".atom", ".rdf", ".json"}
    for path in sorted(folder.rglob("*")):
        if path.suffix in suffixes and path.name not in _INDEXES and not path.name.endswith("-expect.json"):
            yield path


@dataclass
class Memory:
    """What a store would know after each batch: enough for dedupe, kept in dictionaries."""

    entries: dict[tuple[int, bytes], KnownEntry] = field(default_factory=dict)
    articles: dict[int, KnownArticle] = field(default_factory=dict)
    urls: dict[bytes, int] = field(default_factory=dict)
    stories: dict[bytes, int] = field(default_factory=dict)
    fingerprints: dict[int, frozenset[bytes]] = field(default_factory=dict)
    story_count: int = 0

    def poll(self, body: bytes, *, feed_id: int = 1, seq: int = 1, complete: bool = True) -> list[Decision]:
        """One poll of a feed through split, parse and dedupe, remembered."""
        known = self.fingerprints.get(feed_id, frozenset())
        document = cut_up(body, known=known, complete=complete)
        self.fingerprints[feed_id] = frozenset(document.fingerprints)
        results = parse_many(raw_items(document, feed_id=feed_id, seq=seq), now=NOW)
        return self.ingest([result for result in results if isinstance(result, Parsed)])

    def known(self) -> Known:
        """All of it."""
        by_url = {key: self.articles[id_] for key, id_ in self.urls.items() if id_ in self.articles}
        return Known(entries=self.entries, by_url=by_url, by_id=self.articles, stories=self.stories)

    def ingest(self, batch: Sequence[Parsed]) -> list[Decision]:
        """Decide on a batch and remember it as a store would."""
        decisions = decide(batch, self.known())
        ids: list[int] = []
        for one in decisions:
            ids.append(self._article(one, ids))
            slot = (one.item.feed_id, one.entry.key)
            before = self.entries.get(slot)
            if before is None or one.item.seq >= before.seq:
                self.entries[slot] = KnownEntry(
                    article_id=ids[-1], content_hash=one.entry.content_hash, seq=one.item.seq
                )
        return decisions

    def _article(self, one: Decision, ids: Sequence[int]) -> int:
        entry = one.entry
        if one.fate is not Fate.ARTICLE:
            id_ = one.article_id if one.article_id is not None else ids[one.copy_of or 0]
            if one.current and id_ in self.articles:
                self.articles[id_] = replace(
                    self.articles[id_], content_hash=entry.content_hash, body_chars=len(entry.body)
                )
            return id_
        id_ = len(self.articles) + 1
        story = one.story_id
        if story is None and one.story_of is not None:
            story = self.articles[ids[one.story_of]].story_id
        if story is None:
            self.story_count += 1
            story = self.story_count
        self.articles[id_] = KnownArticle(
            id=id_, story_id=story, content_hash=entry.content_hash, body_chars=len(entry.body)
        )
        if entry.url_key is not None:
            self.urls[entry.url_key] = id_
        if entry.text_key is not None:
            self.stories.setdefault(entry.text_key, story)
        return id_


def new(decisions: Sequence[Decision]) -> int:
    """How many articles a batch made."""
    return sum(one.fate is Fate.ARTICLE for one in decisions)
