"""How long stages take, and when alerts were released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "latencies",
        sa.Column("minute", MOMENT, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("up_to_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("samples", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "stage", "up_to_ms", "lane", name="pk_latencies"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_alerts_subscription_id_held_until",
        "alerts",
        ["subscription_id", "held_until"],
        sqlite_where=sa.text("held_until IS NOT NULL"),
        postgresql_where=sa.text("held_until IS NOT NULL"),
    )


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
