"""Updates as people and programs read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pipeline.core.errors import NotFoundError
from pipeline.store.engine import Tx
from pipeline.store.tables import articles, feeds, updates


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRow:
    """An update, with the article that brought the change."""

    id: int
    alert_id: int
    article_id: int
    url: str
    feed_title: str
    feed_url: str
    change: Mapping[str, Any]  # as Change.as_json gives it
    channels: int
    created_at: datetime


_SHOWN = (
    select(
        updates.c.id,
        updates.c.alert_id,
        updates.c.article_id,
        articles.c.url,
        feeds.c.title.label("feed_title"),
        feeds.c.url.label("feed_url"),
        updates.c.change,
        updates.c.channels,
        updates.c.created_at,
    )
    .join(articles, articles.c.id == updates.c.article_id)
    .join(feeds, feeds.c.id == articles.c.feed_id)
)


def rows(tx: Tx, alert_id: int) -> list[UpdateRow]:
    """The updates of an alert, the oldest first."""
    found = tx.execute(_SHOWN.where(updates.c.alert_id == alert_id).order_by(updates.c.id))
    return [UpdateRow(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy


def show(tx: Tx, update_id: int) -> UpdateRow:
    """One update.

    Raises:
        NotFoundError: there is none.

    """
    row = tx.execute(_SHOWN.where(updates.c.id == update_id)).first()
    if row is None:
        raise NotFoundError(f"there is no update {update_id}")
    return UpdateRow(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy
