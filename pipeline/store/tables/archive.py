"""What is kept of the news: stories, articles, their versions, index and pages."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from pipeline.store.tables.columns import (
    Json,
    count,
    flag,
    id_column,
    index,
    maybe,
    metadata,
    moment,
    reference,
    unique,
    words,
)
from pipeline.store.types import Id, Packed, PackedText

stories = Table(
    "stories",
    metadata,
    id_column(),
    moment("created_at"),
    moment("last_seen_at"),
    count("article_count"),
    count("source_count"),  # hosts of the feeds that listed its articles
    Column("event_id", Id, nullable=False, server_default=text("0")),  # the story that founded its event
)
index(stories, "event_id")

#: Stories that were found to be one text after both had rung: they stay two, and know of each other.
story_links = Table(
    "story_links",
    metadata,
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("other_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("similarity", Float, nullable=False),
    moment("at"),
)
index(story_links, "other_id")

#: What stories of the last days tell, as far as new ones are compared with them.
tellings = Table(
    "tellings",
    metadata,
    Column(
        "story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    moment("at"),
    moment("founded_at"),  # of the story's event
    Column("terms", LargeBinary, nullable=False),
)
index(tellings, "at")

#: The terms by which tellings are found.
event_keys = Table(
    "event_keys",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("story_id", Id, primary_key=True),
    sqlite_with_rowid=False,
)

story_keys = Table(
    "story_keys",
    metadata,
    Column("text_key", LargeBinary(16), primary_key=True),
    reference("story_id", "stories", gone="CASCADE"),
    moment("seen_at"),
    sqlite_with_rowid=False,
)
index(story_keys, "story_id")

#: By which copies of a text find each other: each key leads to the article that told it last.
copy_keys = Table(
    "copy_keys",
    metadata,
    Column("key", Id, primary_key=True, autoincrement=False),
    Column("article_id", Id, nullable=False),  # no reference: it would be looked up for each of its keys
)
index(copy_keys, "article_id")

articles = Table(
    "articles",
    metadata,
    id_column(),
    words("url"),
    Column("url_key", LargeBinary(16)),
    words("title"),
    words("summary"),
    words("body"),
    Column("html", PackedText, nullable=False),
    words("author"),
    Column("language", Text),
    Column("tags", Json, nullable=False),
    maybe("published_at"),
    moment("first_seen_at"),
    moment("updated_at"),
    reference("feed_id", "feeds"),  # that listed it first
    reference("story_id", "stories"),
    Column("raw_item_id", Id, nullable=False),  # that it was made from; purged long before it
    Column("content_hash", LargeBinary(16), nullable=False),
    flag("backlog"),
    words("story_reason", "founder"),  # founder, url, text or similarity: why it is in its story
    Column("similarity", Float),  # 0 to 1, to the text that it is a copy of
    words("outlet"),  # that publishes it
    words("agency"),  # whose report it carries; "" where nothing says so
)
unique(articles, "url_key", where="url_key IS NOT NULL")
index(articles, "story_id")
index(articles, "first_seen_at")

article_feeds = Table(
    "article_feeds",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True),
    sqlite_with_rowid=False,
)
index(article_feeds, "feed_id")

#: Languages that articles are in, "" for an unknown one: what a search has to know dictionaries of.
languages = Table("languages", metadata, Column("language", Text, primary_key=True))

#: Every version of an article that is not the current one.
revisions = Table(
    "revisions",
    metadata,
    id_column(),
    reference("article_id", "articles", gone="CASCADE"),
    moment("at"),
    reference("feed_id", "feeds"),
    Column("reason", Text, nullable=False),  # update, variant or page
    Column("raw_item_id", Id),  # that caused it; None for a page
    words("title"),
    words("summary"),
    words("body"),
)
index(revisions, "article_id")
index(revisions, "at")

#: PostgreSQL's full-text index over our own terms; on SQLite it is an FTS5 table of the same name.
article_index = Table(
    "article_index",
    metadata,
    Column(
        "article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("terms", Text().with_variant(TSVECTOR, "postgresql"), nullable=False),
    info={"only": "postgresql"},
)
Index("ix_article_index_terms", article_index.c.terms, postgresql_using="gin")

pages = Table(
    "pages",
    metadata,
    id_column(),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False),  # due, fetched, done, dead or skipped
    moment("due_at"),
    maybe("lease_until"),
    count("attempts"),
    Column("status", Integer),
    words("content_type"),
    Column("body", Packed),
    maybe("fetched_at"),
    maybe("enqueued_at"),
    count("job_attempts"),
    words("error"),
    words("reason"),  # a word for why it gave no text
    Column("seen_as", LargeBinary(16)),  # digest of a text that is only taken if a second visit shows it too
)
index(pages, "host", "due_at", where="state = 'due'")
index(pages, "enqueued_at", where="state = 'fetched'")
index(pages, "host", where="state = 'due' AND lease_until IS NOT NULL")
index(pages, "fetched_at", where="body IS NOT NULL")

#: Whom we ask for feeds and pages.
hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    moment("next_request_at"),
    maybe("hold_until"),  # it asked to be left alone
)
