"""Texts that are made once, by whichever process is first, and then stay the same for all."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.store.engine import Tx
from pipeline.store.tables import keepsakes


def read(tx: Tx, key: str) -> str | None:
    """What is kept under ``key``."""
    found = tx.execute(select(keepsakes.c.value).where(keepsakes.c.key == key)).scalar_one_or_none()
    return None if found is None else str(found)


def keep(tx: Tx, key: str, value: str) -> str:
    """Keep ``value`` under ``key`` unless something is kept there already; return what is."""
    insert = sqlite.insert if tx.sqlite else postgresql.insert
    tx.execute(insert(keepsakes).values(key=key, value=value).on_conflict_do_nothing())
    kept = read(tx, key)
    if kept is None:
        raise AssertionError(f"{key} was kept and is not there")
    return kept
