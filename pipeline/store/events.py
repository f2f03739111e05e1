"""Events: stories that tell the same news, and from how many outlets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, bindparam, distinct, func, select

from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import article_feeds, articles, feeds, stories

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_INDEPENDENT = (
    select(stories.c.event_id, func.count(distinct(feeds.c.host)).label("number"))
    .join_from(stories, articles, articles.c.story_id == stories.c.id)
    .join(article_feeds, article_feeds.c.article_id == articles.c.id)
    .join(feeds, feeds.c.id == article_feeds.c.feed_id)
    .where(stories.c.event_id.in_(_ids))
    .group_by(stories.c.event_id)
)


def independent(tx: Tx, event_ids: Collection[int]) -> dict[int, int]:
    """How many independent outlets tell of each event."""
    return {
        row.event_id: row.number
        for part in chunks(sorted(event_ids))
        for row in tx.execute(_INDEPENDENT, {"ids": part})
    }
