"""Who else has a story's keys: whom it is compared with, and what a key is worth while many have it.

In a war's first week the country's name says little of which news a text tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

HOLDERS = 64  # the newest stories that are looked at for each key
NEAREST = 16  # of them that are compared

_SCALE = 1.5  # weight for each time that a term is rarer by the factor e
_GUESS = 100  # stories that the guess of a term's weight counts as much as


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """The stories of the window that have a new story's keys.

    ``holders`` names up to ``HOLDERS`` of them for each key, by rising id.
    Ids are given in the order of stories, so their distance counts stories.
    """

    holders: Mapping[int, Sequence[int]]
    first_id: int  # the oldest story of the window
    story_id: int  # the new one

    def nearest(self) -> list[int]:
        """Those that share the most keys, the oldest of equals first."""
        shared = Counter(story_id for ids in self.holders.values() for story_id in ids)
        return sorted(shared, key=lambda one: (-shared[one], one))[:NEAREST]

    def worth(self, weights: Mapping[int, float]) -> dict[int, float]:
        """The weights that are left to the keys."""
        return {key: self._worth(weights[key], ids) for key, ids in self.holders.items() if ids}

    def _worth(self, weight: float, ids: Sequence[int]) -> float:
        """Never above ``weight``, whose share of stories counts as a guess that what was seen outweighs."""
        among = self.story_id - self.first_id
        seen = len(ids)
        if seen >= HOLDERS:  # there are more: how long the newest took to come tells how many
            seen = round(seen * among / (self.story_id - ids[0]))
        share = (seen + _GUESS * exp(-weight / _SCALE)) / (among + _GUESS)
        return min(weight, max(0.0, -_SCALE * log(share)))
