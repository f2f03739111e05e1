"""What rang for a story: alerts, their deliveries, updates and what was done to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from pipeline.core.trace import ActionFact, AlertFact, DeliveryFact, UpdateFact
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import actions, alerts, articles, channels, deliveries, digests, updates

_ALERTS = (
    select(alerts, articles.c.url.label("article_url"), digests.c.kind.label("digest_kind"))
    .join(articles, articles.c.id == alerts.c.article_id)
    .outerjoin(digests, digests.c.id == alerts.c.digest_id)
    .order_by(alerts.c.id)
)
_DELIVERIES = (
    select(deliveries, channels.c.name, channels.c.state.label("channel_state"), channels.c.open_until)
    .join(channels, channels.c.id == deliveries.c.channel_id)
    .order_by(deliveries.c.id)
)
_Told = Mapping[int, Sequence[DeliveryFact]]


def alerts_of(
    tx: Tx, story_id: int, *, subscription_id: int | None = None
) -> dict[int, tuple[AlertFact, ...]]:
    """Alerts of a story by subscription, the oldest first; ``subscription_id`` asks for those of one."""
    statement = _ALERTS.where(alerts.c.story_id == story_id)
    if subscription_id is not None:
        statement = statement.where(alerts.c.subscription_id == subscription_id)
    rows = tx.execute(statement).all()
    ids = [row.id for row in rows]
    own = _deliveries(tx, "alert_id", ids)
    gathered = _deliveries(tx, "digest_id", sorted({row.digest_id for row in rows if row.digest_id}))
    changes, done = _updates(tx, ids), _actions(tx, ids)
    found: dict[int, tuple[AlertFact, ...]] = {}
    for row in rows:
        told = (*gathered.get(row.digest_id, ()), *own.get(row.id, ()))
        one = _alert(row, told, tuple(changes.get(row.id, ())), tuple(done.get(row.id, ())))
        found[row.subscription_id] = (*found.get(row.subscription_id, ()), one)
    return found


def _alert(
    row: Row[Any],
    told: tuple[DeliveryFact, ...],
    changes: tuple[UpdateFact, ...],
    done: tuple[ActionFact, ...],
) -> AlertFact:
    return AlertFact(
        id=row.id,
        article_id=row.article_id,
        article_url=row.article_url,
        created_at=row.created_at,
        words=tuple(dict.fromkeys(str(one["text"]) for one in row.matches)),
        backlog=row.backlog,
        state=row.state,
        priority=row.priority,
        disposition=row.disposition,
        held_because=row.held_because,
        held_until=row.held_until,
        follow_up=row.follow_up,
        digest_id=row.digest_id,
        digest_kind=row.digest_kind or "",
        deliveries=told,
        updates=changes,
        actions=done,
    )


def _deliveries(tx: Tx, of: str, ids: Sequence[int]) -> _Told:
    found: dict[int, list[DeliveryFact]] = defaultdict(list)
    for row in _each(tx, _DELIVERIES, deliveries.c[of], ids):
        found[row._mapping[of]].append(  # noqa: SLF001 - public in SQLAlchemy
            DeliveryFact(
                id=row.id,
                channel=row.name,
                channel_state=row.channel_state,
                open_until=row.open_until,
                state=row.state,
                attempts=row.attempts,
                last_error=row.last_error,
                next_attempt_at=row.next_attempt_at,
                delivered_at=row.delivered_at,
            )
        )
    return found


def _updates(tx: Tx, alert_ids: Sequence[int]) -> dict[int, list[UpdateFact]]:
    rows = _each(tx, select(updates).order_by(updates.c.id), updates.c.alert_id, alert_ids)
    told = _deliveries(tx, "update_id", [row.id for row in rows])
    found: dict[int, list[UpdateFact]] = defaultdict(list)
    for row in rows:
        one = UpdateFact(id=row.id, at=row.created_at, deliveries=tuple(told.get(row.id, ())))
        found[row.alert_id].append(one)
    return found


def _actions(tx: Tx, alert_ids: Sequence[int]) -> dict[int, list[ActionFact]]:
    found: dict[int, list[ActionFact]] = defaultdict(list)
    for row in _each(tx, select(actions).order_by(actions.c.id), actions.c.alert_id, alert_ids):
        one = ActionFact(at=row.at, actor=row.actor, action=row.action, detail=row.detail)
        found[row.alert_id].append(one)
    return found


def _each(tx: Tx, statement: Select[Any], column: Any, ids: Sequence[int]) -> list[Row[Any]]:  # noqa: ANN401
    return [row for part in chunks(ids) for row in tx.execute(statement.where(column.in_(part)))]
