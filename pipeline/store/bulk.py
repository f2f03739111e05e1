"""Many rows at once: PostgreSQL takes them as one JSON array, which costs less than a statement for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Table, Text, bindparam, cast, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.selectable import TableValuedAlias

from pipeline.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Bulk:
    """A statement over rows that all have the same columns, none of them bytes."""

    columns: tuple[str, ...]
    _each: Executable  # for each row
    _all: Executable  # for all of them

    def run(self, tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it for ``rows``, each with a value for every column and perhaps more; none at all is fine."""
        picked = [{name: row[name] for name in self.columns} for row in rows]
        if tx.sqlite:
            tx.many(self._each, picked)
        elif picked:
            tx.execute(self._all, {"rows": json.dumps(picked, default=datetime.isoformat)})


def inserting(table: Table, columns: Sequence[str]) -> Bulk:
    """Insert rows."""
    given = _given(table, {name: name for name in columns})
    together = insert(table).from_select(list(columns), select(given), include_defaults=False)
    return Bulk(tuple(columns), insert(table), together)


def setting(table: Table, columns: Sequence[str], *, of: str) -> Bulk:
    """Set columns of rows whose ids are given as ``of``."""
    given = _given(table, {of: "id"} | {name: name for name in columns})
    each = (
        update(table).where(table.c.id == bindparam(of)).values({name: bindparam(name) for name in columns})
    )
    together = (
        update(table).where(table.c.id == given.c[of]).values({name: given.c[name] for name in columns})
    )
    return Bulk((of, *columns), each, together)


def _given(table: Table, columns: Mapping[str, str]) -> TableValuedAlias:
    """The rows as a table; what they call a column may differ from its name."""
    listed = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON)).table_valued(
        *(column(name, table.c[own].type) for name, own in columns.items())
    )
    return listed.render_derived(name="given", with_types=True)
