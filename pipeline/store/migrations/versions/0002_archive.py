"""What is kept of the news."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _archive()
    _index()
    _reserve("articles", "pages", "revisions", "stories")


def _archive() -> None:
    op.create_table(
        "stories",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("article_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("source_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_table(
        "story_keys",
        sa.Column("text_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name="fk_story_keys_story_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("text_key", name="pk_story_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_keys_story_id", "story_keys", ["story_id"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("url_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("summary", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("raw_item_id", ID, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("backlog", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_articles_feed_id"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_articles_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_first_seen_at", "articles", ["first_seen_at"], unique=False)
    op.create_index("ix_articles_story_id", "articles", ["story_id"], unique=False)
    op.create_index(
        "ix_articles_url_key", "articles", ["url_key"], unique=True, **_only("url_key IS NOT NULL")
    )
    op.create_table(
        "article_feeds",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_article_feeds_article_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_article_feeds_feed_id"),
        sa.PrimaryKeyConstraint("article_id", "feed_id", name="pk_article_feeds"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_feeds_feed_id", "article_feeds", ["feed_id"], unique=False)
    op.create_table(
        "languages",
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("language", name="pk_languages"),
    )
    op.create_table(
        "revisions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw_item_id", ID, nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("summary", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_revisions_article_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_revisions_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
    )
    op.create_index("ix_revisions_article_id", "revisions", ["article_id"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=True),
        sa.Column("enqueued_at", MOMENT, nullable=True),
        sa.Column("job_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_pages_article_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.UniqueConstraint("article_id", name="uq_pages_article_id"),
    )
    op.create_index(
        "ix_pages_enqueued_at", "pages", ["enqueued_at"], unique=False, **_only("state = 'fetched'")
    )
    op.create_index("ix_pages_fetched_at", "pages", ["fetched_at"], unique=False, **_only("body IS NOT NULL"))
    op.create_index(
        "ix_pages_host", "pages", ["host"], unique=False, **_only("state = 'due' AND lease_until IS NOT NULL")
    )
    op.create_index(
        "ix_pages_host_due_at", "pages", ["host", "due_at"], unique=False, **_only("state = 'due'")
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("next_request_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )


def _index() -> None:
    """The full-text index, over terms that come folded and joined by blanks."""
    if op.get_bind().dialect.name == "sqlite":
        # Nothing but a blank ends a token, and nothing is folded again.
        op.get_bind().exec_driver_sql(
            """CREATE VIRTUAL TABLE article_index USING fts5(
                terms, detail=none, columnsize=0,
                tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
            )"""
        )
        return
    op.create_table(
        "article_index",
        sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("terms", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_article_index_article_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_index"),
    )
    op.create_index("ix_article_index_terms", "article_index", ["terms"], postgresql_using="gin")


def _only(where: str) -> Any:
    """An index over the rows that ``where`` names."""
    return {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}


def _reserve(*tables: str) -> None:
    """Ids are given out before their rows are written."""
    for table in tables:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"INSERT INTO counters (name, value) VALUES ('{table}', 0)")
        else:
            op.execute(f"CREATE SEQUENCE {table}_ids")


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
