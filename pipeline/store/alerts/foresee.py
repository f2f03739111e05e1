"""What would have become of alerts, had they been made: asked of the same policy, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.core.policy import Hold, RingPolicy, State, decide
from pipeline.store.alerts.waiting import Candidate, events_of, told, waiting
from pipeline.store.engine import Tx


def foresee(
    tx: Tx, wanted: Sequence[tuple[int, int, datetime]], policies: Mapping[int, RingPolicy]
) -> list[Hold | None]:
    """Whether an alert of each (subscription, story, moment) would have been held then; None: it would not.

    Each is asked about alone, beside the alerts that exist; a story below 0 is
    one that does not exist, and of no event that was told.
    """
    event_of = events_of(tx, {story_id for _, story_id, _ in wanted if story_id > 0})
    holds: list[Hold | None] = []
    for subscription_id, story_id, at in wanted:
        policy = policies[subscription_id]
        one = Candidate(
            0, subscription_id, story_id, event_of.get(story_id, 0), at, held=None, follow_up=False
        )
        (asked,) = waiting(tx, [one], policies)[subscription_id]
        before = tuple(moment for moment in told(tx, subscription_id, policy, at) if moment <= at)
        state = State(since=at, follow_up=asked.state.follow_up, sources=asked.state.sources, told=before)
        verdict = decide(policy, state, at)
        holds.append(verdict if isinstance(verdict, Hold) else None)
    return holds
