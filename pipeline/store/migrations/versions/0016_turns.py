"""Hosts that are left alone, polls that are under way, and feeds that move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("hosts", sa.Column("hold_until", MOMENT))
    zero = sa.text("0")
    op.add_column("feeds", sa.Column("done_seq", sa.BigInteger(), nullable=False, server_default=zero))
    op.add_column("feeds", sa.Column("moved_to", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("feeds", sa.Column("moved_times", sa.Integer(), nullable=False, server_default=zero))
    op.execute("UPDATE feeds SET done_seq = seq")
    under_way = sa.text("seq <> done_seq")
    op.create_index(
        "ix_feeds_host", "feeds", ["host"], sqlite_where=under_way, postgresql_where=under_way
    )


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
