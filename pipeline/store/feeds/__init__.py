"""Feeds: added, edited, found, claimed."""

from pipeline.store.feeds.batch import KnownFeed, NewFeed, add_all, known, tag
from pipeline.store.feeds.claim import claim, due_in, poll_now
from pipeline.store.feeds.edit import add, describe, edit, set_state
from pipeline.store.feeds.rows import FeedRow, find, rows

__all__ = [
    "FeedRow",
    "KnownFeed",
    "NewFeed",
    "add",
    "add_all",
    "claim",
    "describe",
    "due_in",
    "edit",
    "find",
    "known",
    "poll_now",
    "rows",
    "set_state",
    "tag",
]
