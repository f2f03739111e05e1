"""Who else has a story's keys: whom it is compared with, and what a key is worth while many have it.

In a war's first week the country's name says little of which news a text tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

HOLDERS = 32  # the newest stories that are looked at for each key
NEAREST = 8  # of them that are compared

_SCALE = 1.5  # weight for each time that a term is rarer by the factor e
_GUESS = 100  # stories that the guess of a term's weight counts as much as


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How many of the newest stories have a key, ``HOLDERS`` at most, and the first of these."""

    number: int
    first_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """The stories of the window that have a new story's keys.

    Ids are given in the order of stories, so that their distance counts stories.
    """

    shared: Mapping[int, int]  # how many of the keys a story has, by its id
    held: Mapping[int, Held]  # by key
    first_id: int  # the oldest story of the window
    story_id: int  # the new one

    def nearest(self) -> list[int]:
        """The stories that share the most keys, the oldest of equals first."""
        return sorted(self.shared, key=lambda one: (-self.shared[one], one))[:NEAREST]

    def worth(self, weights: Mapping[int, float]) -> dict[int, float]:
        """The weights that are left to the keys that others have."""
        return {key: self._worth(weights[key], held) for key, held in self.held.items()}

    def _worth(self, weight: float, held: Held) -> float:
        """Never above ``weight``, whose share of stories is a guess that what was seen outweighs."""
        among = self.story_id - self.first_id
        seen = held.number
        if seen >= HOLDERS:  # there are more: how long the newest took to come tells how many
            seen = round(seen * among / (self.story_id - held.first_id))
        share = (seen + _GUESS * exp(-weight / _SCALE)) / (among + _GUESS)
        return min(weight, max(0.0, -_SCALE * log(share)))
