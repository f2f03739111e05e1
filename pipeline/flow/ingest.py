"""Ingest: raw items become articles, updates and duplicates, and what matches becomes alerts.

An attempt is counted and committed before its work begins.  Parsing and
matching are pure and bounded, and come before the write transaction, so that
it is short; the transaction holds everything that the batch leads to, so that
it can fail and be run again as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import DocumentError
from pipeline.core.match import Percolator
from pipeline.core.model import RawItem
from pipeline.flow.ground import Ground, log
from pipeline.flow.percolate import LivePercolator
from pipeline.flow.prepare import Prepared, documents, prepare
from pipeline.flow.save import Stored, save
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
    items, again = _take(ground, ids)
    lost = _lost(ground, items, again=again)
    poisoned = [_bury(ground, item, lost[item.id]) for item in items if item.id in lost]
    percolator = live.current(ground.store)
    stored: list[Stored] = []
    for group in _groups([item for item in items if item.id not in lost]):
        prepared: list[Prepared] = []
        for document in documents(group):
            ready, lines = _prepare(ground, percolator, document)
            prepared.extend(ready)
            poisoned.extend(lines)
        more, lines = _save(ground, prepared)
        stored.extend(more)
        poisoned.extend(lines)
    ground.hand_on("deliver", [id_ for one in stored for id_ in one.delivery_ids])
    return _sum(items, stored, poisoned)


def _take(ground: Ground, ids: Sequence[int]) -> tuple[list[RawItem], bool]:
    """Count the attempt; dead items are taken again when nothing else is left: somebody pressed requeue.

    Also whether they are such.
    """
    now, lease_s = ground.clock(), ground.policy.lease_s
    items = ground.store.write(lambda tx: raw.take(tx, ids, now=now, lease_s=lease_s))
    if items:
        return items, False
    return ground.store.write(lambda tx: raw.take(tx, ids, now=now, lease_s=lease_s, replay=True)), True


def _lost(ground: Ground, items: Sequence[RawItem], *, again: bool) -> dict[int, str]:
    """Items that are not tried, with the cause: they killed their workers, or their very bytes died before.

    Dead items that somebody sends in ``again`` are tried, whatever other copies of them did.
    """
    found = {
        item.id: "worker-died: its worker died over it three times"
        for item in items
        if item.attempts > ATTEMPTS
    }
    fresh = [item.id for item in items if item.attempts == 1]
    if fresh and not again:
        with ground.store.read() as tx:
            found |= {id_: f"died-before: {cause}" for id_, cause in raw.died(tx, fresh).items()}
    return found


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


def _prepare(
    ground: Ground, percolator: Percolator, items: Sequence[RawItem]
) -> tuple[list[Prepared], list[str]]:
    """What the items of one document hold; a line for each that died."""
    try:
        ready, broken = prepare(ground, percolator, items)
    except DocumentError as exc:
        return [], _failed(ground, items, exc)
    except Exception as exc:  # noqa: BLE001 - logged; the items' attempts lead them to the dead letters
        log.exception("ingest.broken", items=[item.id for item in items])
        return [], _failed(ground, items, exc)
    return ready, [_bury(ground, item, f"{error.reason}: {error}") for item, error in broken]


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
