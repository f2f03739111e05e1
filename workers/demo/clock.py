"""The demo's clock: a news day of sixteen hours in about a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from workers.demo.edition import DAWN, DUSK

DAY_S = 60.0  # how long the news day lasts at speed 1


@dataclass(frozen=True, slots=True)
class Clock:
    """Maps the real time of a run to the time of its news day."""

    dawn_at: datetime  # the real moment at which the day begins
    speed: float

    @property
    def dusk_at(self) -> datetime:
        return self.at(DUSK)

    def at(self, minute: int) -> datetime:
        """The real moment of a minute of the news day, counted from midnight."""
        share = (minute - DAWN) / (DUSK - DAWN)
        return self.dawn_at + timedelta(seconds=share * DAY_S / self.speed)

    def shows(self, moment: datetime) -> str:
        """What a clock on the wall of the news day shows then, as ``HH:MM``."""
        share = (moment - self.dawn_at).total_seconds() * self.speed / DAY_S
        minute = int(DAWN + share * (DUSK - DAWN)) % (24 * 60)
        return f"{minute // 60:02d}:{minute % 60:02d}"
