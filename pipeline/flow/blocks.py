"""Blocks: a host that refuses our requests for pages is told to the operator, and left alone."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from pipeline.core.page.refusal import rest
from pipeline.flow.ground import Ground, log
from pipeline.store import blocks
from pipeline.store.engine import Tx

#: A page that cannot be fetched is tried this often; the article keeps its feed's text.
FETCHES = 4


def turned_away(tx: Tx, ground: Ground, *, page_id: int, host: str, text: str, sure: bool) -> datetime | None:
    """``host`` refused a page; until when it is left alone, or None where it may be asked on.

    ``sure`` is a refusal that is meant for robots, not for this page.
    """
    block = blocks.refuse(
        tx, page_id=page_id, host=host, text=text, rest=partial(rest, sure=sure), now=ground.clock()
    )
    if block.until is not None:
        log.warning("host.refuses", host=host, refusals=block.refusals, until=block.until.isoformat())
    return block.until


def welcome(tx: Tx, host: str) -> None:
    """``host`` gave a page: whatever was noted of refusals is over."""
    if blocks.clear(tx, host):
        log.info("host.gives", host=host)
