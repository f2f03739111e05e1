"""Why an article is in its story, which event a story tells, and how what rings is held, gathered and handled."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _stories()
    _subscriptions()
    _gathered()
    _alerts()
    _told()
    _reserve("actions", "digests", "updates")


def _stories() -> None:
    op.add_column("articles", _words("story_reason", "founder"))
    op.add_column("articles", sa.Column("similarity", sa.Float(), nullable=True))
    op.add_column("stories", sa.Column("event_id", ID, server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE stories SET event_id = id")
    op.create_index("ix_stories_event_id", "stories", ["event_id"])
    op.create_table(
        "story_links",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _to("story_links", "story_id", "stories", ondelete="CASCADE"),
        _to("story_links", "other_id", "stories", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "other_id", name="pk_story_links"),
    )
    op.create_index("ix_story_links_other_id", "story_links", ["other_id"])


def _subscriptions() -> None:
    op.add_column("subscriptions", sa.Column("policy", JSON, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("subscriptions", _words("pull_token"))
    table = sa.table("subscriptions", sa.column("id", ID), sa.column("pull_token", sa.Text()))
    for id_ in op.get_bind().execute(sa.select(table.c.id)).scalars().all():
        token = secrets.token_urlsafe(24)
        op.execute(table.update().where(table.c.id == id_).values(pull_token=token))
    op.create_index(
        "ix_subscriptions_pull_token",
        "subscriptions",
        ["pull_token"],
        unique=True,
        **_only("pull_token <> ''"),
    )


def _gathered() -> None:
    op.create_table(
        "digests",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_id", ID, nullable=True),
        _count("alerts"),
        _count("channels"),
        sa.Column("created_at", MOMENT, nullable=False),
        _to("digests", "subscription_id", "subscriptions"),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
    )
    op.create_index("ix_digests_subscription_id", "digests", ["subscription_id"])


def _alerts() -> None:
    # SQLite has no other way to change a unique key than to make the table anew.
    with op.batch_alter_table("alerts") as table:
        table.add_column(sa.Column("event_id", ID, server_default=sa.text("0"), nullable=False))
        table.add_column(sa.Column("slot", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
        table.add_column(_words("priority", "normal"))
        table.add_column(_words("disposition", "sent"))
        table.add_column(_words("held_because"))
        table.add_column(sa.Column("held_until", MOMENT, nullable=True))
        table.add_column(
            sa.Column("follow_up", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
        table.add_column(sa.Column("digest_id", ID, nullable=True))
        table.add_column(_words("handled_by"))
        table.add_column(sa.Column("handled_at", MOMENT, nullable=True))
        table.add_column(_words("assignee"))
        table.add_column(sa.Column("snoozed_until", MOMENT, nullable=True))
        table.add_column(sa.Column("escalated_at", MOMENT, nullable=True))
        table.create_foreign_key("fk_alerts_digest_id", "digests", ["digest_id"], ["id"])
        table.drop_constraint("uq_alerts_subscription_id_story_id_backlog", type_="unique")
        table.create_unique_constraint(
            "uq_alerts_subscription_id_story_id_backlog_slot",
            ["subscription_id", "story_id", "backlog", "slot"],
        )
    op.execute("UPDATE alerts SET disposition = 'backlog' WHERE backlog")
    op.execute(
        "UPDATE alerts SET event_id = (SELECT s.event_id FROM stories s WHERE s.id = alerts.story_id)"
    )
    op.create_index("ix_alerts_subscription_id_event_id", "alerts", ["subscription_id", "event_id"])
    op.create_index("ix_alerts_subscription_id_created_at", "alerts", ["subscription_id", "created_at"])
    op.create_index("ix_alerts_event_id", "alerts", ["event_id"], **_only("held_because = 'sources'"))
    op.create_index("ix_alerts_digest_id", "alerts", ["digest_id"])
    op.create_index("ix_alerts_held_until", "alerts", ["held_until"], **_only("disposition = 'held'"))
    op.create_index(
        "ix_alerts_snoozed_until", "alerts", ["snoozed_until"], **_only("snoozed_until IS NOT NULL")
    )
    op.create_table(
        "actions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        _words("detail"),
        _to("actions", "alert_id", "alerts", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_actions"),
    )
    op.create_index("ix_actions_alert_id", "actions", ["alert_id"])


def _told() -> None:
    op.create_table(
        "updates",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=True),
        sa.Column("change_key", sa.LargeBinary(16), nullable=False),
        sa.Column("change", JSON, nullable=False),
        _count("channels"),
        sa.Column("created_at", MOMENT, nullable=False),
        _to("updates", "alert_id", "alerts"),
        _to("updates", "article_id", "articles"),
        _to("updates", "revision_id", "revisions"),
        sa.PrimaryKeyConstraint("id", name="pk_updates"),
        sa.UniqueConstraint("alert_id", "change_key", name="uq_updates_alert_id_change_key"),
    )
    op.create_index("ix_updates_article_id", "updates", ["article_id"])
    with op.batch_alter_table("notices") as table:
        table.add_column(_words("type", "notice"))
        table.add_column(sa.Column("data", JSON, nullable=True))
        table.add_column(sa.Column("subscription_id", ID, nullable=True))
        table.create_foreign_key("fk_notices_subscription_id", "subscriptions", ["subscription_id"], ["id"])
    op.create_index("ix_notices_subscription_id", "notices", ["subscription_id"])
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("digest_id", ID, nullable=True))
        table.add_column(sa.Column("update_id", ID, nullable=True))
        table.create_foreign_key("fk_deliveries_digest_id", "digests", ["digest_id"], ["id"])
        table.create_foreign_key("fk_deliveries_update_id", "updates", ["update_id"], ["id"])
        table.create_unique_constraint("uq_deliveries_digest_id_channel_id", ["digest_id", "channel_id"])
        table.create_unique_constraint("uq_deliveries_update_id_channel_id", ["update_id", "channel_id"])
    op.add_column("channels", sa.Column("pace_per_minute", sa.Integer(), nullable=True))
    op.add_column("channels", _count("failures"))
    op.add_column("channels", sa.Column("open_until", MOMENT, nullable=True))


def _to(table: str, column: str, target: str, **options: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", **options)


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


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
