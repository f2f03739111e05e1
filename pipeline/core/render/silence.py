"""A silence as a message: a subscription has not rung for longer than is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from pipeline.core.model import Message
from pipeline.core.render.parts import SUBJECT_CHARS, SUMMARY_CHARS, asked, line, moment, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """All that rendering a silence needs."""

    id: int
    created_at: datetime
    subject: str
    text: str
    data: Mapping[str, Any]  # as the webhook carries it: subscription, since when, what is usual


def silence(one: Silence, *, message_id: str) -> Message:
    """The message that tells of a silence."""
    subscription = one.data["subscription"]
    paragraphs = [said(one.text, SUMMARY_CHARS), asked(subscription["name"], subscription["query"])]
    return Message(
        id=message_id,
        created_at=one.created_at,
        subject=line(f"Tocsin: {one.subject}", SUBJECT_CHARS),
        text="\n\n".join(paragraphs),
        html="\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs),
        data={
            "type": "silence.created",
            "timestamp": moment(one.created_at),
            "data": {"silence": {"id": one.id, "created_at": moment(one.created_at)}, **one.data},
        },
    )
