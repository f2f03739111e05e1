"""Which event a new story joins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.core.event.likeness import SAME, likeness
from pipeline.core.event.telling import Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story of the last days that may tell the same event."""

    story_id: int
    event_id: int
    telling: Telling


def best(told: Telling, candidates: Iterable[Candidate], worth: Mapping[int, float]) -> Candidate | None:
    """The story that is the most alike, the oldest of equals; None when none is alike enough.

    ``worth`` gives terms that many stories have at the moment the weight that is left to them.
    """
    told = told.at(worth)
    found, most = None, 0.0
    for one in sorted(candidates, key=lambda one: one.story_id):
        alike = likeness(told, one.telling.at(worth))
        if alike >= SAME and alike > most:
            found, most = one, alike
    return found
