"""New updates, with the deliveries that tell them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update

from pipeline.core.change import Change
from pipeline.store import outbox
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.outbox import Parcel
from pipeline.store.sql import chunks, insert_missing
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import alerts, deliveries, updates


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpdate:
    """A material change that an alert's channels are to be told of."""

    alert_id: int
    subscription_id: int
    article_id: int
    revision_id: int | None  # the version before; None: the article came with the change
    change: Change
    held: bool  # its alert is: so is the update, until that is released


_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_MADE = select(updates.c.id).where(updates.c.id.in_(_ids))
_UNTOLD = (
    select(updates.c.id, alerts.c.subscription_id)
    .join(alerts, alerts.c.id == updates.c.alert_id)
    .where(
        updates.c.alert_id.in_(_ids),
        ~select(deliveries.c.id).where(deliveries.c.update_id == updates.c.id).exists(),
    )
    .order_by(updates.c.id)
)
_COUNT = update(updates).where(updates.c.id == bindparam("update")).values(channels=bindparam("many"))


def put(tx: Tx, news: Sequence[NewUpdate], now: datetime) -> list[int]:
    """Write updates that do not exist yet; ids of the deliveries that tell them."""
    channels = channels_of(tx, {one.subscription_id for one in news if not one.held}) if news else {}
    rows: list[dict[str, Any]] = [
        {
            "id": id_,
            "alert_id": one.alert_id,
            "article_id": one.article_id,
            "revision_id": one.revision_id,
            "change_key": one.change.key,
            "change": one.change.as_json(),
            "channels": 0 if one.held else len(channels.get(one.subscription_id, ())),
            "created_at": now,
        }
        for id_, one in zip(reserve(tx, "updates", len(news)), news, strict=True)
    ]
    insert_missing(tx, updates, rows)
    ids = [row["id"] for row in rows]
    made = {id_ for part in chunks(ids) for id_ in tx.execute(_MADE, {"ids": part}).scalars()}
    parcels = [
        Parcel(update_id=id_, channel_id=channel_id)
        for id_, one in zip(ids, news, strict=True)
        if id_ in made and not one.held
        for channel_id in channels.get(one.subscription_id, ())
    ]
    return outbox.put(tx, parcels, now=now, enqueued=True)


def release(tx: Tx, alert_ids: Collection[int], now: datetime) -> list[int]:
    """Tell the updates that waited with these alerts; ids of their deliveries."""
    found = [row for part in chunks(sorted(alert_ids)) for row in tx.execute(_UNTOLD, {"ids": part})]
    channels = channels_of(tx, {row.subscription_id for row in found}) if found else {}
    parcels = []
    for row in found:
        its = channels.get(row.subscription_id, ())
        parcels += [Parcel(update_id=row.id, channel_id=channel_id) for channel_id in its]
        tx.execute(_COUNT, {"update": row.id, "many": len(its)})
    return outbox.put(tx, parcels, now=now, enqueued=True)
