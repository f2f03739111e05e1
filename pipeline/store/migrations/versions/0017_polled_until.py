"""Polls that are under way stand in few rows that the planner knows to be few; so do feeds that fail or are gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.drop_index("ix_feeds_host", "feeds")
    op.drop_column("feeds", "done_seq")
    op.add_column("feeds", sa.Column("polled_until", MOMENT))
    _index("host", "polled_until IS NOT NULL")
    _index("failing_since", "failing_since IS NOT NULL")
    _index("id", "state = 'gone'")


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)


def _index(column: str, where: str) -> None:
    some = sa.text(where)
    op.create_index(
        f"ix_feeds_{column}", "feeds", [column], sqlite_where=some, postgresql_where=some
    )
