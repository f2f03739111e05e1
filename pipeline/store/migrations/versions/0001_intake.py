"""What comes in, and how the house is kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _house()
    _intake()
    _reserve("feeds", "polls", "raw_items")
    op.execute("INSERT INTO meta (key, value) VALUES ('subscription_version', 0)")


def _house() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "keepsakes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_keepsakes"),
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )


def _intake() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("site_url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("managed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("full_text", sa.Text(), nullable=False),
        sa.Column("auth_user", sa.Text(), nullable=True),
        sa.Column("auth_password", sa.Text(), nullable=True),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_poll_at", MOMENT, nullable=False),
        sa.Column("last_polled_at", MOMENT, nullable=True),
        sa.Column("last_success_at", MOMENT, nullable=True),
        sa.Column("last_changed_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("first_brought_seq", sa.BigInteger(), nullable=True),
        sa.Column("known", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
    )
    op.create_index(
        "ix_feeds_next_poll_at", "feeds", ["next_poll_at"], unique=False, **_only("state = 'active'")
    )
    op.create_index("ix_feeds_url", "feeds", ["url"], unique=True, **_only("state <> 'removed'"))
    op.create_table(
        "polls",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("elapsed_ms", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("seen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("known", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("purged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reasons", JSON, nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("tail", sa.LargeBinary(), nullable=True),
        sa.Column("cut", sa.Boolean(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("base_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_polls_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_polls"),
        sa.UniqueConstraint("feed_id", "seq", name="uq_polls_feed_id_seq"),
    )
    op.create_index("ix_polls_at", "polls", ["at"], unique=False)
    op.create_table(
        "raw_items",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("poll_id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("link_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("guid_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("first", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("enqueued_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("entries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("articles", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updates", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("duplicates", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("dead", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reasons", JSON, nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_raw_items_feed_id"),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name="fk_raw_items_poll_id"),
        sa.PrimaryKeyConstraint("id", name="pk_raw_items"),
    )
    op.create_index(
        "ix_raw_items_enqueued_at", "raw_items", ["enqueued_at"], unique=False, **_only("state = 'new'")
    )
    op.create_index("ix_raw_items_fetched_at", "raw_items", ["fetched_at"], unique=False)
    op.create_index("ix_raw_items_poll_id", "raw_items", ["poll_id"], unique=False)
    op.create_table(
        "entries",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("raw_item_id", ID, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_entries_feed_id"),
        sa.PrimaryKeyConstraint("feed_id", "key", name="pk_entries"),
        sqlite_with_rowid=False,
    )


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
