"""What comes in: feeds, their polls, raw items, and the identities of entries."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
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
from pipeline.store.types import Id, Packed

feeds = Table(
    "feeds",
    metadata,
    id_column(),
    Column("url", Text, nullable=False),
    words("host"),  # of the URL: feeds of one host are one source
    words("title"),
    words("site_url"),
    Column("language", Text),
    Column("state", Text, nullable=False),
    flag("managed"),
    Column("tags", Json, nullable=False),
    Column("interval_s", Integer, nullable=False),
    Column("full_text", Text, nullable=False),
    Column("auth_user", Text),
    Column("auth_password", Text),
    Column("headers", Json, nullable=False),  # [[name, value], …]
    Column("etag", Text),
    Column("last_modified", Text),
    Column("seq", BigInteger, nullable=False, server_default=text("0")),  # polls claimed
    moment("next_poll_at"),
    maybe("polled_until"),  # so long a poll may be under way; null: none is
    maybe("last_polled_at"),
    maybe("last_success_at"),
    maybe("last_changed_at"),
    count("failures"),
    maybe("failing_since"),
    words("last_error"),
    Column("first_brought_seq", BigInteger),  # the first poll that brought an item
    Column("every_s", Integer),  # the operator's word; null: the interval follows the rhythm
    words("why", "unknown"),  # what has set interval_s
    Column("rate", Float),  # items an hour, decayed
    Column("watched_s", Float, nullable=False, server_default=text("0")),  # what the rate rests on
    Column("usual_s", Float),  # between two items
    maybe("last_item_at"),
    count("owed"),  # items that ingest found beyond those that polls counted, or short of them
    count("asked_s"),  # what the publisher asks for
    maybe("urgent_until"),  # null: no urgent subscription waits for it
    Column("urgent_for", Id),  # the subscription
    Column("answer_ms", Float),  # how long answers take, the decayed mean
    count("unmodified"),  # answers "not modified" in a row
    maybe("whole_at"),  # when its document came last
    count("strikes"),
    maybe("doubted_until"),  # no validators are sent until then; past: it is on trial
    flag("overlapped"),  # a document of it had something in common with the one before
    count("gaps"),  # polls before which items may have been missed
    maybe("pushed_until"),  # so long a hub is believed to push what is new
    words("moved_to"),  # where permanent redirects led last
    count("moved_times"),  # in a row
    Column("known", LargeBinary, nullable=False),  # fingerprints of 16 bytes, joined
    moment("created_at"),
)
unique(feeds, "url", where="state <> 'removed'")
index(feeds, "next_poll_at", where="state = 'active'")
index(feeds, "host", where="polled_until IS NOT NULL")
index(feeds, "failing_since", where="failing_since IS NOT NULL")
index(feeds, "id", where="state = 'gone'")
index(feeds, "urgent_until", where="urgent_until IS NOT NULL")
index(feeds, "pushed_until", where="pushed_until IS NOT NULL")

#: Who pushes the new documents of a feed.
feed_hubs = Table(
    "feed_hubs",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),  # the secret part of our address there
    Column("secret", Text, nullable=False),  # what pushes are signed with
    Column("state", Text, nullable=False),  # wanted, live, denied or leaving
    moment("next_at"),
    maybe("lease_until"),
    count("failures"),
    count("pushes"),
    count("misses"),
    maybe("last_push_at"),
    maybe("distrusted_until"),
    words("error"),
)
index(feed_hubs, "next_at")

#: One row: how far the count of feeds by rhythm has come, and the stretch that the last one found.
census = Table(
    "census",
    metadata,
    id_column(),
    Column("stretch_s", Float),  # null: none has ended yet
    Column("counted", Json, nullable=False),  # [[rate's bucket, asked's bucket, feeds], …]
    Column("last_feed_id", Id, nullable=False),  # of those counted
    moment("stepped_at"),
    Column("last_alert_id", Id, nullable=False),  # urgent ones are looked at up to here
)

#: What a feed's operator should know of it.
feed_warnings = Table(
    "feed_warnings",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True),
    Column("word", Text, primary_key=True),
    Column("text", Text, nullable=False),
    moment("since"),
    moment("last_at"),
    Column("count", Integer, nullable=False),
)

#: Articles that came in a flood, and are kept as backlog until the operator lets them ring.
quarantine = Table(
    "quarantine",
    metadata,
    Column(
        "article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    reference("feed_id", "feeds"),
    moment("at"),
)
index(quarantine, "feed_id")

polls = Table(
    "polls",
    metadata,
    id_column(),
    reference("feed_id", "feeds"),
    Column("seq", BigInteger, nullable=False),
    moment("at"),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    count("bytes"),
    count("elapsed_ms"),
    count("seen"),
    count("new"),
    count("known"),
    count("rejected"),
    flag("pushed"),  # a hub brought it
    count("purged"),  # of the new ones, raw items that retention has taken
    Column("reasons", Json),  # one for each rejected item
    words("error"),
    Column("head", Packed),  # these six only where there is something new
    Column("tail", Packed),
    Column("cut", Boolean),
    Column("format", Text),
    Column("content_type", Text),
    Column("base_url", Text),
    flag("adrift"),  # its document had no piece in common with the one before
    flag("lied"),  # what was new had been hidden by "not modified"
    UniqueConstraint("feed_id", "seq"),
)
index(polls, "at")

raw_items = Table(
    "raw_items",
    metadata,
    id_column(),
    reference("poll_id", "polls"),
    reference("feed_id", "feeds"),
    Column("seq", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),  # of the data before compression
    Column("data", Packed, nullable=False),
    flag("link_shared"),
    flag("guid_shared"),
    flag("first"),
    moment("fetched_at"),
    Column("state", Text, nullable=False),  # new, done or dead
    count("attempts"),
    moment("enqueued_at"),
    maybe("lease_until"),
    count("entries"),
    count("articles"),
    count("updates"),
    count("duplicates"),
    count("dead"),
    Column("reasons", Json),
    words("error"),
)
index(raw_items, "poll_id")
index(raw_items, "fetched_at")
index(raw_items, "enqueued_at", where="state = 'new'")

#: Identities of what feeds listed; they outlive their articles, so that nothing comes back as new.
entries = Table(
    "entries",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    Column("article_id", Id, nullable=False),
    Column("content_hash", LargeBinary(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("raw_item_id", Id, nullable=False),
    moment("first_seen_at"),
    sqlite_with_rowid=False,
)
