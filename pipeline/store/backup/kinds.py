"""Columns in a backup: five kinds of values, the same on both databases."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, LargeBinary, type_coerce
from sqlalchemy.types import NullType, TypeEngine

from pipeline.store.tables.columns import Json
from pipeline.store.types import Moment, Packed, PackedText

#: How a column of each kind is written to a database.
TYPES: dict[str, TypeEngine[Any]] = {
    "moment": Moment(),
    "bytes": LargeBinary(),
    "json": Json,
    "flag": Boolean(),
    "plain": NullType(),  # numbers and texts
}
_TO_TEXT: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.isoformat,
    "bytes": lambda value: b64encode(value).decode("ascii"),
}
_FROM_TEXT: dict[str, Callable[[Any], Any]] = {"moment": datetime.fromisoformat, "bytes": b64decode}


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


def dump(row: Sequence[Any], kinds: Sequence[str]) -> bytes:
    """A row as a line."""
    values = [_via(_TO_TEXT, of, value) for value, of in zip(row, kinds, strict=True)]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(line: bytes, kinds: Sequence[str]) -> list[Any]:
    """A line as a row.

    Raises:
        ValueError: it is no such row.

    """
    return [_via(_FROM_TEXT, of, value) for value, of in zip(json.loads(line), kinds, strict=True)]


def _via(ways: dict[str, Callable[[Any], Any]], of: str, value: object) -> object:
    return value if value is None or of not in ways else ways[of](value)
