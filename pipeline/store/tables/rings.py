"""What rings: subscriptions, channels, alerts, deliveries, and what failed for good."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Table, Text, UniqueConstraint

from pipeline.store.tables.columns import (
    Json,
    count,
    flag,
    id_column,
    index,
    maybe,
    metadata,
    moment,
    reference,
    unique,
    words,
)
from pipeline.store.types import Id

subscriptions = Table(
    "subscriptions",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("state", Text, nullable=False),
    flag("managed"),
    Column("version", BigInteger, nullable=False),
    moment("created_at"),
    moment("updated_at"),
)
unique(subscriptions, "name", where="state <> 'removed'")
index(subscriptions, "version")

channels = Table(
    "channels",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    words("secret"),
    Column("state", Text, nullable=False),
    flag("managed"),
    moment("created_at"),
)
unique(channels, "name", where="state <> 'removed'")

subscription_channels = Table(
    "subscription_channels",
    metadata,
    Column("subscription_id", Id, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
)

alerts = Table(
    "alerts",
    metadata,
    id_column(),
    reference("subscription_id", "subscriptions"),
    reference("story_id", "stories"),
    reference("article_id", "articles"),
    reference("revision_id", "revisions", null=True),  # the version that matched; None: the current one
    flag("backlog"),
    Column("state", Text, nullable=False),  # new or acknowledged
    Column("matches", Json, nullable=False),
    count("channels"),  # deliveries made with it
    Column("relevant", Boolean),  # as a user has marked it; None: nobody has
    moment("created_at"),
    UniqueConstraint("subscription_id", "story_id", "backlog"),
)
index(alerts, "article_id")
index(alerts, "story_id")

notices = Table(
    "notices",
    metadata,
    id_column(),
    Column("cause", Text, nullable=False),
    words("subject"),
    words("text"),
    moment("created_at"),
    maybe("resolved_at"),
)
unique(notices, "cause", where="resolved_at IS NULL")

deliveries = Table(
    "deliveries",
    metadata,
    id_column(),
    Column("message_id", Text, nullable=False, unique=True),
    reference("alert_id", "alerts", null=True),
    reference("notice_id", "notices", null=True),
    reference("channel_id", "channels"),
    Column("state", Text, nullable=False),  # pending, delivered or dead
    count("attempts"),
    moment("next_attempt_at"),
    maybe("enqueued_at"),
    maybe("lease_until"),
    words("last_error"),
    moment("created_at"),
    moment("started_at"),  # of its tries: when it was made, or last retried by hand
    maybe("delivered_at"),
    UniqueConstraint("alert_id", "channel_id"),
    UniqueConstraint("notice_id", "channel_id"),
)
index(deliveries, "next_attempt_at", where="state = 'pending'")
index(deliveries, "channel_id")

dead_letters = Table(
    "dead_letters",
    metadata,
    id_column(),
    Column("stage", Text, nullable=False),  # ingest, page or deliver
    Column("ref_id", Id, nullable=False),
    Column("feed_id", Id),
    words("cause"),
    moment("created_at"),
    Column("state", Text, nullable=False),  # open, replayed or expired
)
index(dead_letters, "stage", "ref_id")
index(dead_letters, "created_at", where="state = 'open'")
