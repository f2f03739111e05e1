"""The file of a backup, opened for reading."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.core.errors import UsageError
from pipeline.store.backup import kinds

MANIFEST = "manifest.json"
FORMAT = 1
_READ = 1 << 20


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


class Archive:
    """A backup's file; a context manager.

    Raises:
        UsageError: it cannot be read, is no backup, or was cut short.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as exc:
            raise UsageError(f"cannot read {path}: {exc.strerror}") from exc
        except zipfile.BadZipFile as exc:
            raise UsageError(f"{path} is no backup, or only the beginning of one") from exc
        self.manifest = self._manifest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def verify(self) -> None:
        """Read all of it once.

        Raises:
            UsageError: checksums or counts do not agree.

        """
        for content in self.manifest.tables:
            found = 0
            try:
                with self._zip.open(content.member) as lines:
                    while block := lines.read(_READ):
                        found += block.count(b"\n")
            except (zipfile.BadZipFile, OSError, KeyError, EOFError) as exc:
                raise UsageError(f"{self.path} is damaged: {content.name} cannot be read") from exc
            except Exception as exc:  # zlib's error is a class of its own, below no other
                raise UsageError(f"{self.path} is damaged: {content.name} cannot be unpacked") from exc
            if found != content.rows:
                raise UsageError(
                    f"{self.path} is damaged: {content.name} has {found} rows, not {content.rows}"
                )

    def rows(self, content: Content) -> Iterator[dict[str, Any]]:
        """The rows of a table, by column."""
        names, of = zip(*content.columns, strict=True)
        with self._zip.open(content.member) as lines:
            for line in lines:
                try:
                    values = kinds.load(line, of)
                except ValueError as exc:
                    raise UsageError(f"{self.path} is damaged: a row of {content.name} is none") from exc
                yield dict(zip(names, values, strict=True))

    def _manifest(self) -> Manifest:
        try:
            said = json.loads(self._zip.read(MANIFEST))
            version = said.pop("format")
            tables = tuple(
                Content(
                    name=one["name"],
                    columns=tuple((name, of) for name, of in one["columns"]),
                    rows=one["rows"],
                )
                for one in said.pop("tables")
            )
            manifest = Manifest(**said, tables=tables)
        except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as exc:
            raise UsageError(f"{self.path} is no backup of Tocsin") from exc
        if version != FORMAT or not {of for one in tables for _, of in one.columns} <= kinds.TYPES.keys():
            raise UsageError(f"{self.path} was made by a newer Tocsin: update this one first")
        return manifest
