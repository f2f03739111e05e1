"""From what the store holds to what a channel sends."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pipeline.core import render
from pipeline.core.model import Message
from pipeline.store.alerts import AlertRow
from pipeline.store.deliveries import Job
from pipeline.store.digests import DigestRow
from pipeline.store.notices import NoticeRow
from pipeline.store.updates import UpdateRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def compose(job: Job, public_url: str | None) -> Message:
    """The message of one delivery, whatever it tells of."""
    if job.update is not None:
        assert job.alert is not None
        return render.update(_update(job.update, job.alert, public_url), message_id=job.message_id)
    if job.alert is not None:
        return render.message(rendered(job.alert, public_url), message_id=job.message_id)
    if job.digest is not None:
        return render.digest(_digest(job.digest, public_url), message_id=job.message_id)
    assert job.notice is not None
    return _of_notice(job.notice, public_url, job.message_id)


def _of_notice(row: NoticeRow, public_url: str | None, message_id: str) -> Message:
    """A notice is what its type says; most are the operator's."""
    match row.type:
        case "reminder":
            return render.reminder(_reminder(row, public_url), message_id=message_id)
        case "spike":
            return render.spike(_spike(row, public_url), message_id=message_id)
        case "silence":
            return render.silence(_silence(row), message_id=message_id)
        case _:
            return render.notice(
                message_id=message_id,
                created_at=row.created_at,
                subject=row.subject,
                text=row.text,
                cause=row.cause,
            )


def rendered(row: AlertRow, public_url: str | None) -> render.Alert:
    """The alert as the store gives it, as rendering takes it: the same names."""
    return render.Alert(**_alike(row, render.Alert, "public_url"), public_url=public_url)


def _reminder(row: NoticeRow, public_url: str | None) -> render.Reminder:
    fields = _alike(row, render.Reminder, "data", "public_url")
    return render.Reminder(**fields, data=row.data or {}, public_url=public_url)


def _digest(row: DigestRow, public_url: str | None) -> render.Digest:
    told = tuple(rendered(one, public_url) for one in row.alerts)
    fields = _alike(row, render.Digest, "alerts", "public_url")
    return render.Digest(**fields, alerts=told, public_url=public_url)


def _update(row: UpdateRow, alert: AlertRow, public_url: str | None) -> render.Update:
    return render.Update(**_alike(row, render.Update, "alert"), alert=rendered(alert, public_url))


def _spike(row: NoticeRow, public_url: str | None) -> render.Spike:
    return render.Spike(id=row.id, created_at=row.created_at, data=row.data or {}, public_url=public_url)


def _silence(row: NoticeRow) -> render.Silence:
    return render.Silence(
        id=row.id, created_at=row.created_at, subject=row.subject, text=row.text, data=row.data or {}
    )


def _alike(row: object, form: type[DataclassInstance], *but: str) -> dict[str, Any]:
    """What the store gives under the names that rendering takes."""
    return {one.name: getattr(row, one.name) for one in dataclasses.fields(form) if one.name not in but}
