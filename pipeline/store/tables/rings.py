"""What rings: subscriptions, channels, alerts, deliveries, and what failed for good."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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
    Column("policy", Json, nullable=False, server_default=text("'{}'")),
    words("pull_token"),  # the secret part of its pull channels' addresses
)
unique(subscriptions, "name", where="state <> 'removed'")
unique(subscriptions, "pull_token", where="pull_token <> ''")
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
    Column("pace_per_minute", Integer),  # None: as fast as it goes
    count("failures"),  # in a row
    maybe("open_until"),  # the circuit breaker: nothing is sent before it
    maybe("paced_until"),  # what came before its pace's turn waits for it
)
unique(channels, "name", where="state <> 'removed'")

subscription_channels = Table(
    "subscription_channels",
    metadata,
    Column("subscription_id", Id, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
)

#: Several alerts of a subscription in one message.
digests = Table(
    "digests",
    metadata,
    id_column(),
    reference("subscription_id", "subscriptions"),
    Column("kind", Text, nullable=False),  # digest or follow_up
    Column("event_id", Id),  # of a follow-up
    count("alerts"),
    count("channels"),  # deliveries made with it
    moment("created_at"),
)
index(digests, "subscription_id")

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
    Column("event_id", Id, nullable=False, server_default=text("0")),
    # 0, or the article's id where the subscription wants every article
    Column("slot", BigInteger, nullable=False, server_default=text("0")),
    words("priority", "normal"),  # urgent, normal or low
    words("disposition", "sent"),  # sent, held, digest or backlog
    words("held_because"),
    maybe("held_until"),  # None: no time is known
    flag("follow_up"),  # another story of its event had rung before
    reference("digest_id", "digests", null=True),
    words("handled_by"),  # who acknowledged it
    maybe("handled_at"),
    words("assignee"),
    maybe("snoozed_until"),
    maybe("escalated_at"),
    UniqueConstraint("subscription_id", "story_id", "backlog", "slot"),
)
index(alerts, "article_id")
index(alerts, "story_id")
index(alerts, "subscription_id", "event_id")
index(alerts, "subscription_id", "created_at")
index(alerts, "event_id", where="held_because = 'sources'")
index(alerts, "digest_id")
index(alerts, "held_until", where="disposition = 'held'")
index(alerts, "snoozed_until", where="snoozed_until IS NOT NULL")
index(alerts, "subscription_id", "held_until", where="held_until IS NOT NULL")

#: What was done to alerts, by whom.
actions = Table(
    "actions",
    metadata,
    id_column(),
    reference("alert_id", "alerts", gone="CASCADE"),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    words("detail"),
)
index(actions, "alert_id")
index(actions, "at")

#: Material changes of what alerts have told.
updates = Table(
    "updates",
    metadata,
    id_column(),
    reference("alert_id", "alerts"),
    reference("article_id", "articles"),
    reference("revision_id", "revisions", null=True),  # the version before the change
    Column("change_key", LargeBinary(16), nullable=False),
    Column("change", Json, nullable=False),
    count("channels"),  # deliveries made with it
    moment("created_at"),
    UniqueConstraint("alert_id", "change_key"),
)
index(updates, "article_id")

notices = Table(
    "notices",
    metadata,
    id_column(),
    Column("cause", Text, nullable=False),
    words("subject"),
    words("text"),
    moment("created_at"),
    maybe("resolved_at"),
    words("type", "notice"),  # notice, spike, silence or reminder
    Column("data", Json),
    reference("subscription_id", "subscriptions", null=True),  # whose channels it goes to
)
index(notices, "subscription_id")
index(notices, "resolved_at", where="resolved_at IS NOT NULL")
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
    reference("digest_id", "digests", null=True),
    reference("update_id", "updates", null=True),
    Column("have", Json),  # of several targets, those that took it while others failed
    UniqueConstraint("alert_id", "channel_id"),
    UniqueConstraint("notice_id", "channel_id"),
    UniqueConstraint("digest_id", "channel_id"),
    UniqueConstraint("update_id", "channel_id"),
)
index(deliveries, "next_attempt_at", where="state = 'pending'")
index(deliveries, "channel_id")
index(deliveries, "channel_id", "id", where="state = 'pending'")

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
index(dead_letters, "state", "created_at")
