"""Dead letters: what failed for good, by stage, with its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, select, update

from pipeline.core.errors import NotFoundError
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks, word
from pipeline.store.tables import dead_letters

#: What can fail for good, in the order of the way.
STAGES = ("ingest", "page", "deliver")

_refs: BindParameter[Any] = bindparam("refs", expanding=True)
_CLOSE = (
    update(dead_letters)
    .where(
        dead_letters.c.stage == bindparam("of"),
        dead_letters.c.ref_id.in_(_refs),
        dead_letters.c.state == word("open"),
    )
    .values(state=bindparam("closed"))
)
_CAUSE_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """What failed: a raw item (``ingest``), a page (``page``) or a delivery (``deliver``)."""

    id: int
    stage: str
    ref_id: int
    feed_id: int | None
    cause: str
    created_at: datetime
    state: str  # open, replayed, or expired with what it names


def rows(
    tx: Tx, *, stage: str | None = None, state: str | None = "open", limit: int | None = None
) -> list[DeadLetter]:
    """Dead letters, the newest first; ``state`` None means all."""
    statement = select(dead_letters).order_by(dead_letters.c.id.desc()).limit(limit)
    if stage is not None:
        statement = statement.where(dead_letters.c.stage == stage)
    if state is not None:
        statement = statement.where(dead_letters.c.state == state)
    return [DeadLetter(**row._mapping) for row in tx.execute(statement)]  # noqa: SLF001 - public in SQLAlchemy


def get(tx: Tx, letter_id: int) -> DeadLetter:
    """One dead letter.

    Raises:
        NotFoundError: there is none.

    """
    row = tx.execute(select(dead_letters).where(dead_letters.c.id == letter_id)).first()
    if row is None:
        raise NotFoundError(f"there is no dead letter {letter_id}")
    return DeadLetter(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy


def mark(tx: Tx, letter_id: int, state: str) -> None:
    """Set the state of one dead letter."""
    tx.execute(update(dead_letters).where(dead_letters.c.id == letter_id).values(state=state))


def put(tx: Tx, stage: str, refs: Mapping[int, int | None], *, cause: str, now: datetime) -> None:
    """A dead letter for each of ``refs``: id of what failed, and of the feed that it came from."""
    tx.many(
        insert(dead_letters),
        [
            {
                "id": id_,
                "stage": stage,
                "ref_id": ref,
                "feed_id": feed,
                "cause": cause[:_CAUSE_CHARS],
                "created_at": now,
                "state": "open",
            }
            for id_, (ref, feed) in zip(reserve(tx, "dead_letters", len(refs)), refs.items(), strict=True)
        ],
    )


def replayed(tx: Tx, stage: str, refs: Sequence[int]) -> None:
    """What they name is tried anew."""
    _close(tx, stage, refs, "replayed")


def expired(tx: Tx, stage: str, refs: Sequence[int]) -> None:
    """What they name is no longer kept."""
    _close(tx, stage, refs, "expired")


def _close(tx: Tx, stage: str, refs: Sequence[int], state: str) -> None:
    for part in chunks(sorted(refs)):
        tx.execute(_CLOSE, {"of": stage, "refs": part, "closed": state})
