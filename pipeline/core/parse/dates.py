"""Dates as feeds write them, to UTC; never invented.

A date is taken only when year, month and day stand in it and make a real day.
What is ambiguous (``01/03/2022``), incomplete (``2022-03``), relative (``just now``)
or in a zone that is not known for certain (``IST`` is India's, Ireland's and Israel's)
gives None: an undated entry is ordered by when it was first seen.  A missing zone
is read as UTC, a missing time as midnight.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_LONGEST = 100
_EPOCH_FROM = 631_152_000  # 1990: smaller numbers are no seconds since 1970 that news could have
_EPOCH_SLACK = timedelta(days=366)
_WIDEST_OFFSET_MIN = 14 * 60

_ZONES_MIN = {
    "": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "nst": -210, "ndt": -150,
    "west": 60, "bst": 60, "cet": 60, "met": 60, "cest": 120, "mest": 120, "mez": 60, "mesz": 120,
    "sast": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "pkt": 300, "wib": 420,
    "hkt": 480, "sgt": 480, "awst": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660,
    "nzst": 720, "nzdt": 780,
}  # fmt: skip
_MONTHS = {
    1: "january jan januar jän jänner janvier janv enero ene gennaio gen janeiro januari stycznia sty"
       " января янв января січня січ ιανουαρίου ιανουάριος ιαν",
    2: "february feb februar février févr fév febrero febbraio fevereiro fev februari lutego lut"
       " февраля фев февр лютого лют φεβρουαρίου φεβρουάριος φεβ",
    3: "march mar märz mär mrz mars marzo março maart mrt marca марта мар березня бер"
       " μαρτίου μάρτιος μάρ μαρ",
    4: "april apr avril avr abril abr aprile kwietnia kwi апреля апр квітня квіт кві"
       " απριλίου απρίλιος απρ",
    5: "may mai mayo maggio mag maio mei maja maj мая май травня трав тра μαΐου μάιος μάϊ μαϊ μάι μαι",
    6: "june jun juni juin junio giugno giu junho czerwca cze июня июн червня черв чер"
       " ιουνίου ιούνιος ιούν ιον ιουν",
    7: "july jul juli juillet juil julio luglio lug julho lipca июля июл липня лип"
       " ιουλίου ιούλιος ιούλ ιολ ιουλ",
    8: "august aug août agosto ago augustus sierpnia sie августа авг серпня серп сер"
       " αυγούστου αύγουστος αύγ αυγ",
    9: "september sep sept septembre septiembre settembre set setembro września wrz"
       " сентября сен сент вересня вер σεπτεμβρίου σεπτέμβριος σεπ",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out października paź"
        " октября окт жовтня жовт жов οκτωβρίου οκτώβριος οκτ",
    11: "november nov novembre noviembre novembro ноября ноя нояб листопада лист лис"
        " νοεμβρίου νοέμβριος νοέ νοε",
    12: "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia gru"
        " декабря дек грудня груд гру δεκεμβρίου δεκέμβριος δεκ",
}  # fmt: skip
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
_HALF = r"(?:\s*(?P<half>[ap])\.?m\.?)?"
_ZONE = r"\s*(?P<zone>[A-Za-z]{0,5}\s*(?:[+-]\s*\d{1,2}:?(?:\d{2})?)?)(?:\s*\([^()]*\))?"
_WORD = r"[^\W\d_]+"
_FORMS = (
    re.compile(  # 2022-03-01T10:00:00.123+05:30, 2022/3/1 10:00, 2022-03-01
        rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})"
        rf"(?:(?:\s*T\s*|\s+){_CLOCK}{_HALF}{_ZONE})?",
        re.IGNORECASE,
    ),
    re.compile(  # Tue, 01 Mar 2022 10:00:00 GMT
        rf"(?:{_WORD}\.?,?\s*)?(?P<day>\d{{1,2}})[\s-]+(?:de\s+)?(?P<name>{_WORD})[.,]?[\s-]+(?:de\s+)?"
        rf"(?P<year>\d{{4}}|\d{{2}})(?:,?\s+(?:T\s*)?{_CLOCK}{_HALF}{_ZONE})?",
        re.IGNORECASE,
    ),
    re.compile(  # Tuesday, March 1, 2022 10:00 am EST
        rf"(?:{_WORD}\.?,?\s+)?(?P<name>{_WORD})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,\s*"
        rf"(?P<year>\d{{4}})(?:,?\s+(?:at\s+)?{_CLOCK}{_HALF}{_ZONE})?",
        re.IGNORECASE,
    ),
    re.compile(  # Tue Mar  1 10:00:00 2022 and with a zone before the year
        rf"{_WORD}\s+(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?:(?P<zone>[A-Za-z]{{1,5}})\s+)?"
        rf"(?P<year>\d{{4}})"
    ),
    re.compile(  # 20220301T100000Z
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?"
        + _ZONE
    ),
)
_KOREAN = re.compile(
    r"(?P<year>\d{4})년\s*(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일(?:\s+(?P<half>오전|오후)?\s*"
    + _CLOCK
    + ")?"
)
_OFFSET = re.compile(r"([A-Za-z]*)\s*([+-])\s*(\d{1,2}):?(\d{2})?")


def utc(raw: str, now: datetime) -> datetime | None:
    """The moment that ``raw`` names, aware and in UTC; None when it names none for certain.

    ``now`` tells which plain numbers can be seconds or milliseconds since 1970.
    """
    raw = " ".join(raw[: _LONGEST + 1].split())
    if not raw or len(raw) > _LONGEST:
        return None
    if raw.isdigit() and raw.isascii() and len(raw) in (9, 10, 13):
        return _since_epoch(int(raw) / (1000 if len(raw) == 13 else 1), now)
    for form in _FORMS:
        if (match := form.fullmatch(raw)) is not None:
            return _moment(match.groupdict())
    if (match := _KOREAN.fullmatch(raw)) is not None:
        return _moment(match.groupdict() | {"zone": "KST"})
    return None


def _moment(parts: dict[str, str | None]) -> datetime | None:
    month = _month(parts)
    offset = _offset_min(parts.get("zone") or "")
    hour = _hour(int(parts.get("hour") or 0), parts.get("half"))
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    if month is None or offset is None or hour is None or minute > 59 or second > 60:
        return None
    if hour == 24 and (minute or second):
        return None
    try:
        day = datetime(_year(parts["year"] or ""), month, int(parts["day"] or 0), tzinfo=UTC)
        # A leap second and 24:00 belong to the minute or day that follows.
        return day + timedelta(hours=hour, minutes=minute - offset, seconds=second)
    except (ValueError, OverflowError):
        return None


def _month(parts: dict[str, str | None]) -> int | None:
    if number := parts.get("month"):
        return int(number)
    return _MONTH_OF.get((parts.get("name") or "").lower())


def _year(text: str) -> int:
    """Two digits as RFC 5322 reads them."""
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year


def _hour(hour: int, half: str | None) -> int | None:
    """Of 24; None when the clock has no such hour."""
    if half is None:
        return hour if hour <= 24 else None
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half.lower() in ("p", "오후") else 0)


def _offset_min(zone: str) -> int | None:
    """Minutes east of UTC; None for a zone that is not known for certain."""
    zone = zone.strip().lower()
    if zone in _ZONES_MIN:
        return _ZONES_MIN[zone]
    match = _OFFSET.fullmatch(zone)
    if match is None or _ZONES_MIN.get(match[1]) != 0:
        return None
    digits = match[3] + (match[4] or "")
    hours, minutes = (int(match[3]), int(match[4])) if match[4] else (int(digits), 0)
    total = hours * 60 + minutes
    if minutes > 59 or total > _WIDEST_OFFSET_MIN:
        return None
    return -total if match[2] == "-" else total


def _since_epoch(seconds: float, now: datetime) -> datetime | None:
    if seconds < _EPOCH_FROM:
        return None
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment if moment <= now + _EPOCH_SLACK else None
