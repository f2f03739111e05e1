"""The policy of a subscription as values; times of day are those of its time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cronsim import CronSim

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class Mode(StrEnum):
    """What rings: every article, each story once, or the digest alone."""

    EVERY = "every"
    STORY = "story"
    DIGEST = "digest"


class Priority(StrEnum):
    """Urgent alerts wait for no digest, quiet hours, cooldown or rate; low ones go to the digest only."""

    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"


class Because(StrEnum):
    """Why an alert is held."""

    SOURCES = "sources"
    FOLLOW_UP = "follow-up"
    DIGEST = "digest"
    QUIET = "quiet hours"
    COOLDOWN = "cooldown"
    RATE = "rate limit"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` messages in any ``per_s`` seconds."""

    count: int
    per_s: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """Another channel (by name), told of what nobody acknowledged for so many seconds."""

    channel: str
    after_s: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` to before ``end`` on the clock of ``zone``, over midnight where start is later.

    Hours that end as they start never come: to ring at no time, pause the subscription.
    """

    start: time
    end: time
    zone: str

    def cover(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in them."""
        clock = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def over(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on that does not lie in them, in UTC.

        Where the zone's clock is put forward or back on the way, it is looked for
        minute by minute: the end may come twice that night, or be left out.
        """
        zone = ZoneInfo(self.zone)
        at = moment.astimezone(UTC)
        while self.cover(at):
            local = at.astimezone(zone)
            left = (_since_midnight(self.end) - _since_midnight(local.time())) % _DAY
            if (at + left).astimezone(zone).utcoffset() == local.utcoffset():
                at += left
            else:
                at = at.replace(second=0, microsecond=0) + _MINUTE
        return at


@dataclass(frozen=True, slots=True, kw_only=True)
class RingPolicy:
    """When and how a subscription rings; spans in seconds, 0 for none."""

    mode: Mode = Mode.STORY
    digest: str = "0 8 * * *"  # when digests come: a cron expression, on the clock of time_zone
    time_zone: str = "UTC"  # as the IANA names it
    cooldown_s: int = 0
    rate: Rate | None = None
    quiet: QuietHours | None = None
    priority: Priority = Priority.NORMAL
    follow_ups_s: int = 3600  # how long follow-ups are gathered; 0: each is told at once
    min_sources: int = 1
    escalation: Escalation | None = None
    updates: bool = False
    spikes: bool = False

    @property
    def digests(self) -> bool:
        """Whether its alerts go to the digest, as long as nothing is urgent."""
        return self.priority is Priority.LOW or (
            self.mode is Mode.DIGEST and self.priority is not Priority.URGENT
        )

    @property
    def paced(self) -> bool:
        """Whether what was told before, or waits, decides on the next alert."""
        return self.priority is not Priority.URGENT and bool(self.cooldown_s or self.rate or self.quiet)

    def next_digest(self, after: datetime) -> datetime:
        """When the next digest comes after ``after``, in UTC.

        A time of day that a change of the clock leaves out comes right after the
        change, and one that comes twice counts once, as Debian's cron has it.
        """
        return next(CronSim(self.digest, after.astimezone(ZoneInfo(self.time_zone)))).astimezone(UTC)


DEFAULT = RingPolicy()


def _since_midnight(clock: time) -> timedelta:
    return timedelta(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
