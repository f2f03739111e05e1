"""A kind of rows that is forgotten: found without holding anything, then taken and deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, select

from pipeline.store.engine import Tx
from pipeline.store.sql import chunks


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows by ``at``, which an index is in the order of, as far as ``where`` holds.

    Where ``touched`` is a column, both moments must be past.
    """

    name: str
    at: Column[datetime]
    where: tuple[ColumnElement[bool], ...]
    delete: Callable[[Tx, Sequence[int]], None]
    touched: Column[datetime] | None = None

    def find(
        self, tx: Tx, before: datetime, batch: int, after: datetime | None
    ) -> list[tuple[int, datetime]]:
        """Up to ``batch`` rows as pairs of an id and ``at``, the oldest first, from ``after`` on."""
        found = select(self.at.table.c.id, self.at.label("at")).where(self.at < before, *self._where(before))
        if after is not None:  # what went before leaves holes that would be gone through again
            found = found.where(self.at >= after)
        return [(row.id, row.at) for row in tx.execute(found.order_by(self.at).limit(batch))]

    def forget(self, tx: Tx, ids: Sequence[int], before: datetime) -> int:
        """Delete those of ``ids`` of which it still holds, and that nobody has in hand; how many went."""
        key = self.at.table.c.id
        gone = 0
        for part in chunks(ids):
            held = select(key).where(key.in_(part), *self._where(before)).order_by(key)
            taken = tx.execute(held.with_for_update(skip_locked=True)).scalars().all()
            self.delete(tx, taken)
            gone += len(taken)
        return gone

    def _where(self, before: datetime) -> tuple[ColumnElement[bool], ...]:
        return self.where if self.touched is None else (*self.where, self.touched < before)
