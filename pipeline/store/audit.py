"""The account: what came in is what is kept, row by row."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that does not add up."""

    table: str
    id: int
    sentence: str


def check(tx: Tx) -> list[Fault]:
    """Every row that does not add up; none when all is well."""
    raise NotImplementedError
