"""How many items an hour a feed brings, learned from the counts of its polls.

What feeds say of their entries' dates is not used: they lie, are missing, or
are days old.  Only what a poll brought for the first time counts, and since
when the feed was not looked at.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import exp

from pipeline.core.model import Rhythm

#: What lies this far back counts by 1/e: half a day, so that a night is known to be one before it is over.
MEMORY_S = 12 * 3600.0
#: A feed's first rate, which gives it the mean interval, weighs as much as a look of this length.
PRIOR_S = 1800.0
#: The same for the usual time between items, which has to learn nights and weekends.
USUAL_MEMORY_S = 14 * 86_400.0
#: The usual time between items before any is known.
USUAL_S = 86_400.0
#: The word of the warning for feeds that answer well and bring nothing.
SILENT = "silent"
_APART_S = 86_400.0  # polls may be, also of a feed that fails
_ANSWERS = 10  # answers that their mean time reaches back over
_HOUR_S = 3600.0


def heard(rhythm: Rhythm, brought: int, *, whole: bool, neutral: float, now: datetime) -> Rhythm:
    """The rhythm after a poll that succeeded at ``now`` and brought ``brought`` items for the first time.

    ``whole`` says that every item of the document was new: others may have come
    and gone before it, so that the count is a lower bound.  ``neutral`` is the
    rate that a feed is taken to have before it is known, in items an hour.

    The rate is a mean over the past that forgets exponentially: items and
    seconds are summed apart, each with weight exp(-age / MEMORY_S), as if the
    items had come evenly since the last poll.
    """
    if rhythm.rate is None or rhythm.rated_at is None:
        # What the first poll brings has been there before: it is no rhythm.
        return replace(rhythm, rate=neutral, watched_s=PRIOR_S, rated_at=now, owed=0)
    since_s = max((now - rhythm.rated_at).total_seconds(), 1.0)
    count = brought + rhythm.owed
    kept = exp(-since_s / MEMORY_S)
    span_s = MEMORY_S * (1.0 - kept)
    watched_s = rhythm.watched_s * kept + span_s
    items = rhythm.rate * rhythm.watched_s * kept + count * _HOUR_S * span_s / since_s
    rate = max(items / watched_s, 0.0)
    if whole and rhythm.owed >= 0:  # the last whole document was of news, too
        rate = max(rate, rhythm.rate)
    after = replace(rhythm, rate=rate, watched_s=watched_s, rated_at=now, owed=0)
    return _item(after, now, unseen_s=since_s) if count > 0 else after


def known(rhythm: Rhythm) -> bool:
    """Whether the rate rests on what a poll has brought, and not on the first rate alone."""
    return rhythm.rate is not None and rhythm.watched_s != PRIOR_S


def silent_s(rhythm: Rhythm, *, began: datetime, now: datetime, times: float) -> float | None:
    """For how many seconds the feed has brought nothing, where that is ``times`` its usual time or more.

    ``began`` is when the feed was added. None where the silence is not remarkable.
    """
    for_s = (now - (rhythm.last_item_at or began)).total_seconds()
    return for_s if for_s >= times * usual_s(rhythm) else None


def usual_s(rhythm: Rhythm) -> float:
    """The usual time between two items, in seconds."""
    return USUAL_S if rhythm.usual_s is None else rhythm.usual_s


def answered(mean_ms: float | None, elapsed_s: float) -> float:
    """The decayed mean of how long a feed's answers took, in milliseconds, with one more."""
    took_ms = elapsed_s * 1000.0
    return took_ms if mean_ms is None else mean_ms + (took_ms - mean_ms) / _ANSWERS


def _item(rhythm: Rhythm, now: datetime, *, unseen_s: float) -> Rhythm:
    """The rhythm with the time between this item and the last in its usual time.

    Times are weighed by their length: the mean is how long the silence is in
    which a moment drawn by chance falls, so that nights and weekends count for
    as much as they take.  Of the seconds before ``now`` in which nobody looked, no
    more counts than polls may be apart: a month in which we stood still is no silence.
    """
    if rhythm.last_item_at is None:
        return replace(rhythm, last_item_at=now)
    seen_s = (now - rhythm.last_item_at).total_seconds() - unseen_s
    apart_s = max(_APART_S, usual_s(rhythm), 2.0 * (rhythm.every_s or 0))
    between_s = max(seen_s, 0.0) + min(unseen_s, apart_s)
    kept = exp(-between_s / USUAL_MEMORY_S)
    return replace(rhythm, last_item_at=now, usual_s=usual_s(rhythm) * kept + between_s * (1.0 - kept))
