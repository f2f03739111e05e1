"""The rhythm of each feed, which its interval follows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

#: The interval of feeds whose operator has named none.
USUAL_S = 300


def upgrade() -> None:
    _feeds()
    op.create_table(
        "census",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("stretch_s", sa.Float(), nullable=True),
        sa.Column("counted", JSON, nullable=False),
        sa.Column("last_feed_id", ID, nullable=False),
        sa.Column("stepped_at", MOMENT, nullable=False),
        sa.Column("last_alert_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_census"),
    )


def _feeds() -> None:
    none = sa.text("0")
    for column in (
        sa.Column("every_s", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("'unknown'")),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("watched_s", sa.Float(), nullable=False, server_default=none),
        sa.Column("usual_s", sa.Float(), nullable=True),
        sa.Column("last_item_at", MOMENT, nullable=True),
        sa.Column("owed", sa.Integer(), nullable=False, server_default=none),
        sa.Column("asked_s", sa.Integer(), nullable=False, server_default=none),
        sa.Column("urgent_until", MOMENT, nullable=True),
        sa.Column("urgent_for", ID, nullable=True),
        sa.Column("answer_ms", sa.Float(), nullable=True),
    ):
        op.add_column("feeds", column)
    urgent = sa.text("urgent_until IS NOT NULL")
    op.create_index(
        "ix_feeds_urgent_until", "feeds", ["urgent_until"], sqlite_where=urgent, postgresql_where=urgent
    )
    # Feeds with an interval of their own keep it; the canary's is the house's.
    op.execute(f"UPDATE feeds SET every_s = interval_s, why = 'fixed' WHERE interval_s <> {USUAL_S} OR id = 0")
    op.execute("UPDATE feeds SET last_item_at = last_changed_at")


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
