"""Retention: what is old is forgotten, or what is too much; one kind at a time, in small batches."""

from pipeline.store.retention.articles import forget
from pipeline.store.retention.plan import Keep, Step, by_age, by_size
from pipeline.store.retention.size import count_at_once, used
from pipeline.store.retention.steady import steady

__all__ = ["Keep", "Step", "by_age", "by_size", "count_at_once", "forget", "steady", "used"]
