"""Polls: their results, kept with what they left of their feeds, and as operators see them."""

from pipeline.store.polls.commit import LIMIT, commit
from pipeline.store.polls.result import Committed, PollResult
from pipeline.store.polls.rows import PollRow, rows

__all__ = ["LIMIT", "Committed", "PollResult", "PollRow", "commit", "rows"]
