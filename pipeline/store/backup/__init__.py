"""Backup: everything that is kept, in one file that either database can take in again.

The file is a zip archive: a member ``tables/NAME.jsonl`` for each table, a row
to a line as a JSON array, and at the end ``manifest.json`` with the schema's
revision, columns, counts and the last ids that were given out.  A file that
was cut short has no end and cannot be opened; each member has its checksum.
The full-text index is not in it: it is made again from the articles.
"""

from pipeline.store.backup.archive import Archive
from pipeline.store.backup.manifest import Content, Manifest
from pipeline.store.backup.restore import restore
from pipeline.store.backup.write import write

__all__ = ["Archive", "Content", "Manifest", "restore", "write"]
