"""Raw items, what pages were made of, and polls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import bindparam, delete, exists, update

from pipeline.store import dead_letters
from pipeline.store.engine import Tx
from pipeline.store.retention.kind import Kind
from pipeline.store.sql import word
from pipeline.store.tables import pages, polls, raw_items

_PURGED = (
    update(polls).where(polls.c.id == bindparam("poll")).values(purged=polls.c.purged + bindparam("number"))
)
_EMPTY = ~exists().where(raw_items.c.poll_id == polls.c.id)


def _delete_items(tx: Tx, ids: Sequence[int]) -> None:
    """Their polls count them as purged; the dead letters of dead ones are expired."""
    gone = delete(raw_items).where(raw_items.c.id.in_(ids)).returning(raw_items.c.poll_id)
    per_poll = Counter(tx.execute(gone).scalars())
    tx.many(_PURGED, [{"poll": poll, "number": number} for poll, number in sorted(per_poll.items())])
    tx.execute(update(polls).where(polls.c.id.in_(sorted(per_poll)), _EMPTY).values(head=None, tail=None))
    dead_letters.expired(tx, "ingest", ids)


def _delete_bodies(tx: Tx, ids: Sequence[int]) -> None:
    """The rows of pages stay, without their bytes."""
    mine = pages.c.id.in_(ids)
    tx.execute(update(pages).where(mine).values(body=None))
    tx.execute(update(pages).where(mine, pages.c.state == word("dead")).values(state="skipped"))
    dead_letters.expired(tx, "page", ids)


def _delete_polls(tx: Tx, ids: Sequence[int]) -> None:
    tx.execute(delete(polls).where(polls.c.id.in_(ids)))


ITEMS = Kind("raw items", raw_items.c.fetched_at, (raw_items.c.state == word("done"),), _delete_items)
DEAD_ITEMS = Kind(
    "dead raw items", raw_items.c.fetched_at, (raw_items.c.state == word("dead"),), _delete_items
)
POLLS = Kind("polls", polls.c.at, (_EMPTY,), _delete_polls)
BODIES = Kind(
    "page bodies",
    pages.c.fetched_at,
    (
        pages.c.state.in_((word("done"), word("skipped"), word("dead"))),
        pages.c.body.is_not(None),
    ),
    _delete_bodies,
)
