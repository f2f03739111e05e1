"""How a policy is written: the same keys and texts on the command line, in files and in the store."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from pipeline.core.errors import UsageError
from pipeline.core.policy.model import DEFAULT, Escalation, Mode, Priority, QuietHours, Rate, RingPolicy

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST_S = 31 * 86_400
_CRON_CHARS = 200
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_ESCALATE_AFTER_S = 900


def load(stored: Mapping[str, Any]) -> RingPolicy:
    """The policy of a stored row; what this version cannot read is as if it were not said.

    A policy that cannot be understood as a whole must not cost an alert.
    """
    if not stored:
        return DEFAULT
    said = {key: value for key, value in stored.items() if key in _READERS and not _fault(key, value)}
    return _build(said)


def read(said: Mapping[str, Any], base: RingPolicy = DEFAULT) -> RingPolicy:
    """``base`` with what is ``said`` by users; ``none`` takes a key back to its default.

    To say when digests come is to ask for them.

    Raises:
        UsageError: naming everything that is wrong.

    """
    faults = [fault for key, value in said.items() if (fault := _fault(key, value))]
    if faults:
        raise UsageError("; ".join(faults))
    merged = {**write(base), **said}
    merged = {key: value for key, value in merged.items() if not _none(value)}
    if not _none(said.get("digest")) and "mode" not in said and merged.get("priority") != Priority.LOW:
        merged["mode"] = Mode.DIGEST
    if "escalate_after" in merged and "escalate" not in merged:
        if "escalate_after" in said:
            raise UsageError("escalate_after: say whom to escalate to (escalate: CHANNEL)")
        del merged["escalate_after"]
    made = _build(merged)
    if made.escalation is not None and made.priority is not Priority.URGENT:
        raise UsageError("escalate: only urgent alerts are escalated (priority: urgent)")
    return made


def write(policy: RingPolicy) -> dict[str, Any]:
    """The policy as it is stored and shown: what differs from the default."""
    quiet, escalation = policy.quiet, policy.escalation
    texts = {
        "mode": str(policy.mode),
        "digest": policy.digest,
        "time_zone": policy.time_zone,
        "cooldown": _spoken(policy.cooldown_s) if policy.cooldown_s else None,
        "rate": f"{policy.rate.count}/{_spoken(policy.rate.per_s, one=False)}" if policy.rate else None,
        "quiet": f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else None,
        "priority": str(policy.priority),
        "follow_ups": _spoken(policy.follow_ups_s) if policy.follow_ups_s else "each",
        "min_sources": policy.min_sources,
        "escalate": escalation.channel if escalation else None,
        "escalate_after": _spoken(escalation.after_s) if escalation else None,
        "updates": policy.updates,
        "spikes": policy.spikes,
    }
    usual = {
        # To say when digests come is to ask for them: who doesn't must say so.
        "mode": "story" if policy.digest == DEFAULT.digest else None,
        "digest": DEFAULT.digest,
        "time_zone": "UTC",
        "priority": "normal",
        "follow_ups": "each" if policy.mode is Mode.EVERY else "1h",
        "min_sources": 1,
        "updates": False,
        "spikes": False,
    }
    return {key: value for key, value in texts.items() if value is not None and value != usual.get(key)}


def span(text: str) -> int:
    """The seconds of a time such as ``15m``.

    Raises:
        UsageError: it is none.

    """
    try:
        return _span(text)
    except ValueError as exc:
        raise UsageError(str(exc)) from exc


def _build(said: Mapping[str, Any]) -> RingPolicy:
    """A policy from values that are each in order."""
    got = {key: _READERS[key](value) for key, value in said.items()}
    mode = got.get("mode", Mode.STORY)
    zone = got.get("time_zone", DEFAULT.time_zone)
    quiet = got.get("quiet")
    escalate = got.get("escalate")
    return RingPolicy(
        mode=mode,
        digest=got.get("digest", DEFAULT.digest),
        time_zone=zone,
        cooldown_s=got.get("cooldown", 0),
        rate=got.get("rate"),
        quiet=QuietHours(quiet[0], quiet[1], zone) if quiet else None,
        priority=got.get("priority", Priority.NORMAL),
        follow_ups_s=got.get("follow_ups", 0 if mode is Mode.EVERY else DEFAULT.follow_ups_s),
        min_sources=got.get("min_sources", 1),
        escalation=Escalation(escalate, got.get("escalate_after", _ESCALATE_AFTER_S)) if escalate else None,
        updates=got.get("updates", False),
        spikes=got.get("spikes", False),
    )


def _none(value: object) -> bool:
    return value is None or value == "none"


def _fault(key: str, value: object) -> str:
    """What is wrong with one key, in one clause; "" where nothing is."""
    if key not in _READERS:
        return f"there is no {key!r} in a policy; there are {', '.join(_READERS)}"
    if _none(value):
        return ""
    try:
        _READERS[key](value)
    except ValueError as exc:
        return f"{key}: {exc}"
    return ""


def _choice(kind: type[Mode | Priority]) -> Callable[[Any], Any]:
    def choose(value: object) -> Mode | Priority:
        try:
            return kind(str(value))
        except ValueError:
            raise ValueError(f"is one of {', '.join(kind)}, not {value!r}") from None

    return choose


def _span(value: object) -> int:
    found = re.fullmatch(r"(\d{1,7})([smhd])", str(value))
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError(f"must be a time such as 90s, 15m, 2h or 1d (31d at most), not {value!r}")
    return seconds


def _follow_ups(value: object) -> int:
    return 0 if value == "each" else _span(value)


def _rate(value: object) -> Rate:
    found = re.fullmatch(r"(\d{1,4})/(\d{0,7}[smhd])", str(value))
    if found is None or int(found[1]) == 0:
        raise ValueError(f"must be a number of messages in a time, such as 10/h or 3/15m, not {value!r}")
    per = found[2] if found[2][0].isdigit() else f"1{found[2]}"
    return Rate(int(found[1]), _span(per))


def _quiet(value: object) -> tuple[time, time]:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)", str(value))
    if found is None:
        raise ValueError(f"must be two times of day such as 22:00-07:00, not {value!r}")
    hours = [int(part) for part in found.groups()]
    return time(hours[0], hours[1]), time(hours[2], hours[3])


def _cron(value: object) -> str:
    text = " ".join(str(value).split())
    try:
        if len(text) > _CRON_CHARS or text.count(" ") != 4:
            raise CronSimError("it has five parts")  # noqa: TRY301 - one sentence for every fault
        next(CronSim(text, _SOME_DAY))
    except (CronSimError, StopIteration) as exc:
        raise ValueError(
            f"must be a cron expression whose time comes, such as '0 8 * * 1-5', not {value!r}"
        ) from exc
    return text


def _zone(value: object) -> str:
    name = str(value)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:  # unknown, no name of a zone at all, or a folder of them
        near = difflib.get_close_matches(name.title(), available_timezones(), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"must be a time zone such as Europe/Berlin, not {value!r}{hint}") from exc
    return name


def _sources(value: object) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,3}", str(value)) or int(str(value)) < 1:
        raise ValueError(f"must be a number from 1 to 999, not {value!r}")
    return int(str(value))


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("must be the name of a channel")
    return value.strip()


def _yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")  # noqa: TRY004 - told as every other fault
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "mode": _choice(Mode),
    "digest": _cron,
    "time_zone": _zone,
    "cooldown": _span,
    "rate": _rate,
    "quiet": _quiet,
    "priority": _choice(Priority),
    "follow_ups": _follow_ups,
    "min_sources": _sources,
    "escalate": _name,
    "escalate_after": _span,
    "updates": _yes,
    "spikes": _yes,
}

#: Everything that a policy may say.
KEYS = tuple(_READERS)


def _spoken(seconds: int, *, one: bool = True) -> str:
    """A span as it is written; ``one`` writes the 1 of one hour."""
    unit = next(unit for unit in reversed(_UNITS) if seconds % _UNITS[unit] == 0)
    number = seconds // _UNITS[unit]
    return unit if number == 1 and not one else f"{number}{unit}"
