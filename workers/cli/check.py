"""What is at an address, looked at within the limits of one document and told by stable names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.settings import Settings
    from pipeline.core.checkup import Checked
    from pipeline.core.model import Entry, Response
    from pipeline.flow.discover import Found
    from pipeline.flow.look import Look


def read(answer: Response, *, settings: Settings, now: datetime) -> Look:
    """The feed in an answer.

    Raises:
        DocumentError: it is no feed, or costs too much to read.

    """
    from pipeline.flow.look import look
    from workers.limits import cpu_limit

    with cpu_limit(settings.cpu_limit_s):
        return look(answer, items_limit=settings.items_per_document, cut=settings.split, now=now)


def found(one: Found) -> dict[str, Any]:
    """A feed that was discovered."""
    seen = one.look
    return {
        "url": seen.answer.moved or one.candidate.url,
        "title": seen.title or one.candidate.title,
        "format": seen.format,
        "items": len(seen.entries),
        "newest_at": rows.moment(seen.newest_at),
        "how": str(one.candidate.how),
    }


def checked(seen: Look, facts: Checked, *, settings: Settings, now: datetime) -> dict[str, Any]:
    """A feed that was checked."""
    from pipeline.core.checkup import pace, remarks
    from pipeline.core.websub import offer
    from workers.context import limits

    answer, likely = seen.answer, pace(facts, limits(settings), now=now)
    hub = offer(answer.headers, seen.document.head or answer.body, url=answer.url)
    return {
        "url": answer.url,
        "title": seen.title,
        "site": seen.site,
        "format": seen.format,
        "bytes": len(answer.body),
        "seconds": round(answer.elapsed_s, 3),
        "validators": [name for name in ("etag", "last-modified") if answer.headers.get(name)],
        "hub": None if hub is None else hub.hub,
        "asked_again": None if facts.again is None else facts.again.status,
        "complete": not seen.document.malformed,
        "entries": len(seen.entries),
        "undated": sum(entry.published_at is None for entry in seen.entries),
        "newest_at": rows.moment(seen.newest_at),
        "items_a_day": likely.items_a_day,
        "asked_s": likely.asked_s,
        "interval_s": likely.interval_s,
        "pace": likely.text,
        "text_chars": _median(seen.entries),
        "newest_titles": [entry.title for entry in seen.entries[:3]],
        "rejected": sorted(set(seen.rejected)),
        "warnings": [{"word": one.word, "text": one.text} for one in remarks(facts, now=now)],
    }


def _median(entries: Sequence[Entry]) -> int:
    """Half of the entries carry at least so many characters of text."""
    sizes = sorted(len(entry.body or entry.summary) for entry in entries)
    return sizes[len(sizes) // 2] if sizes else 0
