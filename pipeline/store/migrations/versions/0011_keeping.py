"""Ways to what is old and is no longer kept for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_revisions_at", "revisions", ["at"])
    op.create_index("ix_actions_at", "actions", ["at"])
    _partly("notices", "resolved_at", "resolved_at IS NOT NULL")
    op.drop_index("ix_dead_letters_created_at", "dead_letters")
    op.create_index("ix_dead_letters_state_created_at", "dead_letters", ["state", "created_at"])


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)


def _partly(table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        f"ix_{table}_{column}", table, [column], sqlite_where=condition, postgresql_where=condition
    )
