"""What is kept.  Ids are given by :func:`pipeline.store.ids.reserve`; times are UTC."""

from pipeline.store.tables.archive import (
    article_feeds,
    article_index,
    articles,
    hosts,
    languages,
    pages,
    revisions,
    stories,
    story_keys,
)
from pipeline.store.tables.columns import metadata
from pipeline.store.tables.house import counters, keepsakes, meta, processes
from pipeline.store.tables.intake import entries, feeds, polls, raw_items
from pipeline.store.tables.rings import (
    alerts,
    channels,
    dead_letters,
    deliveries,
    notices,
    subscription_channels,
    subscriptions,
)

__all__ = [
    "alerts",
    "article_feeds",
    "article_index",
    "articles",
    "channels",
    "counters",
    "dead_letters",
    "deliveries",
    "entries",
    "feeds",
    "hosts",
    "keepsakes",
    "languages",
    "meta",
    "metadata",
    "notices",
    "pages",
    "polls",
    "processes",
    "raw_items",
    "revisions",
    "stories",
    "story_keys",
    "subscription_channels",
    "subscriptions",
]
