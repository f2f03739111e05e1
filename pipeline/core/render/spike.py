"""A spike as a message: how often a subscription rang in an hour, and for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from pipeline.core.model import Message
from pipeline.core.render.parts import (
    CONTEXT_CHARS,
    SUBJECT_CHARS,
    SUMMARY_CHARS,
    anchor,
    asked,
    line,
    link,
    moment,
    said,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """All that rendering a spike needs."""

    id: int
    created_at: datetime
    data: Mapping[str, Any]  # as the webhook carries it: subscription, counts, words and headlines
    public_url: str | None  # where our own pages are reached, without a trailing slash


def spike(one: Spike, *, message_id: str) -> Message:
    """The message that tells of a spike."""
    return Message(
        id=message_id,
        created_at=one.created_at,
        subject=line(f"Tocsin: spike: {one.data['subscription']['name']}: {_rate(one)}", SUBJECT_CHARS),
        text="\n\n".join(filter(None, _text(one))),
        html="\n".join(_html(one)),
        data={
            "type": "spike.created",
            "timestamp": moment(one.created_at),
            "data": {"spike": {"id": one.id, "created_at": moment(one.created_at)}, **one.data},
        },
    )


def _rate(one: Spike) -> str:
    return f"{one.data['count']} alerts in an hour, usually {one.data['usual']:g}"


def _words(one: Spike) -> str:
    return said(", ".join(f"{word} ({many})" for word, many in one.data["words"].items()), SUMMARY_CHARS)


def _asked(one: Spike) -> str:
    return asked(one.data["subscription"]["name"], one.data["subscription"]["query"])


def _text(one: Spike) -> Iterator[str]:
    yield _rate(one)
    yield _words(one)
    for each in one.data["headlines"]:
        yield "\n".join(filter(None, [f"• {_title(each)}", link(each["url"])]))
    yield _asked(one)


def _html(one: Spike) -> Iterator[str]:
    yield f"<h3>{escape(_rate(one))}</h3>"
    yield f"<p>{escape(_words(one))}</p>"
    for each in one.data["headlines"]:
        yield f"<p>{escape(_title(each))}</p>"
        ours = f"{one.public_url}/alerts/{each['alert_id']}" if one.public_url else ""
        yield from map(anchor, filter(None, [link(each["url"]), ours]))
    yield f"<p>{escape(_asked(one))}</p>"


def _title(headline: Mapping[str, Any]) -> str:
    return said(" · ".join(filter(None, [headline["title"], headline["feed_title"]])), CONTEXT_CHARS)
