"""The file of a backup, opened for reading."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.core.errors import UsageError
from pipeline.store.backup import kinds, manifest
from pipeline.store.backup.manifest import Content, Manifest, NewerError

MANIFEST = "manifest.json"
_READ = 1 << 20
#: What is handed on at once, at most.
_ROWS = 1000
_BYTES = 4 << 20
#: Bytes of a manifest, of which there are a few thousand.
_MOST = 1 << 20


class Archive:
    """A backup's file; a context manager.

    Raises:
        UsageError: it cannot be read, is no backup, or was cut short.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._reading("no backup, or only the beginning of one"):
            self._zip = zipfile.ZipFile(path)
        try:
            self.manifest = self._manifest()
        except UsageError:
            self._zip.close()
            raise

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
            with (
                self._reading(f"damaged: {content.name} cannot be unpacked"),
                self._zip.open(content.member) as lines,
            ):
                while block := lines.read(_READ):
                    found += block.count(b"\n")
            if found != content.rows:
                raise self.damaged(f"{content.name} has {found} rows, not {content.rows}")

    def parts(self, content: Content, takes: Sequence[frozenset[type]]) -> Iterator[list[dict[str, Any]]]:
        """The rows of a table, by column, as many at a time as are no burden.

        ``takes`` says of each column what its values may be.

        Raises:
            UsageError: a row is none.

        """
        names, of = zip(*content.columns, strict=True)
        with (
            self._reading(f"damaged: a row of {content.name} cannot be read"),
            self._zip.open(content.member) as lines,
        ):
            part: list[dict[str, Any]] = []
            size = 0
            for line in lines:
                values = kinds.load(line, of)
                for name, value, taken in zip(names, values, takes, strict=True):
                    if type(value) not in taken:
                        raise self.damaged(f"a row of {content.name} has a wrong {name}")
                part.append(dict(zip(names, values, strict=True)))
                size += len(line)
                if len(part) == _ROWS or size > _BYTES:
                    yield part
                    part, size = [], 0
            yield part

    def damaged(self, how: str) -> UsageError:
        """What to tell of a file that cannot be restored."""
        return self._useless(f"damaged: {how}")

    def newer(self) -> UsageError:
        """What to tell of a file that this version cannot read yet."""
        return UsageError(f"{self.path} was made by a newer Tocsin: update this one first")

    def _useless(self, what: str) -> UsageError:
        return UsageError(f"{self.path} is {what}; restore another backup")

    @contextmanager
    def _reading(self, else_it_is: str) -> Iterator[None]:
        """What bytes may do to those who unpack and read them is more than can be listed."""
        try:
            yield
        except (UsageError, NewerError):
            raise
        except Exception as exc:
            if isinstance(exc, OSError) and exc.errno is not None:
                raise UsageError(f"cannot read {self.path}: {exc.strerror}") from exc
            raise self._useless(else_it_is) from exc

    def _manifest(self) -> Manifest:
        try:
            with self._reading("no backup of Tocsin"):
                if self._zip.getinfo(MANIFEST).file_size > _MOST:
                    raise self._useless("no backup of Tocsin")
                return manifest.load(self._zip.read(MANIFEST))
        except NewerError as exc:
            raise self.newer() from exc
