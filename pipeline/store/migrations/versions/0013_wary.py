"""What is remembered of a feed's answers, and what came in floods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    zero, false = sa.text("0"), sa.text("false")
    for column in (
        sa.Column("unmodified", sa.Integer(), nullable=False, server_default=zero),
        sa.Column("whole_at", MOMENT, nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False, server_default=zero),
        sa.Column("doubted_until", MOMENT, nullable=True),
        sa.Column("overlapped", sa.Boolean(), nullable=False, server_default=false),
        sa.Column("gaps", sa.Integer(), nullable=False, server_default=zero),
    ):
        op.add_column("feeds", column)
    # Else every feed would be asked for its document at once.
    op.execute("UPDATE feeds SET whole_at = last_success_at")
    for name in ("adrift", "lied"):
        op.add_column("polls", sa.Column(name, sa.Boolean(), nullable=False, server_default=false))
    op.create_table(
        "quarantine",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_quarantine_article_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_quarantine_feed_id"),
        sa.PrimaryKeyConstraint("article_id", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_feed_id", "quarantine", ["feed_id"])


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
