"""How long publishers ask to be left alone: by HTTP's freshness, RSS's ttl, and the syndication module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_PERIODS_S = {
    b"hourly": 3600,
    b"daily": 86_400,
    b"weekly": 7 * 86_400,
    b"monthly": 30 * 86_400,
    b"yearly": 365 * 86_400,
}
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod>\s*(\w+)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency>\s*(\d{1,4})\s*</", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|[\s,])no-(?:cache|store)(?:$|[\s,=])", re.IGNORECASE)
_HEAD_BYTES = 16_384  # a channel says it before its items
_LONGEST_S = 86_400


def asked_s(headers: Mapping[str, str], head: bytes, now: datetime) -> int:
    """Whole seconds until a publisher expects us again, at most a day; 0 when it says nothing.

    ``headers`` have names in lower case; ``head`` is what stands before a
    document's items.  The longest of what is said counts.
    """
    asked = _fresh_s(headers, now)
    if head:
        head = head[:_HEAD_BYTES]
        asked = max(asked, _ttl_s(head), _period_s(head))
    return min(asked, _LONGEST_S)


def _fresh_s(headers: Mapping[str, str], now: datetime) -> int:
    """How long the answer stays fresh (RFC 9111, 4.2), counted from now."""
    control = headers.get("cache-control", "")
    if _UNCACHED.search(control):
        return 0
    if (match := _MAX_AGE.search(control)) is not None:
        age = headers.get("age", "").strip()
        return max(int(match[1]) - (int(age[:9]) if age.isascii() and age.isdigit() else 0), 0)
    expires = _date(headers.get("expires"))
    if expires is None:
        return 0
    return max(int((expires - (_date(headers.get("date")) or now)).total_seconds()), 0)


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _ttl_s(head: bytes) -> int:
    match = _TTL.search(head)
    return int(match[1]) * 60 if match else 0


def _period_s(head: bytes) -> int:
    period = _PERIOD.search(head)
    length_s = _PERIODS_S.get(period[1].lower(), 0) if period else 0
    often = _FREQUENCY.search(head)
    return length_s // max(int(often[1]), 1) if often else length_s
