"""Alerts: one for each subscription and story, and what becomes of it.

:mod:`.ring` makes them, :mod:`.waiting` reads what a decision on them rests on,
:mod:`.foresee` asks what it would have been, :mod:`.release` lets go of those that are
held, :mod:`.handle` is what people do to them, :mod:`.remind` what time does, and
:mod:`.rows` shows them.
"""

from pipeline.store.alerts.actions import ActionRow, actions_of
from pipeline.store.alerts.foresee import foresee
from pipeline.store.alerts.handle import ack, assign, mark, snooze
from pipeline.store.alerts.ring import MATCHES, Rung, held_back, ring
from pipeline.store.alerts.rows import AlertRow, judged, rows, show

__all__ = [
    "MATCHES",
    "ActionRow",
    "AlertRow",
    "Rung",
    "ack",
    "actions_of",
    "assign",
    "foresee",
    "held_back",
    "judged",
    "mark",
    "ring",
    "rows",
    "show",
    "snooze",
]
