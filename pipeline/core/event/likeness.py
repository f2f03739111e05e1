"""How much of the news two tellings have in common."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from pipeline.core.event.telling import Telling

#: From this likeness on two stories are the same event.
SAME = 0.44

# What each of three views counts; fitted on labelled pairs (docs/events.md) and rounded.
_COSINE = 0.38
_COVER = 0.35
_SHARED = 0.27
_LEAST_COVER = 0.15  # a title that the other story does not speak of at all tells other news
_ENOUGH = 40.0  # weight of shared terms that is worth as much as any more of it


def likeness(one: Telling, other: Telling) -> float:
    """0 (nothing in common) to 1 (the same).

    Three views: the cosine of the two vectors of terms; how much of the title
    that is covered less stands in the other story; and the plain weight of all
    that is shared, for long texts in other words have a small cosine.
    """
    shared = one.weights.keys() & other.weights.keys()
    cover = min(_cover(one, shared), _cover(other, shared))
    if cover < _LEAST_COVER:
        return 0.0
    product = sum(one.strengths[term] * other.strengths[term] for term in shared)
    weight = sum(min(one.weights[term], other.weights[term]) for term in shared)
    cosine = product / (one.length * other.length)
    return _COSINE * cosine + _COVER * cover + _SHARED * min(weight / _ENOUGH, 1.0)


def _cover(one: Telling, shared: AbstractSet[int]) -> float:
    """The share of a title, by weight, that stands in the other story as well."""
    if not one.title_weight:
        return 0.0
    return sum(one.weights[term] for term in one.title & shared) / one.title_weight
