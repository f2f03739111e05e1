"""Column types that read the same on both databases."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, types
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: A 64-bit id; SQLite wants the word INTEGER to make it the row id.
Id = BigInteger().with_variant(Integer, "sqlite")


def micros(moment: datetime) -> int:
    """Microseconds since 1970, which is how SQLite keeps a moment."""
    return (moment - _EPOCH) // _MICROSECOND


class Moment(types.TypeDecorator[datetime]):
    """An aware UTC datetime: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        if value is None or dialect.name == "postgresql":
            return value
        return micros(value)

    def process_result_value(self, value: datetime | int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + value * _MICROSECOND


class Packed(types.TypeDecorator[bytes]):
    """Bytes, kept compressed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else zlib.compress(value, 1)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else zlib.decompress(value)


class PackedText(types.TypeDecorator[str]):
    """Text, kept compressed; the empty text takes no room."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        return zlib.compress(value.encode(), 1) if value else b""

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return zlib.decompress(value).decode() if value else ""
