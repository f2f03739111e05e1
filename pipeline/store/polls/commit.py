"""Polls: what a feed's answer brought is committed before anything is done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert

from pipeline.core.model import Document, Piece
from pipeline.core.split import over_limits
from pipeline.store import warnings, wary
from pipeline.store.bulk import inserting
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.polls.result import Committed, PollResult
from pipeline.store.polls.state import ERROR_CHARS, held, keep_feeds
from pipeline.store.tables import polls, raw_items

_BARE = (
    "id", "feed_id", "seq", "at", "pushed", "outcome", "status", "bytes", "elapsed_ms", "error",
)  # fmt: skip
_INSERT_BARE = inserting(polls, _BARE)
_INSERT = insert(polls)
_INSERT_ITEMS = insert(raw_items)

#: The word of the warning that something was refused for its size.
LIMIT = "limit"


def commit(tx: Tx, results: Sequence[PollResult], now: datetime) -> list[Committed]:
    """Keep polls, their new items and their feeds' next state; the polls that count, in order.

    A result whose claim is no longer the feed's newest is dropped as a whole: the
    newer poll sees the same items.
    """
    before = held(tx, [result.feed.id for result in results])
    live = [
        result
        for result in results
        if (row := before.get(result.feed.id)) is not None and row.seq == result.feed.seq
    ]
    live.sort(key=lambda result: result.feed.id)
    poll_ids = reserve(tx, "polls", len(live))
    _keep_polls(tx, zip(poll_ids, live, strict=True), now)
    keep_feeds(tx, live, before, now)
    wary.trust(tx, [result.feed.id for result in live if result.heed is not None and result.heed.trusted])
    _warn_of_limits(tx, live, now)
    return _keep_items(tx, live, poll_ids, before, now)


def _warn_of_limits(tx: Tx, live: Sequence[PollResult], now: datetime) -> None:
    """Mark feeds of whose documents something was refused for its size."""
    for result in live:
        if result.document is None or not (refused := over_limits(result.document)):
            continue
        text = f"{len(refused)} of the document's items are over a limit and were not taken: {refused[0]}"
        warnings.warn(tx, result.feed.id, LIMIT, text, now)


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
    _INSERT_BARE.run(tx, bare)
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
        "error": verdict.error[:ERROR_CHARS],
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


def _keep_items(
    tx: Tx,
    live: Sequence[PollResult],
    poll_ids: Sequence[int],
    before: Mapping[int, Row[Any]],
    now: datetime,
) -> list[Committed]:
    item_ids = iter(reserve(tx, "raw_items", sum(len(result.pieces) for result in live)))
    items: list[dict[str, Any]] = []
    committed: list[Committed] = []
    for poll_id, result in zip(poll_ids, live, strict=True):
        ids: list[int] = []
        for piece in result.pieces:
            ids.append(next(item_ids))
            items.append(_item(ids[-1], poll_id, result, piece, now))
            items[-1]["first"] = before[result.feed.id].first_brought_seq is None
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
