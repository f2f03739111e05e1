"""What a poll leaves of its feed: when it is due again, its rhythm, its validators, how well it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from pipeline.core.model import FeedState, Outcome
from pipeline.store.bulk import setting
from pipeline.store.engine import Tx
from pipeline.store.polls.result import PollResult
from pipeline.store.sql import chunks
from pipeline.store.tables import feeds

#: What a 304 changes of a feed that was well before.
_SAME = (
    "next_poll_at",
    "polled_until",
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
#: What every other poll sets of its feed.
_SET = (
    *_SAME,
    "state",
    "etag",
    "last_modified",
    "last_changed_at",
    "failures",
    "failing_since",
    "last_error",
    "first_brought_seq",
    "usual_s",
    "last_item_at",
)
#: What a push changes: it says nothing of the feed's server, and leaves its polls as they are.
_TOLD = (
    "last_polled_at",
    "last_success_at",
    "last_changed_at",
    "first_brought_seq",
    "rate",
    "watched_s",
    "usual_s",
    "last_item_at",
    "known",
)
_HELD = (
    select(
        feeds.c.id,
        feeds.c.seq,
        feeds.c.state,
        feeds.c.next_poll_at,
        feeds.c.polled_until,
        feeds.c.last_success_at,
        feeds.c.last_changed_at,
        feeds.c.failing_since,
        feeds.c.first_brought_seq,
    )
    .where(feeds.c.id.in_(bindparam("ids", expanding=True)), feeds.c.state != FeedState.REMOVED.value)
    .order_by(feeds.c.id)
    .with_for_update(key_share=True)
)
_COUNTED = (
    update(feeds).where(feeds.c.id == bindparam("feed")).values(owed=feeds.c.owed - bindparam("counted"))
)
_KEEP = _COUNTED.values({name: bindparam(name) for name in _SET})
_KEEP_SAME = setting(feeds, _SAME, of="feed")
_KEEP_KNOWN = _KEEP.values(known=bindparam("known"))
_KEEP_PUSHED = _COUNTED.values({name: bindparam(name) for name in _TOLD})

#: A line of what went wrong is kept so far.
ERROR_CHARS = 500


def held(tx: Tx, feed_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The rows of feeds that still are, locked until the transaction ends, by id."""
    found: dict[int, Row[Any]] = {}
    for ids in chunks(sorted(feed_ids)):
        found |= {row.id: row for row in tx.execute(_HELD, {"ids": ids}).all()}
    return found


def keep_feeds(tx: Tx, live: Sequence[PollResult], before: Mapping[int, Row[Any]], now: datetime) -> None:
    """The feeds' next state; what a poll has left as it was is not written again."""
    same: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    for result in live:
        values = _feed(result, before[result.feed.id], now)
        if result.verdict.known is not None:
            values["known"] = b"".join(result.verdict.known)
            if result.pushed:
                told.append({name: values[name] for name in ("feed", "counted", *_TOLD)})
            else:
                other.append(values)
        elif _is_same(result):
            same.append(values)
        else:
            kept.append(values)
    _KEEP_SAME.run(tx, same)
    tx.many(_KEEP, kept)
    tx.many(_KEEP_KNOWN, other)
    tx.many(_KEEP_PUSHED, told)


def _is_same(result: PollResult) -> bool:
    """Whether the poll changed nothing of its feed but times and its rhythm."""
    feed, verdict = result.feed, result.verdict
    return verdict.outcome is Outcome.NOT_MODIFIED and not feed.failures and not feed.rhythm.owed


def _feed(result: PollResult, before: Row[Any], now: datetime) -> dict[str, Any]:
    verdict = result.verdict
    rhythm = verdict.rhythm
    first = before.first_brought_seq
    if first is None and result.pieces:
        first = result.feed.seq
    state = before.state
    if verdict.state is not None and state == FeedState.ACTIVE.value:
        state = verdict.state.value  # a feed that was paused meanwhile stays so
    return {
        "feed": result.feed.id,
        "state": state,
        "next_poll_at": _next_poll_at(verdict.next_poll_at, before),
        "polled_until": None,
        "etag": verdict.etag,
        "last_modified": verdict.last_modified,
        "last_polled_at": now,
        "last_success_at": now if verdict.succeeded else before.last_success_at,
        "last_changed_at": now if verdict.outcome is Outcome.NEW else before.last_changed_at,
        "failures": verdict.failures,
        "failing_since": None if verdict.succeeded else before.failing_since or now,
        "last_error": verdict.error[:ERROR_CHARS],
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


def _next_poll_at(at: datetime, before: Row[Any]) -> datetime:
    """When the feed is due: sooner than its poll has found, where somebody wanted that while it ran."""
    return at if before.next_poll_at == before.polled_until else min(at, before.next_poll_at)


def _wariness(result: PollResult) -> dict[str, Any]:
    """What is remembered of the feed's answers; whether it is doubted is decided when items are parsed."""
    kept = result.feed.wariness if result.heed is None else result.heed.wariness
    return {
        "unmodified": kept.unmodified,
        "whole_at": kept.whole_at,
        "strikes": kept.strikes,
        "overlapped": kept.overlapped,
    }
