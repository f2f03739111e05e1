"""Versions: the text that an article had goes to its revisions, and the alerts that told it go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, insert, select, update

from pipeline.core.dedupe import Decision
from pipeline.core.outlet import agency_of, outlet_of
from pipeline.store.articles.draft import Draft, Texts
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import alerts, articles, revisions

_REPLACE = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(
        title=bindparam("title"),
        summary=bindparam("summary"),
        body=bindparam("body"),
        html=bindparam("html"),
        author=bindparam("author"),
        language=bindparam("language"),
        tags=bindparam("tags"),
        published_at=func.coalesce(
            bindparam("published_at", type_=articles.c.published_at.type), articles.c.published_at
        ),
        content_hash=bindparam("content_hash"),
        agency=bindparam("agency"),
        updated_at=bindparam("updated_at"),
    )
)
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_TEXTS = select(articles.c.id, articles.c.title, articles.c.summary, articles.c.body).where(
    articles.c.id.in_(_ids)
)
_ON_CURRENT = (
    select(alerts.c.id, alerts.c.article_id, alerts.c.matches)
    .where(alerts.c.article_id.in_(_ids), alerts.c.revision_id.is_(None))
    .order_by(alerts.c.id)
)
_MOVE = update(alerts).where(alerts.c.id == bindparam("alert")).values(revision_id=bindparam("revision"))


def revise(tx: Tx, made: Draft, now: datetime) -> None:
    """Keep every text of the batch that is not an article's current one, and replace the stored ones."""
    revised = made.revised()
    stored = texts(tx, [one.id for one in revised])
    rows = [
        {
            "id": one.id,
            "article_id": one.article_id,
            "at": now,
            "feed_id": one.plan.decision.item.feed_id,
            "reason": one.reason,
            "raw_item_id": one.plan.decision.item.id,
            **_columns(one.texts or stored[one.article_id]),
        }
        for one in made.revisions
    ]
    tx.many(insert(revisions), rows)
    kept = {one.article_id: one.id for one in made.revisions if one.texts is None}
    move_alerts(tx, kept)
    tx.many(
        _REPLACE,
        [
            {"article": one.id, **text_columns(one.last.decision, now)}
            for one in sorted(revised, key=lambda one: one.id)
            if one.last
        ],
    )


def texts(tx: Tx, article_ids: Sequence[int]) -> dict[int, Texts]:
    """The current texts of articles, as stored."""
    return {
        row.id: Texts(row.title, row.summary, row.body)
        for part in chunks(sorted(article_ids))
        for row in tx.execute(_TEXTS, {"ids": part})
    }


def move_alerts(tx: Tx, revision_of: Mapping[int, int], *, field: str | None = None) -> None:
    """Point alerts on articles' current texts to the revisions that have these from now on, by article.

    Where only ``field`` has changed, alerts without words in it stay with the current text.
    """
    moves: list[dict[str, Any]] = []
    for part in chunks(sorted(revision_of)):
        moves += [
            {"alert": row.id, "revision": revision_of[row.article_id]}
            for row in tx.execute(_ON_CURRENT, {"ids": part})
            if field is None or any(match["field"] == field for match in row.matches)
        ]
    tx.many(_MOVE, moves)


def text_columns(decision: Decision, now: datetime) -> dict[str, Any]:
    """The columns of an article that its current version sets."""
    entry = decision.entry
    outlet = outlet_of(entry.url, decision.item.feed_url)
    return {
        "title": entry.title,
        "summary": entry.summary,
        "body": entry.body,
        "html": entry.html,
        "author": entry.author,
        "language": entry.language,
        "tags": list(entry.tags),
        "published_at": entry.published_at,
        "content_hash": entry.content_hash,
        "agency": agency_of(outlet, entry.author, entry.title, entry.summary, entry.body),
        "updated_at": now,
    }


def _columns(one: Texts) -> dict[str, str]:
    return {"title": one.title, "summary": one.summary, "body": one.body}
