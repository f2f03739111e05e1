"""Moments as people give them: a date, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.core.errors import UsageError

_AGO = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, *, now: datetime) -> datetime:
    """``text`` as an aware moment in UTC: ISO 8601, in UTC where it names no zone, or as in ``36h`` ago.

    Raises:
        UsageError: it is none of these.

    """
    ago = _AGO.fullmatch(text.strip().lower())
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        when = datetime.fromisoformat(text.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise UsageError(f"{text!r} is no time: write 2026-11-27, 2026-11-27T08:30 (UTC) or 36h") from exc
