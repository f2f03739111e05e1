"""Hubs that push what feeds bring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "feed_hubs",
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("hub", "topic", "token", "secret", "state")),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in ("failures", "pushes", "misses")
        ),
        sa.Column("last_push_at", MOMENT),
        sa.Column("distrusted_until", MOMENT),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_feed_hubs_feed_id"),
        sa.PrimaryKeyConstraint("feed_id", name="pk_feed_hubs"),
        sa.UniqueConstraint("token", name="uq_feed_hubs_token"),
    )
    op.create_index("ix_feed_hubs_next_at", "feed_hubs", ["next_at"])
    op.add_column("polls", sa.Column("pushed", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("feeds", sa.Column("pushed_until", MOMENT))
    op.create_index(
        "ix_feeds_pushed_until",
        "feeds",
        ["pushed_until"],
        sqlite_where=sa.text("pushed_until IS NOT NULL"),
        postgresql_where=sa.text("pushed_until IS NOT NULL"),
    )


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
