"""Ingest: raw items become articles, updates and duplicates, and what matches becomes alerts.

An attempt is counted and committed before its work begins.  Parsing and
matching are pure and bounded, and come before the write transaction, so that
it is short; the transaction holds everything that the batch leads to, so that
it can fail and be run again as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from pipeline.core import event
from pipeline.core.analyse import Analysed, analyse, spoken
from pipeline.core.errors import DocumentError
from pipeline.core.event import Telling
from pipeline.core.match import Percolator
from pipeline.core.model import About, Listing, Parsed, RawItem
from pipeline.core.parse import parse_many
from pipeline.flow.ground import Ground, log
from pipeline.flow.percolate import LivePercolator, matched
from pipeline.flow.save import Prepared, Stored, save
from pipeline.store import raw

#: An item is tried this often before it goes to the dead letters.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What a batch came to, in entries; ``poisoned`` has one line for each item that died."""

    items: int
    articles: int
    updates: int
    duplicates: int
    alerts: int
    poisoned: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The job's result, as rq-dashboard shows it."""
        return {
            "items": self.items,
            "articles": self.articles,
            "updates": self.updates,
            "duplicates": self.duplicates,
            "alerts": self.alerts,
        }


def ingest(ground: Ground, live: LivePercolator, ids: Sequence[int]) -> Ingested:
    """Ingest the raw items ``ids``, as far as they are open and in nobody else's hands."""
    items = _take(ground, ids)
    worn = [item for item in items if item.attempts > ATTEMPTS]
    poisoned = [_bury(ground, item, "its worker died over it three times") for item in worn]
    percolator = live.current(ground.store)
    stored: list[Stored] = []
    for group in _groups([item for item in items if item.attempts <= ATTEMPTS]):
        prepared: list[Prepared] = []
        for document in _documents(group):
            ready, lines = _prepare(ground, percolator, document)
            prepared.extend(ready)
            poisoned.extend(lines)
        more, lines = _save(ground, prepared)
        stored.extend(more)
        poisoned.extend(lines)
    ground.hand_on("deliver", [id_ for one in stored for id_ in one.delivery_ids])
    return _sum(items, stored, poisoned)


def _take(ground: Ground, ids: Sequence[int]) -> list[RawItem]:
    """Count the attempt; dead items are taken again when nothing else is left: somebody pressed requeue."""
    now, lease_s = ground.clock(), ground.policy.lease_s
    items = ground.store.write(lambda tx: raw.take(tx, ids, now=now, lease_s=lease_s))
    if items:
        return items
    return ground.store.write(lambda tx: raw.take(tx, ids, now=now, lease_s=lease_s, replay=True))


def _groups(items: Sequence[RawItem]) -> Iterable[list[RawItem]]:
    """First attempts together, second ones feed by feed, last ones each alone."""
    first = [item for item in items if item.attempts == 1]
    if first:
        yield first
    second: dict[int, list[RawItem]] = {}
    for item in items:
        if item.attempts == 2:
            second.setdefault(item.feed_id, []).append(item)
    yield from second.values()
    yield from ([item] for item in items if item.attempts > 2)


def _documents(items: Sequence[RawItem]) -> list[list[RawItem]]:
    """Items by the poll that brought them: a document is what the CPU limit is for."""
    polls: dict[int, list[RawItem]] = {}
    for item in items:
        polls.setdefault(item.poll_id, []).append(item)
    return list(polls.values())


def _prepare(
    ground: Ground, percolator: Percolator, items: Sequence[RawItem]
) -> tuple[list[Prepared], list[str]]:
    """Parse the items of one document and match their entries, within its CPU limit."""
    try:
        with ground.limit(ground.policy.cpu_limit_s):
            outcomes = parse_many(items, now=ground.clock())
        # A first look at languages loads what no document is to answer for.
        parsed = [_spoken(one) for one in outcomes if isinstance(one, Parsed)]
        for language in {entry.language for one in parsed for entry in one.entries}:
            percolator.prepare(language)  # a dictionary's first load is no document's fault
            event.prepare(language)
        ready = _match(ground, percolator, parsed)
    except DocumentError as exc:
        return [], _failed(ground, items, exc)
    except Exception as exc:  # noqa: BLE001 - logged; the items' attempts lead them to the dead letters
        log.exception("ingest.broken", items=[item.id for item in items])
        return [], _failed(ground, items, exc)
    lines = [
        _bury(ground, item, f"{outcome.reason}: {outcome}")
        for item, outcome in zip(items, outcomes, strict=True)
        if isinstance(outcome, DocumentError)
    ]
    return ready, lines


def _spoken(parsed: Parsed) -> Parsed:
    """The entries with the language they are stored and matched in: declared, else told from the text."""
    entries = []
    for entry in parsed.entries:
        language = spoken(f"{entry.title}\n{entry.summary}\n{entry.body}", entry.language)
        entries.append(entry if language == entry.language else replace(entry, language=language))
    return replace(parsed, entries=tuple(entries))


def _match(ground: Ground, percolator: Percolator, parsed: Sequence[Parsed]) -> list[Prepared]:
    with ground.limit(ground.policy.cpu_limit_s):
        analysed = [list(_analysed(one)) for one in parsed]
        told = [list(_told(one, articles)) for one, articles in zip(parsed, analysed, strict=True)]
    hits = iter(matched(ground, percolator, list(chain.from_iterable(analysed))))
    return [
        Prepared(
            parsed=one,
            terms=tuple(article.terms for article in articles),
            hits=tuple(islice(hits, len(articles))),
            tellings=tuple(tellings),
        )
        for one, articles, tellings in zip(parsed, analysed, told, strict=True)
    ]


def _analysed(parsed: Parsed) -> Iterable[Analysed]:
    item = parsed.item
    feed = Listing(
        id=item.feed_id,
        title=item.feed_title or parsed.feed_title,
        url=item.feed_url,
        tags=item.feed_tags,
    )
    for entry in parsed.entries:
        about = About(author=entry.author, url=entry.url, tags=entry.tags, feeds=(feed,))
        yield analyse(entry.title, entry.summary, entry.body, entry.language, about)


def _told(parsed: Parsed, articles: Sequence[Analysed]) -> Iterable[Telling | None]:
    """What each entry tells, should it found a story."""
    for entry, article in zip(parsed.entries, articles, strict=True):
        yield event.tell(article, entry.language)


def _save(ground: Ground, prepared: Sequence[Prepared]) -> tuple[list[Stored], list[str]]:
    """Save a group in one transaction; where that fails, each feed, and at the last each item, alone."""
    if not prepared:
        return [], []
    try:
        return [save(ground, prepared)], []
    except Exception as exc:  # noqa: BLE001 - logged; smaller groups find the culprit
        log.exception("ingest.save_failed", items=len(prepared))
        if len(prepared) == 1:
            return [], _failed(ground, [prepared[0].parsed.item], exc)
    stored: list[Stored] = []
    lines: list[str] = []
    for part in _apart(prepared):
        more, failed = _save(ground, part)
        stored.extend(more)
        lines.extend(failed)
    return stored, lines


def _apart(prepared: Sequence[Prepared]) -> list[list[Prepared]]:
    by_feed: dict[int, list[Prepared]] = {}
    for one in prepared:
        by_feed.setdefault(one.parsed.item.feed_id, []).append(one)
    if len(by_feed) > 1:
        return list(by_feed.values())
    return [[one] for one in prepared]


def _failed(ground: Ground, items: Sequence[RawItem], cause: Exception) -> list[str]:
    """Give each item back for another attempt, in a job of its own; bury those that have had their last."""
    again = [item for item in items if item.attempts < ATTEMPTS]
    now = ground.clock()
    if again:
        log.warning(
            "ingest.again", items=[item.id for item in again], cause=f"{type(cause).__name__}: {cause}"
        )
        ground.store.write(lambda tx: raw.release(tx, [item.id for item in again], now))
    for item in again:
        ground.hand_on("ingest", [item.id], feeds=[item.feed_id])
    reason = cause.reason if isinstance(cause, DocumentError) else type(cause).__name__
    return [_bury(ground, item, f"{reason}: {cause}") for item in items if item.attempts >= ATTEMPTS]


def _bury(ground: Ground, item: RawItem, cause: str) -> str:
    now = ground.clock()
    ground.store.write(lambda tx: raw.bury(tx, [item.id], cause=cause, now=now))
    log.warning("ingest.dead", item=item.id, feed=item.feed_id, cause=cause)
    return f"item {item.id} of feed {item.feed_id}: {cause}"


def _sum(items: Sequence[RawItem], stored: Sequence[Stored], poisoned: Sequence[str]) -> Ingested:
    done = Ingested(
        items=len(items),
        articles=sum(one.articles for one in stored),
        updates=sum(one.updates for one in stored),
        duplicates=sum(one.duplicates for one in stored),
        alerts=sum(one.alerts for one in stored),
        poisoned=tuple(poisoned),
    )
    log.info("ingest", **done.as_json(), dead=len(poisoned))
    return done
