"""Replay: what today's code and queries make of what is kept, beside what was made of it."""

from pipeline.core.replay.compare import StoredArticle, Version, differing
from pipeline.core.replay.ledger import Difference, Kind, Ledger
from pipeline.core.replay.marks import Marks

__all__ = ["Difference", "Kind", "Ledger", "Marks", "StoredArticle", "Version", "differing"]
