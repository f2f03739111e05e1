"""Feeds: added, edited, found, claimed."""

from pipeline.store.feeds.claim import claim, due_in, poll_now
from pipeline.store.feeds.edit import add, describe, edit, set_state
from pipeline.store.feeds.rows import FeedRow, find, rows

__all__ = [
    "FeedRow",
    "add",
    "claim",
    "describe",
    "due_in",
    "edit",
    "find",
    "poll_now",
    "rows",
    "set_state",
]
