"""Deliveries: the outbox; claimed by state and lease, settled, retried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.model import Channel, Sent
from pipeline.store.alerts import AlertRow
from pipeline.store.engine import Tx
from pipeline.store.notices import NoticeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One delivery to send now: an alert or a notice; ``attempts`` includes this one."""

    id: int
    message_id: str
    attempts: int
    created_at: datetime
    channel: Channel
    alert: AlertRow | None
    notice: NoticeRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as operators see it."""

    id: int
    message_id: str
    alert_id: int | None
    notice_id: int | None
    channel: str
    channel_id: int
    state: str  # pending, delivered or dead
    attempts: int
    next_attempt_at: datetime
    last_error: str
    created_at: datetime
    delivered_at: datetime | None


def routes(tx: Tx, ids: Sequence[int]) -> dict[int, int]:
    """The channel of each pending delivery among ``ids``."""
    raise NotImplementedError


def claim(tx: Tx, id: int, *, now: datetime, lease_s: float) -> Job | None:
    """The delivery with this attempt counted; None unless it is pending, due, free, and its channel active."""
    raise NotImplementedError


def settle(tx: Tx, id: int, *, sent: Sent, next_attempt_at: datetime | None, now: datetime) -> None:
    """Note how an attempt ended: delivered, to be tried at ``next_attempt_at``, or given up when that is None."""
    raise NotImplementedError


def due(tx: Tx, *, now: datetime, lease_s: float, enqueued_before: datetime, limit: int) -> list[int]:
    """Pending deliveries whose time has come and that no job holds, noted as enqueued now."""
    raise NotImplementedError


def retry(
    tx: Tx,
    *,
    ids: Iterable[int] | None = None,
    state: str | None = None,
    channel_id: int | None = None,
    since: datetime | None = None,
    now: datetime,
) -> int:
    """Make dead (or, with ``state`` pending, waiting) deliveries due at once; how many.

    Delivered ones are sent again only when named in ``ids``.
    """
    raise NotImplementedError


def rows(
    tx: Tx,
    *,
    state: str | None = None,
    alert_id: int | None = None,
    channel_id: int | None = None,
    limit: int | None = None,
    before_id: int | None = None,
) -> list[DeliveryRow]:
    """Deliveries, the newest first."""
    raise NotImplementedError
