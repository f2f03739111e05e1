"""Feeds that move to another address, with all that is known of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from pipeline.core import moves, urls
from pipeline.core.model import Feed
from pipeline.core.moves import Move
from pipeline.store import warnings
from pipeline.store.engine import Tx
from pipeline.store.feeds.rows import ALIVE
from pipeline.store.tables import feeds

#: The word of the warning.
MOVED = "moved"


def note_move(tx: Tx, feed: Feed, move: Move, now: datetime) -> bool:
    """Note where the redirects of a poll that counts led; whether the feed's address was changed for it.

    Where it may not be, its operator is warned.
    """
    values = {"moved_to": move.to, "moved_times": move.times}
    changed = False
    if move.settled:
        hindrance = _hindrance(tx, feed, move.to)
        if hindrance:
            text = f"It has moved for good to {move.to}, but {hindrance}: change its address yourself."
        else:
            text = f"It moved for good, and its address was changed; it was {feed.url} before."
            values = {"url": move.to, "host": urls.host(move.to), "moved_to": "", "moved_times": 0}
            changed = True
        if changed or move.times == moves.TIMES:
            warnings.warn(tx, feed.id, MOVED, text, now)
    tx.execute(update(feeds).where(feeds.c.id == feed.id).values(**values))
    return changed


def _hindrance(tx: Tx, feed: Feed, to: str) -> str:
    if tx.execute(select(feeds.c.managed).where(feeds.c.id == feed.id)).scalar():
        return "config/feeds.opml declares where it is"
    other = tx.execute(select(feeds.c.id).where(feeds.c.url == to, ALIVE)).scalar()
    if other is not None:
        return f"feed {other} is there already"
    return moves.hindrance(feed, to)
