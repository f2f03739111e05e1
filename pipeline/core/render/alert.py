"""An alert as a message: its webhook body, its text, its HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from pipeline.core.model import Message
from pipeline.core.render.parts import (
    CONTEXT_CHARS,
    CONTEXTS,
    SUBJECT_CHARS,
    SUMMARY_CHARS,
    anchor,
    asked,
    contexts,
    line,
    link,
    marked,
    moment,
    said,
    spoken,
)

_MATCHES = 100  # that a message looks at and a webhook carries


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
    event_id: int
    independent_sources: int  # of the event, that do not copy one another
    copies: int  # of the event: articles that print what another did
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
    priority: str = "normal"  # urgent, normal or low
    follow_up: bool = False  # its subscription was told of another story of the event


def message(alert: Alert, *, message_id: str) -> Message:
    """The message that tells of an alert."""
    return Message(
        id=message_id,
        created_at=alert.created_at,
        subject=line(f"Tocsin: {alert.subscription_name}: {_rank(alert)}{alert.title}", SUBJECT_CHARS),
        text=_text(alert),
        html=_html(alert),
        data={"type": "alert.created", "timestamp": moment(alert.created_at), "data": body(alert)},
        rest=_page(alert),
    )


def body(alert: Alert, *, matches: int = _MATCHES) -> dict[str, Any]:
    """What a webhook tells of an alert, with so many of its matches at most."""
    return {
        "alert": {
            "id": alert.id,
            "created_at": moment(alert.created_at),
            "priority": alert.priority,
            "follow_up": alert.follow_up,
        },
        "subscription": {
            "id": alert.subscription_id,
            "name": alert.subscription_name,
            "query": alert.query,
        },
        "story": {
            "id": alert.story_id,
            "article_count": alert.article_count,
            "source_count": alert.source_count,
            "event_id": alert.event_id,
            "independent_sources": alert.independent_sources,
            "copies": alert.copies,
        },
        "article": {
            "id": alert.article_id,
            "url": alert.url,
            "title": alert.title,
            "summary": alert.summary,
            "author": alert.author,
            "language": alert.language,
            "published_at": moment(alert.published_at),
            "first_seen_at": moment(alert.first_seen_at),
            "feed": {"id": alert.feed_id, "title": alert.feed_title, "url": alert.feed_url},
        },
        "matches": [dict(match) for match in alert.matches[:matches]],
    }


def _rank(alert: Alert) -> str:
    """What the subject says before the headline."""
    return ("urgent: " if alert.priority == "urgent" else "") + ("more: " if alert.follow_up else "")


def paragraphs(alert: Alert, *, most: int = CONTEXTS) -> list[str]:
    """What people are told of an alert's story, with ``most`` lines of context; the headline first."""
    shown = contexts(alert.matches[:_MATCHES], most)
    return [
        said(alert.title, CONTEXT_CHARS),
        _source(alert),
        link(alert.url),
        "\n".join(context for context, _ in shown) or said(alert.summary, SUMMARY_CHARS),
    ]


def elements(alert: Alert, *, most: int = CONTEXTS) -> list[str]:
    """The same as lines of HTML, with what matched marked."""
    matches = alert.matches[:_MATCHES]
    words = [str(match.get("text", "")) for match in matches if match.get("field") == "title"]
    shown = [f"<p>{marked(context, found)}</p>" for context, found in contexts(matches, most)]
    summary = escape(said(alert.summary, SUMMARY_CHARS))
    return [
        f"<h3>{marked(said(alert.title, CONTEXT_CHARS), words)}</h3>",
        f"<p>{escape(_source(alert))}</p>",
        *map(anchor, filter(None, [link(alert.url)])),
        *(shown or ([f"<p>{summary}</p>"] if summary else [])),
    ]


def _text(alert: Alert) -> str:
    listed = [*paragraphs(alert), asked(alert.subscription_name, alert.query), _page(alert)]
    return "\n\n".join(filter(None, listed))


def _html(alert: Alert) -> str:
    subscription = escape(asked(alert.subscription_name, alert.query))
    page = map(anchor, filter(None, [_page(alert)]))
    return "\n".join([*elements(alert), f"<p>{subscription}</p>", *page])


def _source(alert: Alert) -> str:
    if alert.published_at is None:
        when = f"seen {spoken(alert.first_seen_at)}, undated"
    else:
        when = f"published {spoken(alert.published_at)}"
    name = said(alert.feed_title or alert.feed_url, SUBJECT_CHARS)
    return " · ".join(filter(None, (name, when, _spread(alert))))


def _spread(alert: Alert) -> str:
    """From how many sources the event comes, where it is more than the one article."""
    if alert.independent_sources < 2 and not alert.copies:
        return ""
    outlets = f"{alert.independent_sources} independent outlet{'s' if alert.independent_sources > 1 else ''}"
    copies = f"{alert.copies} cop{'ies' if alert.copies > 1 else 'y'}" if alert.copies else ""
    return ", ".join(filter(None, (outlets, copies)))


def _page(alert: Alert) -> str:
    return f"{alert.public_url}/alerts/{alert.id}" if alert.public_url else ""
