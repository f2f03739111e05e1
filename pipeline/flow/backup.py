"""Backup and restore: the whole of what is kept, to a file and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from pipeline.core.analyse import analyse
from pipeline.store import backup
from pipeline.store.articles import Text
from pipeline.store.backup import Archive, Manifest
from pipeline.store.engine import Store


def restore(store: Store, path: Path, *, now: datetime, tell: Callable[[str, int], None]) -> Manifest:
    """Verify a backup and take it in; the articles are indexed anew, by today's analyser.

    Raises:
        UsageError: the database is not empty, or the backup is damaged or newer than this program.
        ServiceError: processes run on the database, or it cannot be used.

    """
    with Archive(path) as archive:
        archive.verify()
        backup.restore(store, archive, terms=_terms, now=now, tell=tell)
        return archive.manifest


def _terms(text: Text) -> Sequence[str]:
    return sorted(analyse(text.title, text.summary, text.body, text.language).terms)
