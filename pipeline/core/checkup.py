"""What an operator should know of a feed before it is polled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from pipeline.core import rhythm
from pipeline.core.model import Document, Entry, Response, Rhythm
from pipeline.core.rhythm import Limits, Pacing

_HUGE_BYTES = 1_000_000
_AHEAD = timedelta(hours=1)  # dates further in the future are wrong; clocks differ by less
_STALE = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to know, by a short stable word, and in a sentence for people."""

    word: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was seen of a feed."""

    asked: str  # the address as it was given
    answer: Response
    document: Document
    entries: Sequence[Entry]
    rejected: int  # items that were refused
    guids: Sequence[bytes] | None  # of the items, b"" for one without; None where they are not told apart
    again: Response | None  # to a second request that sent the validators; None where there was none
    secure_url: str  # the https address where the same feed is, of one asked for by http; ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a feed is likely to be polled."""

    interval_s: int
    items_a_day: float | None  # by the dates of its items; None where they do not tell
    asked_s: int  # what the publisher asks for; 0: nothing
    text: str  # the interval with its reason, for people


def remarks(seen: Checked, *, now: datetime) -> list[Remark]:
    """What is not as it should be, what costs most first."""
    return [
        Remark(word=word, text=text)
        for word, text in (*_of_the_answer(seen), *_of_the_document(seen), *_of_the_items(seen, now))
    ]


def pace(seen: Checked, limits: Limits, *, now: datetime) -> Pace:
    """How often the feed is likely to be polled once its rhythm is known, going by the dates of its items.

    A guess: dates in feeds may be wrong, and the budget of all feeds is not known here.
    """
    dates = [one for entry in seen.entries if (one := entry.published_at) is not None and one <= now]
    rate = None
    if len(dates) > 1:
        rate = len(dates) / max((now - min(dates)).total_seconds() / 3600, 1.0)
    asked_s = rhythm.asked_s(seen.answer.headers, seen.document.head or seen.answer.body, now)
    likely = Rhythm(rate=rate, asked_s=asked_s)
    interval_s, why = rhythm.interval(likely, Pacing(limits=limits))
    return Pace(
        interval_s=round(interval_s),
        items_a_day=None if rate is None else round(rate * 24, 1),
        asked_s=asked_s,
        text=rhythm.sentence(interval_s, why, likely),
    )


def validators(answer: Response) -> dict[str, str]:
    """What the next request sends along, by header, so that the server can answer that nothing changed."""
    ways = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
    return {asked: value for asked, name in ways.items() if (value := answer.headers.get(name))}


def _of_the_answer(seen: Checked) -> Iterator[tuple[str, str]]:
    if seen.answer.moved:
        yield "moved", f"it has moved for good to {seen.answer.moved}: poll that"
    elif seen.answer.url != seen.asked:
        yield "redirected", f"the address leads to {seen.answer.url}"
    if seen.secure_url:
        yield "not-encrypted", f"the same feed is at {seen.secure_url}: poll that"
    if not validators(seen.answer):
        yield (
            "no-validators",
            "it has neither ETag nor Last-Modified: each poll transfers all of it, changed or not",
        )
    elif seen.again is not None and seen.again.status != HTTPStatus.NOT_MODIFIED:
        same = seen.again.body == seen.answer.body
        told = "though nothing had changed" if same else "with other content a moment later"
        yield "no-304", f"asked whether it had changed, the server sent all of it again, {told}"


def _of_the_document(seen: Checked) -> Iterator[tuple[str, str]]:
    size = len(seen.answer.body)
    if size > _HUGE_BYTES:
        yield "huge", f"the document has {size / 1_000_000:.1f} MB: each change transfers all of it"
    if seen.document.malformed:
        yield "malformed", "the document is cut short or broken; its complete items are taken"
    if seen.rejected:
        yield "rejected", f"{seen.rejected} of its items cannot be used"
    if not seen.document.cut and seen.document.pieces:
        yield "in-one-piece", "its items cannot be told apart without parsing, so each change costs more"


def _of_the_items(seen: Checked, now: datetime) -> Iterator[tuple[str, str]]:
    count = len(seen.entries)
    dates = [entry.published_at for entry in seen.entries if entry.published_at is not None]
    if not count:
        yield "empty", "it lists no items now"
    if len(dates) < count:
        yield "undated", f"{count - len(dates)} of {count} items have no date that can be read"
    if ahead := sum(date > now + _AHEAD for date in dates):
        yield "future", f"{ahead} of {count} items are dated in the future"
    if dates and max(dates) < now - _STALE:
        yield "stale", f"the newest item is {(now - max(dates)).days} days old"
    guids = seen.guids or ()
    if bare := sum(not guid for guid in guids):
        yield "no-guid", f"{bare} of {len(guids)} items have no id (guid): they are told apart by their links"
    named = [guid for guid in guids if guid]
    if repeated := len(named) - len(set(named)):
        yield "shared-guid", f"{repeated} items have the id (guid) of another"
