"""What is known of one address: read for a trace, and for nothing else."""

from pipeline.store.trace.intake import KeptItem, feeds_of_site, items, rejections, sightings
from pipeline.store.trace.kept import article, story
from pipeline.store.trace.lookup import Entry, Keys, article_of, article_of_item, entries_of
from pipeline.store.trace.rings import alerts_of

__all__ = [
    "Entry",
    "KeptItem",
    "Keys",
    "alerts_of",
    "article",
    "article_of",
    "article_of_item",
    "entries_of",
    "feeds_of_site",
    "items",
    "rejections",
    "sightings",
    "story",
]
