"""What messages are made of: lines, moments, contexts and marked words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from pipeline.core import text as texts

SUBJECT_CHARS = 200
SUMMARY_CHARS = 1_000  # in text and HTML; the webhook carries the summary as stored
CONTEXT_CHARS = 400
_URL_CHARS = 2_048
_RISKY = re.compile(r"""[\s"'<>\\^`{|}*()\[\]@]""")  # in a URL: what some medium takes for markup
CONTEXTS = 5  # lines of context shown to people


def contexts(matches: Iterable[Mapping[str, Any]], most: int = CONTEXTS) -> list[tuple[str, list[str]]]:
    """The first distinct context lines, each with the words that matched in it; titles are shown anyway."""
    found: dict[str, list[str]] = {}
    for match in matches:
        context = said(str(match.get("context", "")), CONTEXT_CHARS)
        if not context or match.get("field") == "title":
            continue
        if context not in found and len(found) == most:
            continue
        found.setdefault(context, []).append(str(match.get("text", "")))
    return list(found.items())


def marked(text: str, words: Iterable[str]) -> str:
    """``text``, which is :func:`said`, as HTML with ``words`` marked wherever they stand as words."""
    kept = sorted(
        {re.escape(said(word, CONTEXT_CHARS)) for word in words if word.strip()}, key=len, reverse=True
    )
    if not kept:
        return escape(text)
    parts = re.split(rf"(?<!\w)({'|'.join(kept)})(?!\w)", text)
    return "".join(f"<mark>{escape(part)}</mark>" if i % 2 else escape(part) for i, part in enumerate(parts))


def line(text: str, limit: int) -> str:
    """``text`` on one line, free of control characters, at most ``limit`` characters long."""
    return texts.truncate(texts.line(text), limit)


def asked(name: str, query: str) -> str:
    """Which subscription wants to know."""
    return said(f"Subscription: {name} ({query})", SUMMARY_CHARS)


def said(text: str, limit: int) -> str:
    """What a stranger wrote, on one line in which no program finds a link or a mention."""
    return texts.defused(line(text, limit))


def link(url: str) -> str:
    """``url`` so that no medium takes it for markup; "" unless it is the web's, and of sane length."""
    url = _RISKY.sub(lambda one: quote(one[0], safe=""), texts.line(url))
    return url if url.startswith(("http://", "https://")) and len(url) <= _URL_CHARS else ""


def anchor(url: str) -> str:
    """``url``, which is a :func:`link`, as a line of HTML."""
    shown = escape(url)
    return f'<p><a href="{shown}" rel="noopener noreferrer">{shown}</a></p>'


def moment(at: datetime | None) -> str | None:
    """The moment as programs read it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def spoken(at: datetime) -> str:
    """The moment as people read it."""
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
