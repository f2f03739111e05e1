"""From what the store holds to what a channel sends."""

from __future__ import annotations

import dataclasses

from pipeline.core import render
from pipeline.core.model import Message
from pipeline.store.alerts import AlertRow
from pipeline.store.deliveries import Job


def compose(job: Job, public_url: str | None) -> Message:
    """The message of one delivery, whatever it tells of."""
    if job.alert is not None:
        return render.message(_alert(job.alert, public_url), message_id=job.message_id)
    assert job.notice is not None
    return render.notice(
        message_id=job.message_id,
        created_at=job.notice.created_at,
        subject=job.notice.subject,
        text=job.notice.text,
        cause=job.notice.cause,
    )


def _alert(row: AlertRow, public_url: str | None) -> render.Alert:
    """The alert as the store gives it, as rendering takes it: the same names."""
    fields = {
        one.name: getattr(row, one.name)
        for one in dataclasses.fields(render.Alert)
        if one.name != "public_url"
    }
    return render.Alert(**fields, public_url=public_url)
