"""What the operator is told, as a message."""

from __future__ import annotations

from datetime import datetime
from html import escape

from pipeline.core.model import Message
from pipeline.core.render.parts import SUBJECT_CHARS, line, moment
from pipeline.core.text import defused, tidy, truncate

_NOTICE_CHARS = 8_000


def notice(*, message_id: str, created_at: datetime, subject: str, text: str, cause: str) -> Message:
    """The message that tells the operator of something; ``cause`` names it for programs."""
    subject = line(f"Tocsin: {subject}", SUBJECT_CHARS)
    text = truncate(tidy(text), _NOTICE_CHARS)
    shown = defused(text)  # feeds' titles, receivers' answers
    return Message(
        id=message_id,
        created_at=created_at,
        subject=subject,
        text=shown,
        html="\n".join(f"<p>{escape(one)}</p>" for one in shown.splitlines() if one),
        data={
            "type": "notice.created",
            "timestamp": moment(created_at),
            "data": {"cause": cause, "subject": subject, "text": text},
        },
    )
