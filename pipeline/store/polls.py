"""Polls: what a feed's answer brought is committed before anything is done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from pipeline.core.model import Document, Feed, FeedState, Outcome, Piece, Response
from pipeline.core.poll import Verdict
from pipeline.core.split import over_limits
from pipeline.core.wary import Heed
from pipeline.store import warnings, wary
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks
from pipeline.store.tables import feeds, polls, raw_items

#: The feed's columns that every poll sets.
_SET = (
    "state",
    "next_poll_at",
    "done_seq",
    "etag",
    "last_modified",
    "last_polled_at",
    "last_success_at",
    "last_changed_at",
    "failures",
    "failing_since",
    "last_error",
    "first_brought_seq",
    "interval_s",
    "why",
    "rate",
    "watched_s",
    "usual_s",
    "last_item_at",
    "asked_s",
    "answer_ms",
    "unmodified",
    "whole_at",
    "strikes",
    "overlapped",
)
_HELD = (
    select(
        feeds.c.id,
        feeds.c.seq,
        feeds.c.state,
        feeds.c.last_success_at,
        feeds.c.last_changed_at,
        feeds.c.failing_since,
        feeds.c.first_brought_seq,
    )
    .where(feeds.c.id.in_(bindparam("ids", expanding=True)), feeds.c.state != FeedState.REMOVED.value)
    .order_by(feeds.c.id)
    .with_for_update(key_share=True)
)
_ONE = update(feeds).where(feeds.c.id == bindparam("feed"))
_KEEP = _ONE.values({name: bindparam(name) for name in _SET} | {"owed": feeds.c.owed - bindparam("counted")})
#: What a 304 changes of a feed that was well before.
_SAME = (
    "next_poll_at",
    "done_seq",
    "last_polled_at",
    "last_success_at",
    "interval_s",
    "why",
    "rate",
    "watched_s",
    "asked_s",
    "answer_ms",
    "unmodified",
    "whole_at",
    "strikes",
    "overlapped",
)
_KEEP_SAME = _ONE.values({name: bindparam(name) for name in _SAME})
_KEEP_KNOWN = _KEEP.values(known=bindparam("known"))
_INSERT = insert(polls)
_INSERT_ITEMS = insert(raw_items)
_ERROR_CHARS = 500

#: The word of the warning that something was refused for its size.
LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """A poll that has ended: what came, as far as it came, and the verdict on it."""

    feed: Feed
    response: Response | None
    document: Document | None
    verdict: Verdict
    heed: Heed | None = None  # None: nothing was made of it
    pushed: bool = False  # a hub brought it


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What one poll left to be ingested; polls without new items have none."""

    feed_id: int
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRow:
    """A poll as operators see it."""

    id: int
    feed_id: int
    seq: int
    at: datetime
    pushed: bool
    outcome: str
    status: int | None
    bytes: int
    elapsed_ms: int
    seen: int
    new: int
    known: int
    rejected: int
    error: str


def commit(tx: Tx, results: Sequence[PollResult], now: datetime) -> list[Committed]:
    """Keep polls, their new items and their feeds' next state; the polls with new items, in order.

    A result whose claim is no longer the feed's newest is dropped as a whole: the
    newer poll sees the same items.
    """
    held: dict[int, Row[Any]] = {}
    for ids in chunks([result.feed.id for result in results]):
        held |= {row.id: row for row in tx.execute(_HELD, {"ids": sorted(ids)})}
    live = [
        result
        for result in results
        if (row := held.get(result.feed.id)) is not None and row.seq == result.feed.seq
    ]
    live.sort(key=lambda result: result.feed.id)
    poll_ids = reserve(tx, "polls", len(live))
    _keep_polls(tx, zip(poll_ids, live, strict=True), now)
    _keep_feeds(tx, live, held, now)
    wary.trust(tx, [result.feed.id for result in live if result.heed is not None and result.heed.trusted])
    _warn_of_limits(tx, live, now)
    return _keep_items(tx, live, poll_ids, held, now)


def rows(tx: Tx, *, feed_id: int | None = None, limit: int = 50) -> list[PollRow]:
    """The newest polls."""
    columns = [polls.c[name] for name in PollRow.__dataclass_fields__]
    statement = select(*columns).order_by(polls.c.id.desc()).limit(limit)
    if feed_id is not None:
        statement = statement.where(polls.c.feed_id == feed_id)
    return [PollRow(**row._mapping) for row in tx.execute(statement)]  # noqa: SLF001 - SQLAlchemy's public name


def _warn_of_limits(tx: Tx, live: Sequence[PollResult], now: datetime) -> None:
    """Mark feeds of whose documents something was refused for its size."""
    for result in live:
        if result.document is None or not (refused := over_limits(result.document)):
            continue
        text = f"{len(refused)} of the document's items are over a limit and were not taken: {refused[0]}"
        warnings.warn(tx, result.feed.id, LIMIT, text, now)


def _pieces(result: PollResult) -> tuple[Piece, ...]:
    return () if result.document is None else result.document.pieces


def _seen(document: Document) -> int:
    """Items in the document; one that cannot be cut is a single item, whatever it holds."""
    return document.seen if document.cut else len(document.fingerprints) + len(document.rejected)


def _keep_polls(tx: Tx, numbered: Iterable[tuple[int, PollResult]], now: datetime) -> None:
    """A row for each poll; those without a document are many, and have few columns."""
    bare: list[dict[str, Any]] = []
    full: list[dict[str, Any]] = []
    for poll_id, result in numbered:
        if result.document is None:
            bare.append(_bare(poll_id, result, now))
        else:
            full.append(_poll(poll_id, result, result.document, now))
    tx.many(_INSERT, bare)
    tx.many(_INSERT, full)


def _bare(poll_id: int, result: PollResult, now: datetime) -> dict[str, Any]:
    response, verdict = result.response, result.verdict
    return {
        "id": poll_id,
        "feed_id": result.feed.id,
        "seq": result.feed.seq,
        "at": response.fetched_at if response else now,
        "pushed": result.pushed,
        "outcome": verdict.outcome.value,
        "status": verdict.status,
        "bytes": len(response.body) if response else 0,
        "elapsed_ms": round(response.elapsed_s * 1000) if response else 0,
        "error": verdict.error[:_ERROR_CHARS],
    }


def _poll(poll_id: int, result: PollResult, document: Document, now: datetime) -> dict[str, Any]:
    response = result.response
    new, rejected, seen = len(document.pieces), len(document.rejected), _seen(document)
    row: dict[str, Any] = {
        **_bare(poll_id, result, now),
        "seen": seen,
        "new": new,
        "known": seen - new - rejected,
        "rejected": rejected,
        "reasons": list(document.rejected) if rejected else None,
        "head": None,
        "tail": None,
        "cut": None,
        "format": None,
        "content_type": None,
        "base_url": None,
        "adrift": result.heed is not None and result.heed.adrift,
        "lied": result.heed is not None and result.heed.lied,
    }
    if response and new:
        row |= {
            "head": document.head,
            "tail": document.tail,
            "cut": document.cut,
            "format": document.format,
            "content_type": response.headers.get("content-type", ""),
            "base_url": response.url,
        }
    return row


def _keep_feeds(tx: Tx, live: Sequence[PollResult], held: Mapping[int, Row[Any]], now: datetime) -> None:
    """The feeds' next state; what a poll has left as it was is not written again."""
    same: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    for result in live:
        values = _feed(result, held[result.feed.id], now)
        if result.verdict.known is not None:
            other.append({**values, "known": b"".join(result.verdict.known)})
        elif _is_same(result):
            same.append(values)
        else:
            kept.append(values)
    tx.many(_KEEP_SAME, ({name: values[name] for name in ("feed", *_SAME)} for values in same))
    tx.many(_KEEP, kept)
    tx.many(_KEEP_KNOWN, other)


def _is_same(result: PollResult) -> bool:
    """Whether the poll changed nothing of its feed but times and its rhythm."""
    feed, verdict = result.feed, result.verdict
    return verdict.outcome is Outcome.NOT_MODIFIED and not feed.failures and not feed.rhythm.owed


def _feed(result: PollResult, before: Row[Any], now: datetime) -> dict[str, Any]:
    verdict = result.verdict
    rhythm = verdict.rhythm
    first = before.first_brought_seq
    if first is None and _pieces(result):
        first = result.feed.seq
    state = before.state
    if verdict.state is not None and state == FeedState.ACTIVE.value:
        state = verdict.state.value  # a feed that was paused meanwhile stays so
    return {
        "feed": result.feed.id,
        "state": state,
        "next_poll_at": verdict.next_poll_at,
        "done_seq": result.feed.seq,
        "etag": verdict.etag,
        "last_modified": verdict.last_modified,
        "last_polled_at": now,
        "last_success_at": now if verdict.succeeded else before.last_success_at,
        "last_changed_at": now if verdict.outcome is Outcome.NEW else before.last_changed_at,
        "failures": verdict.failures,
        "failing_since": None if verdict.succeeded else before.failing_since or now,
        "last_error": verdict.error[:_ERROR_CHARS],
        "first_brought_seq": first,
        "interval_s": verdict.interval_s,
        "why": verdict.why.value,
        "rate": rhythm.rate,
        "watched_s": rhythm.watched_s,
        "usual_s": rhythm.usual_s,
        "last_item_at": rhythm.last_item_at,
        "asked_s": rhythm.asked_s,
        "answer_ms": rhythm.answer_ms,
        "counted": result.feed.rhythm.owed - rhythm.owed,
        **_wariness(result),
    }


def _wariness(result: PollResult) -> dict[str, Any]:
    """What is remembered of the feed's answers; whether it is doubted is decided when items are parsed."""
    kept = result.feed.wariness if result.heed is None else result.heed.wariness
    return {
        "unmodified": kept.unmodified,
        "whole_at": kept.whole_at,
        "strikes": kept.strikes,
        "overlapped": kept.overlapped,
    }


def _keep_items(
    tx: Tx,
    live: Sequence[PollResult],
    poll_ids: Sequence[int],
    held: Mapping[int, Row[Any]],
    now: datetime,
) -> list[Committed]:
    item_ids = iter(reserve(tx, "raw_items", sum(len(_pieces(result)) for result in live)))
    items: list[dict[str, Any]] = []
    committed: list[Committed] = []
    for poll_id, result in zip(poll_ids, live, strict=True):
        ids: list[int] = []
        for piece in _pieces(result):
            ids.append(next(item_ids))
            items.append(_item(ids[-1], poll_id, result, piece, now))
            items[-1]["first"] = held[result.feed.id].first_brought_seq is None
        if ids:
            committed.append(Committed(feed_id=result.feed.id, item_ids=tuple(ids)))
    tx.many(_INSERT_ITEMS, items)
    return committed


def _item(item_id: int, poll_id: int, result: PollResult, piece: Piece, now: datetime) -> dict[str, Any]:
    return {
        "id": item_id,
        "poll_id": poll_id,
        "feed_id": result.feed.id,
        "seq": result.feed.seq,
        "position": piece.position,
        "fingerprint": piece.fingerprint,
        "sha256": hashlib.sha256(piece.data).digest(),
        "data": piece.data,
        "link_shared": piece.link_shared,
        "guid_shared": piece.guid_shared,
        "fetched_at": result.response.fetched_at if result.response else now,
        "state": "new",
        "enqueued_at": now,
    }
