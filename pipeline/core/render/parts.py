"""What messages are made of: lines, moments, contexts and marked words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from pipeline.core import text as texts

SUBJECT_CHARS = 200
SUMMARY_CHARS = 1_000  # in text and HTML; the webhook carries the summary as stored
CONTEXT_CHARS = 400
_CONTEXTS = 5  # lines of context shown to people


def contexts(matches: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """The first distinct context lines, each with the words that matched in it; titles are shown anyway."""
    found: dict[str, list[str]] = {}
    for match in matches:
        context = line(str(match.get("context", "")), CONTEXT_CHARS)
        if not context or match.get("field") == "title":
            continue
        if context not in found and len(found) == _CONTEXTS:
            continue
        found.setdefault(context, []).append(str(match.get("text", "")))
    return list(found.items())


def marked(text: str, words: Iterable[str]) -> str:
    """``text`` as HTML with ``words`` marked wherever they stand as words."""
    kept = sorted(
        {re.escape(line(word, CONTEXT_CHARS)) for word in words if word.strip()}, key=len, reverse=True
    )
    if not kept:
        return escape(text)
    parts = re.split(rf"(?<!\w)({'|'.join(kept)})(?!\w)", text)
    return "".join(f"<mark>{escape(part)}</mark>" if i % 2 else escape(part) for i, part in enumerate(parts))


def line(text: str, limit: int) -> str:
    """``text`` on one line, free of control characters, at most ``limit`` characters long."""
    return texts.truncate(texts.line(text), limit)


def moment(at: datetime | None) -> str | None:
    """The moment as programs read it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def spoken(at: datetime) -> str:
    """The moment as people read it."""
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
