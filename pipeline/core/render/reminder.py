"""A reminder as a message: an alert that was snoozed is new again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.core.model import Message
from pipeline.core.render.notice import notice
from pipeline.core.render.parts import anchor, link, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """All that rendering a reminder needs."""

    created_at: datetime
    subject: str
    text: str
    data: Mapping[str, Any]  # the alert, its subscription and its article, as the webhook carries them
    public_url: str | None


def reminder(one: Reminder, *, message_id: str) -> Message:
    """The message that reminds of an alert, with where its article and its page are."""
    told = notice(
        message_id=message_id,
        created_at=one.created_at,
        subject=one.subject,
        text=one.text,
        cause="reminder",
    )
    page = f"{one.public_url}/alerts/{one.data['alert']['id']}" if one.public_url else ""
    links = list(filter(None, [link(one.data["article"]["url"]), page]))
    return Message(
        id=told.id,
        created_at=told.created_at,
        subject=told.subject,
        text="\n\n".join([told.text, *links]),
        html="".join([told.html, *map(anchor, links)]),
        data={"type": "alert.reminder", "timestamp": moment(one.created_at), "data": dict(one.data)},
        rest=page,
    )
