"""Several alerts of a subscription as one message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from pipeline.core.model import Message
from pipeline.core.render.alert import Alert, body, elements, paragraphs
from pipeline.core.render.parts import CONTEXT_CHARS, SUBJECT_CHARS, anchor, asked, line, moment, said

_CONTEXTS = 2  # lines of context shown for each alert
_MATCHES = 5  # of each alert that a webhook carries


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that rendering a digest needs."""

    id: int
    kind: str  # digest, or follow_up: more on an event that was told of before
    event_id: int | None
    headline: str  # the event's; "" of a digest
    created_at: datetime
    subscription_id: int
    subscription_name: str
    query: str
    count: int  # of all its alerts
    alerts: tuple[Alert, ...]  # the first of them
    public_url: str | None


def digest(one: Digest, *, message_id: str) -> Message:
    """The message that tells of several alerts; what it does not hold is a link away."""
    page = f"{one.public_url}/digests/{one.id}" if one.public_url else ""
    return Message(
        id=message_id,
        created_at=one.created_at,
        subject=line(f"Tocsin: {one.subscription_name}: {_heading(one)}", SUBJECT_CHARS),
        text="\n\n".join(_text(one, page)),
        html="\n".join(_html(one, page)),
        data={"type": "digest.created", "timestamp": moment(one.created_at), "data": _data(one)},
        rest=page,
    )


def _heading(one: Digest) -> str:
    if one.kind == "follow_up":
        return f"More on: {one.headline}"
    return f"{one.count} alert{'' if one.count == 1 else 's'}"


def _data(one: Digest) -> dict[str, Any]:
    return {
        "digest": {
            "id": one.id,
            "kind": one.kind,
            "event_id": one.event_id,
            "headline": one.headline,
            "count": one.count,
            "created_at": moment(one.created_at),
        },
        "subscription": {"id": one.subscription_id, "name": one.subscription_name, "query": one.query},
        "alerts": [body(alert, matches=_MATCHES) for alert in one.alerts],
    }


def _text(one: Digest, page: str) -> Iterator[str]:
    yield said(_heading(one), CONTEXT_CHARS)
    yield asked(one.subscription_name, one.query)
    for alert in one.alerts:
        title, *others = paragraphs(alert, most=_CONTEXTS)
        yield "\n".join(filter(None, [f"• {title}", *others]))
    yield from filter(None, [_left_out(one), page])


def _html(one: Digest, page: str) -> Iterator[str]:
    yield f"<h2>{escape(said(_heading(one), CONTEXT_CHARS))}</h2>"
    yield f"<p>{escape(asked(one.subscription_name, one.query))}</p>"
    for alert in one.alerts:
        yield from elements(alert, most=_CONTEXTS)
    if left := _left_out(one):
        yield f"<p>{left}</p>"
    if page:
        yield anchor(page)


def _left_out(one: Digest) -> str:
    left = one.count - len(one.alerts)
    return f"… and {left} more" if left > 0 else ""
