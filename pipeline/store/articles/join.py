"""An article that turns out to be a copy when its page is read: it moves, or its story is linked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, exists, func, or_, select, update

from pipeline.core.dedupe import Copy
from pipeline.core.model import Reason
from pipeline.store.articles import events, stories
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert_missing
from pipeline.store.tables import alerts, articles, story_keys, story_links
from pipeline.store.tables import stories as story_table

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_story: BindParameter[Any] = bindparam("story")
_LOCK = (
    select(story_table.c.id)
    .where(story_table.c.id.in_(_ids))
    .order_by(story_table.c.id)
    .with_for_update(key_share=True)
)
_BOUND = select(
    or_(
        select(func.count()).where(articles.c.story_id == _story).scalar_subquery() > 1,
        exists().where(alerts.c.story_id == _story),
        exists().where(story_table.c.event_id == _story, story_table.c.id != _story),
        exists().where(or_(story_links.c.story_id == _story, story_links.c.other_id == _story)),
    )
)
_MOVE = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(story_id=_story, story_reason=bindparam("reason"), similarity=bindparam("alike"))
)
_MOVE_KEYS = update(story_keys).where(story_keys.c.story_id == bindparam("old")).values(story_id=_story)
_LEAVE = delete(story_table).where(story_table.c.id == bindparam("old"))
_LINKS = select(story_links.c.story_id, story_links.c.other_id).where(
    or_(story_links.c.story_id.in_(_ids), story_links.c.other_id.in_(_ids))
)


def join(tx: Tx, article_id: int, story_id: int, copy: Copy, now: datetime) -> int:
    """Bring an article of ``story_id`` to the story that it was found to be a copy of; the one it is in then.

    It moves if it is all of its story and nothing hangs on that: no alert, no
    event, no link.  Stories that rang are never merged: they are linked.
    """
    if copy.story_id is None or copy.story_id == story_id:
        return story_id
    first, last = sorted((story_id, copy.story_id))
    tx.execute(_LOCK, {"ids": [first, last]})
    if tx.execute(_BOUND, {"story": story_id}).scalar_one():
        link = {"story_id": first, "other_id": last, "similarity": copy.similarity, "at": now}
        insert_missing(tx, story_links, [link])
        return story_id
    reason = {"reason": Reason.SIMILARITY.value, "alike": copy.similarity}
    tx.execute(_MOVE, {"article": article_id, "story": copy.story_id, **reason})
    tx.execute(_MOVE_KEYS, {"old": story_id, "story": copy.story_id})
    events.forget(tx, [story_id])
    tx.execute(_LEAVE, {"old": story_id})
    stories.recount(tx, [copy.story_id])
    return copy.story_id


def linked(tx: Tx, story_ids: set[int]) -> dict[int, set[int]]:
    """For each of these stories, those that are known to be the same text."""
    found: dict[int, set[int]] = {}
    for part in chunks(sorted(story_ids)):
        for row in tx.execute(_LINKS, {"ids": part}):
            found.setdefault(row.story_id, set()).add(row.other_id)
            found.setdefault(row.other_id, set()).add(row.story_id)
    return {story: others for story, others in found.items() if story in story_ids}
