"""By what texts and stories are found while they are news: it goes when nothing is compared with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from pipeline.store.articles import copies, events
from pipeline.store.engine import Tx
from pipeline.store.tables import tellings


class Keys:
    """The keys of texts whose copies could not join their story any more, by article."""

    name = "keys"

    @staticmethod
    def find(tx: Tx, before: datetime, batch: int, after: datetime | None) -> list[tuple[int, datetime]]:  # noqa: ARG004 - as every kind
        """Up to ``batch`` articles."""
        return [(id_, before) for id_ in copies.expired(tx, before, batch)]

    @staticmethod
    def forget(tx: Tx, ids: Sequence[int], before: datetime) -> int:  # noqa: ARG004 - as every kind
        """Forget the keys of these articles; of how many."""
        copies.forget(tx, ids)
        return len(ids)


class Tellings:
    """What stories tell with which new ones are no longer compared, by story."""

    name = "tellings"

    @staticmethod
    def find(tx: Tx, before: datetime, batch: int, after: datetime | None) -> list[tuple[int, datetime]]:  # noqa: ARG004 - as every kind
        """Up to ``batch`` stories."""
        found = select(tellings.c.story_id.label("id"), tellings.c.at).where(tellings.c.at < before)
        return [(row.id, row.at) for row in tx.execute(found.order_by(tellings.c.at).limit(batch))]

    @staticmethod
    def forget(tx: Tx, ids: Sequence[int], before: datetime) -> int:  # noqa: ARG004 - as every kind
        """Compare nothing with these stories any more; how many these are."""
        events.forget(tx, ids)
        return len(ids)
