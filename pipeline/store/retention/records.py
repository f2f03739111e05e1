"""Old versions of articles, what was done to alerts, and what is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Table, delete, exists, or_

from pipeline.store.engine import Tx
from pipeline.store.retention.articles import forget_deliveries
from pipeline.store.retention.kind import Kind
from pipeline.store.sql import word
from pipeline.store.tables import (
    actions,
    alerts,
    dead_letters,
    deliveries,
    notices,
    raw_items,
    revisions,
    updates,
)


def _rows_of(table: Table) -> Callable[[Tx, Sequence[int]], None]:
    """Deletes rows that nothing else is about."""

    def forget_rows(tx: Tx, ids: Sequence[int]) -> None:
        tx.execute(delete(table).where(table.c.id.in_(ids)))

    return forget_rows


def _forget_notices(tx: Tx, ids: Sequence[int]) -> None:
    forget_deliveries(tx, deliveries.c.notice_id.in_(ids))
    tx.execute(delete(notices).where(notices.c.id.in_(ids)))


#: Versions that no alert or update has told, and whose raw items are gone.
REVISIONS = Kind(
    "revisions",
    revisions.c.at,
    (
        ~or_(
            exists().where(alerts.c.revision_id == revisions.c.id),
            exists().where(updates.c.revision_id == revisions.c.id),
        ),
        ~exists().where(raw_items.c.id == revisions.c.raw_item_id),
    ),
    _rows_of(revisions),
)
ACTIONS = Kind("actions", actions.c.at, (), _rows_of(actions))
NOTICES = Kind(
    "notices",
    notices.c.resolved_at,
    (
        notices.c.resolved_at.is_not(None),
        ~exists().where(deliveries.c.notice_id == notices.c.id, deliveries.c.state == word("pending")),
    ),
    _forget_notices,
)
DEAD_LETTERS = Kind(
    "dead letters",
    dead_letters.c.created_at,
    (dead_letters.c.state.in_((word("replayed"), word("expired"))),),
    _rows_of(dead_letters),
)
