"""The manifest of a backup: which tables are in it, from when, and of which schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.store.backup import kinds

FORMAT = 1
#: Told how far it is: a table's name, and how many of its rows are done.
Tell = Callable[[str, int], None]
#: Rows after which it is told again: some ten seconds of work.
TOLD = 50_000
_MOST_ID = (1 << 63) - 1


class NewerError(ValueError):
    """A manifest of a form that this version does not know yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One table in a backup: its columns, as pairs of a name and a kind, and how many rows there are."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: int

    @property
    def member(self) -> str:
        """Where the rows stand in the archive."""
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds; ``ids`` are the last ones given out, by table."""

    revision: str  # of the schema
    made_at: str
    tables: tuple[Content, ...]
    ids: dict[str, int]

    def dump(self) -> bytes:
        """As it stands in the archive."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()


def load(data: bytes) -> Manifest:
    """The manifest that ``data`` is.

    Raises:
        NewerError: it is of a form, or has a kind of column, that is not known here.
        ValueError: it is no manifest.

    """
    match json.loads(data):
        case {"format": int() as version} if version > FORMAT:
            raise NewerError
        case {
            "format": int(),
            "revision": str() as revision,
            "made_at": str() as made_at,
            "tables": [*tables],
            "ids": dict() as ids,
        }:
            datetime.fromisoformat(made_at)
            read = tuple(map(_content, tables))
            _once([one.name for one in read])
            if not all(isinstance(last, int) and 0 <= last <= _MOST_ID for last in ids.values()):
                raise ValueError("ids that are none")
            return Manifest(revision=revision, made_at=made_at, tables=read, ids=ids)
    raise ValueError("no manifest")


def _content(said: object) -> Content:
    match said:
        case {"name": str() as name, "columns": [*columns], "rows": int() as rows} if columns:
            read = tuple(map(_column, columns))
            _once([column for column, _ in read])
            return Content(name=name, columns=read, rows=rows)
    raise ValueError("no table")


def _column(said: object) -> tuple[str, str]:
    match said:
        case [str() as name, str() as kind]:
            if kind not in kinds.TYPES:
                raise NewerError
            return name, kind
    raise ValueError("no column")


def _once(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValueError("a name that comes twice")
