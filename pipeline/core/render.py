"""An alert, or a notice to the operator, as a message that every medium can carry.

What feeds wrote is text of strangers: it never reaches a header line, a tag or
an entity unescaped, and it has an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from pipeline.core.model import Message
from pipeline.core.text import line, tidy, truncate

_SUBJECT_CHARS = 200
_SUMMARY_CHARS = 1_000  # in text and HTML; the webhook carries the summary as stored
_CONTEXT_CHARS = 400
_CONTEXTS = 5  # lines of context shown to people
_MATCHES = 100  # that a message looks at and a webhook carries
_NOTICE_CHARS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """All that rendering an alert needs; texts are as stored, plain."""

    id: int
    created_at: datetime
    subscription_id: int
    subscription_name: str
    query: str
    story_id: int
    article_count: int
    source_count: int
    article_id: int
    url: str  # "" when the entry has none
    title: str
    summary: str
    author: str
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    feed_id: int
    feed_title: str
    feed_url: str
    matches: tuple[Mapping[str, Any], ...]  # each as Match.as_json gives it
    public_url: str | None  # where our own pages are reached, without a trailing slash


def message(alert: Alert, *, message_id: str) -> Message:
    """The message that tells of an alert."""
    return Message(
        id=message_id,
        created_at=alert.created_at,
        subject=_line(f"Tocsin: {alert.subscription_name}: {alert.title}", _SUBJECT_CHARS),
        text=_text(alert),
        html=_html(alert),
        data=_data(alert),
    )


def notice(*, message_id: str, created_at: datetime, subject: str, text: str, cause: str) -> Message:
    """The message that tells the operator of something; ``cause`` names it for programs."""
    subject = _line(f"Tocsin: {subject}", _SUBJECT_CHARS)
    text = truncate(tidy(text), _NOTICE_CHARS)
    return Message(
        id=message_id,
        created_at=created_at,
        subject=subject,
        text=text,
        html="".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line),
        data={
            "type": "notice.created",
            "timestamp": _moment(created_at),
            "data": {"cause": cause, "subject": subject, "text": text},
        },
    )


def _data(alert: Alert) -> dict[str, Any]:
    """The webhook's body."""
    return {
        "type": "alert.created",
        "timestamp": _moment(alert.created_at),
        "data": {
            "alert": {"id": alert.id, "created_at": _moment(alert.created_at)},
            "subscription": {
                "id": alert.subscription_id,
                "name": alert.subscription_name,
                "query": alert.query,
            },
            "story": {
                "id": alert.story_id,
                "article_count": alert.article_count,
                "source_count": alert.source_count,
            },
            "article": {
                "id": alert.article_id,
                "url": alert.url,
                "title": alert.title,
                "summary": alert.summary,
                "author": alert.author,
                "language": alert.language,
                "published_at": _moment(alert.published_at),
                "first_seen_at": _moment(alert.first_seen_at),
                "feed": {"id": alert.feed_id, "title": alert.feed_title, "url": alert.feed_url},
            },
            "matches": [dict(match) for match in alert.matches[:_MATCHES]],
        },
    }


def _text(alert: Alert) -> str:
    paragraphs = [
        _line(alert.title, _CONTEXT_CHARS),
        _source(alert),
        "\n".join(line for line, _ in _contexts(alert.matches[:_MATCHES]))
        or _line(alert.summary, _SUMMARY_CHARS),
        _line(alert.url, 2_048),
        _line(f"Subscription: {alert.subscription_name} ({alert.query})", _SUMMARY_CHARS),
        _page(alert),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _html(alert: Alert) -> str:
    words = [
        str(match.get("text", "")) for match in alert.matches[:_MATCHES] if match.get("field") == "title"
    ]
    title = _marked(_line(alert.title, _CONTEXT_CHARS), words)
    url = escape(_line(alert.url, 2_048))
    if url.startswith(("http://", "https://")):
        title = f'<a href="{url}" rel="noopener noreferrer">{title}</a>'
    contexts = [f"<p>{_marked(line, found)}</p>" for line, found in _contexts(alert.matches[:_MATCHES])]
    summary = escape(_line(alert.summary, _SUMMARY_CHARS))
    page = escape(_page(alert))
    asked = _line(f"{alert.subscription_name} ({alert.query})", _SUMMARY_CHARS)
    return "\n".join(
        [
            f"<h3>{title}</h3>",
            f"<p>{escape(_source(alert))}</p>",
            *(contexts or ([f"<p>{summary}</p>"] if summary else [])),
            f"<p>Subscription: {escape(asked)}</p>",
            *([f'<p><a href="{page}">{page}</a></p>'] if page else []),
        ]
    )


def _source(alert: Alert) -> str:
    if alert.published_at is None:
        when = f"seen {_spoken(alert.first_seen_at)}, undated"
    else:
        when = f"published {_spoken(alert.published_at)}"
    name = _line(alert.feed_title or alert.feed_url, _SUBJECT_CHARS)
    others = alert.source_count - 1
    also = f", and {others} other source{'s' if others > 1 else ''}" if others > 0 else ""
    return f"{name}{also} · {when}"


def _page(alert: Alert) -> str:
    return f"{alert.public_url}/alerts/{alert.id}" if alert.public_url else ""


def _contexts(matches: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """The first distinct context lines, each with the words that matched in it; titles are shown anyway."""
    found: dict[str, list[str]] = {}
    for match in matches:
        context = _line(str(match.get("context", "")), _CONTEXT_CHARS)
        if not context or match.get("field") == "title":
            continue
        if context not in found and len(found) == _CONTEXTS:
            continue
        found.setdefault(context, []).append(str(match.get("text", "")))
    return list(found.items())


def _marked(text: str, words: Iterable[str]) -> str:
    """``text`` as HTML with ``words`` marked wherever they stand as words."""
    kept = sorted(
        {re.escape(_line(word, _CONTEXT_CHARS)) for word in words if word.strip()}, key=len, reverse=True
    )
    if not kept:
        return escape(text)
    parts = re.split(rf"(?<!\w)({'|'.join(kept)})(?!\w)", text)
    return "".join(f"<mark>{escape(part)}</mark>" if i % 2 else escape(part) for i, part in enumerate(parts))


def _line(text: str, limit: int) -> str:
    """``text`` on one line, free of control characters, at most ``limit`` characters long."""
    return truncate(line(text), limit)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _spoken(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
