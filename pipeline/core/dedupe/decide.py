"""One decision for each entry, in order: what stands earlier in a batch counts like what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.copies import Print
from pipeline.core.dedupe.known import Decision, Known
from pipeline.core.dedupe.likeness import Likeness
from pipeline.core.model import Entry, Fate, KnownArticle, Parsed, RawItem, Reason


@dataclass(slots=True, kw_only=True)
class _Standing:
    """An article as it stands while the batch is decided; ``index`` made it when ``id`` is None."""

    id: int | None
    index: int | None
    story_id: int | None
    story_of: int | None
    content_hash: bytes
    body_chars: int


@dataclass(slots=True, kw_only=True)
class _Seen:
    """An entry as it stands while the batch is decided."""

    article: _Standing | None  # None: purged
    article_id: int | None
    content_hash: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class _Story:
    """A story that a new article joins: known, or founded by the decision at index ``of``, or its own."""

    id: int | None
    of: int | None
    reason: Reason


def decide(parsed: Sequence[Parsed], known: Known) -> list[Decision]:
    """One decision for each entry, in the order of ``parsed`` and of its entries.

    An entry met before is a duplicate while its content is the same or its poll is
    an older one, and an update otherwise.  An entry never met whose URL is an
    article's is a duplicate or an update of that article.  All others are articles.
    Repeats within the batch are judged against what stands earlier in it.
    """
    bench = _Bench(known)
    for one in parsed:
        for entry in one.entries:
            bench.judge(one.item, entry)
    return bench.decisions


class _Bench:
    """The state of one batch: what is known, and what its earlier entries made of it."""

    def __init__(self, known: Known) -> None:
        self.decisions: list[Decision] = []
        self._known = known
        self._articles: dict[int, _Standing] = {}
        self._entries: dict[tuple[int, bytes], _Seen] = {}
        self._urls: dict[bytes, _Standing] = {}
        self._texts: dict[bytes, _Standing] = {}
        self._likeness = Likeness(known.holders, known.texts)

    def judge(self, item: RawItem, entry: Entry) -> None:
        """Append the decision on one entry and remember it for the next ones."""
        seen = self._entry(item.feed_id, entry.key)
        if seen is not None and (entry.content_hash == seen.content_hash or item.seq < seen.seq):
            self._settle(item, entry, Fate.DUPLICATE, seen.article, seen.article_id, current=False)
            return
        if seen is not None and seen.article is not None:
            self._settle(item, entry, Fate.UPDATE, seen.article, seen.article_id, current=True)
            return
        # Never met, or changed after its article was purged: the URL may still tell.
        article = None if entry.url_key is None else self._by_url(entry.url_key)
        if article is None:
            article = self._standing(self._known.renamed.get((item.feed_id, entry.key)))
        if article is None:
            self._found(item, entry)
        elif entry.content_hash == article.content_hash:
            self._settle(item, entry, Fate.DUPLICATE, article, article.id, current=False)
        else:
            longer = len(entry.body) > article.body_chars
            self._settle(item, entry, Fate.UPDATE, article, article.id, current=longer)

    def _settle(
        self,
        item: RawItem,
        entry: Entry,
        fate: Fate,
        article: _Standing | None,
        article_id: int | None,
        *,
        current: bool,
    ) -> None:
        self.decisions.append(
            Decision(
                item=item,
                entry=entry,
                fate=fate,
                article_id=article_id,
                story_id=article.story_id if article else None,
                current=current,
                copy_of=article.index if article else None,
                story_of=article.story_of if article else None,
            )
        )
        if article is not None and current:
            article.content_hash = entry.content_hash
            article.body_chars = len(entry.body)
        self._remember(item, entry, article, article_id)

    def _found(self, item: RawItem, entry: Entry) -> None:
        """A new article, in the story that already has its text or in one of its own."""
        index = len(self.decisions)
        story = self._equal(entry)
        copy = None if story else self._likeness.find(_print(entry), entry.keys)
        if copy is not None:
            story = _Story(copy.story_id, copy.story_of, Reason.SIMILARITY)
        story = story or _Story(None, None, Reason.FOUNDER)
        decision = Decision(
            item=item,
            entry=entry,
            fate=Fate.ARTICLE,
            article_id=None,
            story_id=story.id,
            current=True,
            story_of=story.of,
            reason=story.reason,
            similarity=copy.similarity if copy else None,
            holds=copy is None or copy.fuller,
        )
        self.decisions.append(decision)
        article = _Standing(
            id=None,
            index=index,
            story_id=story.id,
            story_of=index if story.reason is Reason.FOUNDER else story.of,
            content_hash=entry.content_hash,
            body_chars=len(entry.body),
        )
        if entry.url_key is not None:
            self._urls[entry.url_key] = article
        if entry.text_key is not None:
            self._texts.setdefault(entry.text_key, article)
        if decision.holds:
            self._likeness.hold(
                index, _print(entry), entry.keys, story_id=story.id, story_of=article.story_of
            )
        self._remember(item, entry, article, None)

    def _equal(self, entry: Entry) -> _Story | None:
        """The story that has the very text of the entry."""
        if entry.text_key is None:
            return None
        known = self._known.stories.get(entry.text_key)
        if known is not None:
            return _Story(known, None, Reason.TEXT)
        twin = self._texts.get(entry.text_key)
        return None if twin is None else _Story(twin.story_id, twin.story_of, Reason.TEXT)

    def _remember(
        self, item: RawItem, entry: Entry, article: _Standing | None, article_id: int | None
    ) -> None:
        slot = (item.feed_id, entry.key)
        before = self._entries.get(slot)
        if before is not None and item.seq < before.seq:
            return
        self._entries[slot] = _Seen(
            article=article, article_id=article_id, content_hash=entry.content_hash, seq=item.seq
        )

    def _entry(self, feed_id: int, key: bytes) -> _Seen | None:
        slot = (feed_id, key)
        if slot not in self._entries and (known := self._known.entries.get(slot)) is not None:
            self._entries[slot] = _Seen(
                article=self._standing(self._known.by_id.get(known.article_id)),
                article_id=known.article_id,
                content_hash=known.content_hash,
                seq=known.seq,
            )
        return self._entries.get(slot)

    def _by_url(self, url_key: bytes) -> _Standing | None:
        return self._urls.get(url_key) or self._standing(self._known.by_url.get(url_key))

    def _standing(self, known: KnownArticle | None) -> _Standing | None:
        """The one mutable record of a known article, whichever way it was reached."""
        if known is None:
            return None
        if known.id not in self._articles:
            self._articles[known.id] = _Standing(
                id=known.id,
                index=None,
                story_id=known.story_id,
                story_of=None,
                content_hash=known.content_hash,
                body_chars=known.body_chars,
            )
        return self._articles[known.id]


def _print(entry: Entry) -> Print:
    return Print(entry.title, entry.summary, entry.body)
