"""Stories: copies of the same text, with how many articles and sources tell them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, distinct, func, insert, select, update

from pipeline.store.articles import events
from pipeline.store.articles.draft import Draft, Plan
from pipeline.store.articles.events import Founded
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert_missing
from pipeline.store.tables import article_feeds, articles, feeds, stories, story_keys

_of_story = articles.c.story_id == stories.c.id
_COUNT = (
    update(stories)
    .where(stories.c.id == bindparam("story"))
    .values(
        article_count=select(func.count()).select_from(articles).where(_of_story).scalar_subquery(),
        source_count=select(func.count(distinct(feeds.c.host)))
        .select_from(articles)
        .join(article_feeds, article_feeds.c.article_id == articles.c.id)
        .join(feeds, feeds.c.id == article_feeds.c.feed_id)
        .where(_of_story)
        .scalar_subquery(),
    )
)
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_LOCK = (
    select(stories.c.id).where(stories.c.id.in_(_ids)).order_by(stories.c.id).with_for_update(key_share=True)
)
_INSERT = insert(stories)
_INSERT_KEY = insert(story_keys)
_TOLD = (
    update(stories)
    .where(stories.c.id == bindparam("story"))
    .values(last_seen_at=bindparam("now", type_=stories.c.last_seen_at.type))
)
_SEEN = (
    update(story_keys)
    .where(story_keys.c.text_key == bindparam("text"))
    .values(seen_at=bindparam("now", type_=story_keys.c.seen_at.type))
)


def found(tx: Tx, made: Draft, now: datetime) -> None:
    """Make the batch's new stories, each in its event, with one article from one feed as most have."""
    fresh = {"created_at": now, "last_seen_at": now, "article_count": 1, "source_count": 1}
    joined = events.judge(tx, _founded(made, now), now)
    tx.many(_INSERT, [{"id": one.story_id, "event_id": one.event_id, **fresh} for one in joined])
    events.keep(tx, joined)


def _founded(made: Draft, now: datetime) -> list[Founded]:
    """The new stories, each as its first article tells it."""
    founders: dict[int, Plan] = {}
    for plan, story_id in zip(made.plans, made.story_ids, strict=True):
        founders.setdefault(story_id, plan)
    return [
        Founded(
            story_id=id_,
            telling=founders[id_].telling,
            at=min(now, founders[id_].decision.entry.published_at or now),
        )
        for id_ in made.stories
    ]


def count(tx: Tx, made: Draft, fresh: Mapping[int, AbstractSet[int]], now: datetime) -> None:
    """Note the texts of stories, and count anew those that gained an article or a source.

    ``fresh`` names the feeds that list an article from now on.
    """
    _note_texts(tx, made, now)
    gained: Counter[int] = Counter()
    for article_id, feed_ids in fresh.items():
        gained[made.articles[article_id].story_id] += len(feed_ids)
    before = sorted(gained.keys() - set(made.stories))
    recount(tx, before)
    tx.many(_COUNT, [{"story": id_} for id_ in made.stories if gained[id_] > 1])
    tx.many(_TOLD, [{"story": id_, "now": now} for id_ in before])


def recount(tx: Tx, ids: Sequence[int]) -> None:
    """Count anew the articles and sources of stories, given in order."""
    for part in chunks(ids):
        # The count is a statement of its own after the lock: it sees what others committed meanwhile.
        tx.execute(_LOCK, {"ids": part})
    tx.many(_COUNT, [{"story": id_} for id_ in ids])


def _note_texts(tx: Tx, made: Draft, now: datetime) -> None:
    """Later copies of each current text join its story."""
    known = {one.decision.entry.text_key for one in made.plans if one.decision.story_id is not None}
    texts: dict[bytes, int] = {}
    for one in made.articles.values():
        if one.last is not None and (text := one.last.decision.entry.text_key) is not None:
            texts.setdefault(text, one.story_id)
    rows: list[dict[str, Any]] = [
        {"text_key": text, "story_id": story, "seen_at": now} for text, story in sorted(texts.items())
    ]
    founding = [row for row in rows if row["text_key"] not in known]
    joining = [row for row in rows if row["text_key"] in known]
    tx.many(_INSERT_KEY, founding)
    insert_missing(tx, story_keys, joining)
    tx.many(_SEEN, [{"text": row["text_key"], "now": now} for row in joining])
