"""Columns in a backup: five kinds of values, the same on both databases."""

from __future__ import annotations

import json
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    type_coerce,
)
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.types import NullType, TypeEngine

from pipeline.store.tables.columns import Json
from pipeline.store.types import Moment, Packed, PackedText

#: What is not worth keeping, or is made again: living processes, SQLite's counters, the schema's number.
_LEFT_OUT = frozenset({"processes", "counters", "alembic_version"})
_INDEX = "article_index"  # SQLite has further tables for it, by longer names
#: How a column of each kind is written to a database.
TYPES: dict[str, TypeEngine[Any]] = {
    "moment": Moment(),
    "bytes": LargeBinary(),
    "json": Json,
    "flag": Boolean(),
    "plain": NullType(),  # numbers and texts
}
#: By a column's type in a database: which values a column of a kind has there.
_VALUES: tuple[tuple[str, type[TypeEngine[Any]], tuple[type, ...]], ...] = (
    ("moment", DateTime, (datetime,)),
    ("moment", Integer, (datetime,)),
    ("bytes", LargeBinary, (bytes,)),
    ("json", JSON, (dict, list, str, int, float, bool)),
    ("flag", Boolean, (bool,)),
    ("plain", Integer, (int,)),
    ("plain", Float, (float, int)),
    ("plain", String, (str,)),
)
_TO_TEXT: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.isoformat,
    "bytes": lambda value: b64encode(value).decode("ascii"),
}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment of no zone")
    return moment


_FROM_TEXT: dict[str, Callable[[Any], Any]] = {
    "moment": _moment,
    "bytes": lambda text: a2b_base64(text, strict_mode=True),
}


def kept(table: str) -> bool:
    """Whether the rows of a table are in a backup."""
    return table not in _LEFT_OUT and not table.startswith(_INDEX)


def kind(column: Column[Any]) -> str:
    """What a column holds, as a backup calls it."""
    match column.type:
        case Moment():
            return "moment"
        case Packed() | PackedText() | LargeBinary():
            return "bytes"
        case Boolean():
            return "flag"
    return "json" if column.type is Json else "plain"


def selected(column: Column[Any]) -> ColumnElement[Any]:
    """The column as a backup reads it: what is kept compressed stays so."""
    return type_coerce(column, LargeBinary).label(column.name) if kind(column) == "bytes" else column


def values(of: str, column: ReflectedColumn) -> frozenset[type]:
    """Which values a database's column takes from a column of this kind; none where the kinds are not one."""
    taken = {
        one
        for kind_, type_, types in _VALUES
        if kind_ == of and isinstance(column["type"], type_)
        for one in types
    }
    return frozenset(taken | {type(None)}) if taken and column["nullable"] else frozenset(taken)


def dump(row: Sequence[Any], kinds: Sequence[str]) -> bytes:
    """A row as a line."""
    values = [_via(_TO_TEXT, of, value) for value, of in zip(row, kinds, strict=True)]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(line: bytes, kinds: Sequence[str]) -> list[Any]:
    """A line as a row.

    Raises:
        ValueError, TypeError, RecursionError: it is no such row.

    """
    return [_via(_FROM_TEXT, of, value) for value, of in zip(json.loads(line), kinds, strict=True)]


def _via(ways: dict[str, Callable[[Any], Any]], of: str, value: object) -> object:
    return value if value is None or of not in ways else ways[of](value)
