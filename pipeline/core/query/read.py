"""From the text of a query to its tree."""

from __future__ import annotations

from pipeline.core.query.tree import Query


def parse(text: str) -> Query:
    """What a query means; the same text is read once.

    Raises QueryError with the position of the fault.
    """
    raise NotImplementedError
