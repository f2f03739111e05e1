"""Feeds: added, edited, found, claimed."""

from pipeline.store.feeds.batch import KnownFeed, NewFeed, add_all, known, tag
from pipeline.store.feeds.claim import active, claim, claim_pushed, overdue, poll_now, put_off
from pipeline.store.feeds.edit import add, describe, edit, owe, set_state
from pipeline.store.feeds.move import note_move
from pipeline.store.feeds.rows import FeedRow, find, rows, warned

__all__ = [
    "FeedRow",
    "KnownFeed",
    "NewFeed",
    "active",
    "add",
    "add_all",
    "claim",
    "claim_pushed",
    "describe",
    "edit",
    "find",
    "known",
    "note_move",
    "overdue",
    "owe",
    "poll_now",
    "put_off",
    "rows",
    "set_state",
    "tag",
    "warned",
]
