"""The keys by which copies of a text find each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "copy_keys",
        sa.Column("key", ID, autoincrement=False, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_copy_keys"),
    )
    op.create_index("ix_copy_keys_article_id", "copy_keys", ["article_id"])
    # Until now only an equal text led to another's story.
    op.execute(
        """UPDATE articles SET story_reason = 'text' WHERE story_reason = 'founder' AND EXISTS (
            SELECT 1 FROM articles a WHERE a.story_id = articles.story_id AND a.id < articles.id)"""
    )


def downgrade() -> None:
    """Only a copy of the database brings back what there was before."""
    raise NotImplementedError(downgrade.__doc__)
