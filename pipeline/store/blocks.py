"""Blocks: hosts that refuse us their pages, and how long they are left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from pipeline.store import warnings
from pipeline.store.engine import Tx
from pipeline.store.sql import insert, word
from pipeline.store.tables import articles, blocks, feed_warnings, pages

#: The word of a feed's warning that a host of its pages refuses us.
BLOCKED = "blocked"
_TEXT_CHARS = 300
_FORGOTTEN = timedelta(days=30)
_WAITED = 3  # rests that pages wait for, before they are given up
_DUE = pages.c.state == word("due")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A host that refuses; ``until`` is None as long as it is not left alone yet."""

    host: str
    text: str
    since: datetime
    last_at: datetime
    refusals: int  # in a row
    rests: int
    until: datetime | None


def find(tx: Tx, host: str) -> Block | None:
    """What is known of a host's refusals."""
    row = tx.execute(select(blocks).where(blocks.c.host == host)).first()
    return None if row is None else Block(**row._mapping)  # noqa: SLF001 - public in SQLAlchemy


def rows(tx: Tx) -> list[Block]:
    """The hosts that are left alone, or are to be tried again, in the order of their names."""
    found = tx.execute(select(blocks).where(blocks.c.until.is_not(None)).order_by(blocks.c.host))
    return [Block(**row._mapping) for row in found]  # noqa: SLF001 - public in SQLAlchemy


def refuse(
    tx: Tx,
    *,
    page_id: int,
    host: str,
    text: str,
    rest: Callable[[int, int], timedelta | None],
    now: datetime,
) -> Block:
    """Note that ``host`` refused a page; what is known of it then.

    ``rest`` tells, by the number of refusals in a row and that of the rests so far,
    for how long the host is left alone, or None.  Its pages that are due wait
    for the end of that, and the feed of the page is marked for its operator.
    After a few rests nobody waits for these pages any more.
    """
    before = find(tx, host)
    if before is not None and before.until is not None and before.until > now:
        return before  # asked before it was known to refuse
    refusals, rests = (before.refusals + 1, before.rests) if before else (1, 0)
    span = rest(refusals, rests)
    block = Block(
        host=host,
        text=text[:_TEXT_CHARS],
        since=before.since if before else now,
        last_at=now,
        refusals=refusals,
        rests=rests + (span is not None),
        until=None if span is None else now + span,
    )
    _keep(tx, block)
    if span is not None:
        _hold_back(tx, block)
        _warn(tx, page_id, block, now)
    return block


def clear(tx: Tx, host: str) -> bool:
    """``host`` gives pages again; whether it was known to refuse them."""
    if not tx.execute(delete(blocks).where(blocks.c.host == host)).rowcount:
        return False
    of_host = feed_warnings.c.text.startswith(_told(host), autoescape=True)
    tx.execute(delete(feed_warnings).where(feed_warnings.c.word == word(BLOCKED), of_host))
    return True


def _hold_back(tx: Tx, block: Block) -> None:
    """The pages of the host that are due wait for the end of its rest, or are given up."""
    waiting = update(pages).where(pages.c.host == block.host, _DUE)
    if block.rests > _WAITED:
        given_up = {"state": "skipped", "lease_until": None, "reason": BLOCKED}
        tx.execute(waiting.values(**given_up, error=f"{BLOCKED}: {block.host} refuses article pages"))
    else:
        tx.execute(waiting.where(pages.c.due_at < block.until).values(due_at=block.until))


def _keep(tx: Tx, block: Block) -> None:
    values = {name: getattr(block, name) for name in Block.__dataclass_fields__}
    statement = insert(tx.sqlite, blocks)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[blocks.c.host],
            set_={name: statement.excluded[name] for name in values if name != "host"},
        ),
        values,
    )
    tx.execute(delete(blocks).where(blocks.c.last_at < block.last_at - _FORGOTTEN))


def _warn(tx: Tx, page_id: int, block: Block, now: datetime) -> None:
    of_page = select(articles.c.feed_id).join(pages, pages.c.article_id == articles.c.id)
    feed_id = tx.execute(of_page.where(pages.c.id == page_id)).scalar()
    if feed_id is not None:
        text = f"{_told(block.host)} ({block.text}); asked again {block.until:%Y-%m-%d %H:%M} UTC"
        warnings.warn(tx, feed_id, BLOCKED, text, now)


def _told(host: str) -> str:
    return f"{host} refuses article pages"
