"""What is kept.  Ids are given by :func:`pipeline.store.ids.reserve`; times are UTC."""

from pipeline.store.tables.archive import (
    article_feeds,
    article_index,
    articles,
    copy_keys,
    hosts,
    languages,
    pages,
    revisions,
    stories,
    story_keys,
    story_links,
)
from pipeline.store.tables.columns import metadata
from pipeline.store.tables.house import counters, keepsakes, meta, processes
from pipeline.store.tables.intake import entries, feeds, polls, raw_items
from pipeline.store.tables.rings import (
    actions,
    alerts,
    channels,
    dead_letters,
    deliveries,
    digests,
    notices,
    subscription_channels,
    subscriptions,
    updates,
)

__all__ = [
    "actions",
    "alerts",
    "article_feeds",
    "article_index",
    "articles",
    "channels",
    "copy_keys",
    "counters",
    "dead_letters",
    "deliveries",
    "digests",
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
    "story_links",
    "subscription_channels",
    "subscriptions",
    "updates",
]
