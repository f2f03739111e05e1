"""Updates: what alerts and their updates have told so far, and the changes that are to be told."""

from pipeline.store.updates.put import NewUpdate, put, release
from pipeline.store.updates.rows import UpdateRow, rows, show
from pipeline.store.updates.told import Told, ToldAlert, told, versions

__all__ = [
    "NewUpdate",
    "Told",
    "ToldAlert",
    "UpdateRow",
    "put",
    "release",
    "rows",
    "show",
    "told",
    "versions",
]
