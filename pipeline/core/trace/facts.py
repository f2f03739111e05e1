"""What is known of an address, as the store tells it; the answer is made of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFact:
    """A poll of a feed that might have brought the address."""

    seq: int
    at: datetime
    outcome: str
    status: int | None
    seen: int
    new: int
    known: int
    rejected: int
    reasons: tuple[str, ...]  # one for each rejected item
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFact:
    """A feed that might bring the address, with its newest polls, the newest first."""

    id: int
    url: str
    title: str
    state: str  # active, paused, gone or removed
    interval_s: int
    created_at: datetime
    last_success_at: datetime | None
    failures: int  # in a row
    last_error: str
    polls: tuple[PollFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The address in one poll of one feed, and what became of it.

    ``fate`` is ``waiting``, ``dead letter``, ``rejected``, ``article``, ``update``
    or ``duplicate``; it is "" where the raw item is purged and only the entry's
    identity tells that it was there.
    """

    feed_id: int
    feed: str  # its title, or its URL
    seq: int  # number of the poll
    at: datetime  # of the fetch; where that is purged, when it was ingested
    fate: str
    item_id: int | None  # None: nothing of it is kept
    attempts: int
    cause: str  # of a dead letter or a rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFact:
    """The article's page."""

    url: str
    state: str  # due, fetched, done, skipped or dead
    due_at: datetime
    attempts: int
    fetched_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFact:
    """The article of the address."""

    id: int
    url: str
    title: str
    feeds: tuple[str, ...]  # titles or URLs, the first one first
    published_at: datetime | None
    first_seen_at: datetime
    updated_at: datetime
    backlog: bool
    versions: tuple[str, ...]  # why each earlier or other version is one: update, variant, page
    story_id: int
    story_reason: str  # founder, url, text or similarity
    similarity: float | None
    page: PageFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFact:
    """Another article of the story."""

    article_id: int
    url: str
    feed: str
    first_seen_at: datetime
    story_reason: str
    similarity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFact:
    """The story, its event, and the stories that are linked to it as the same text."""

    id: int
    article_count: int
    source_count: int
    copies: tuple[CopyFact, ...]  # the oldest first
    links: tuple[tuple[int, float], ...]  # story id, similarity
    event_id: int
    event_stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFact:
    """A message on its way to one channel."""

    id: int
    channel: str
    channel_state: str  # active, paused or removed
    open_until: datetime | None  # the channel's breaker: nothing is sent before it
    state: str  # pending, delivered or dead
    attempts: int
    last_error: str
    next_attempt_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFact:
    """A material change of the story that was told."""

    id: int
    at: datetime
    deliveries: tuple[DeliveryFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFact:
    """What somebody did to an alert."""

    at: datetime
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """An alert of the story, with how it was told."""

    id: int
    article_id: int
    article_url: str
    created_at: datetime
    words: tuple[str, ...]
    backlog: bool
    state: str  # new or acknowledged
    priority: str
    disposition: str  # sent, held, digest or backlog
    held_because: str
    held_until: datetime | None
    follow_up: bool
    digest_id: int | None
    digest_kind: str  # digest or follow_up; "" without one
    deliveries: tuple[DeliveryFact, ...]  # its own, or its digest's
    updates: tuple[UpdateFact, ...]
    actions: tuple[ActionFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A subscription, and what its query says of the article as it is now."""

    id: int
    name: str
    query: str
    state: str  # active or paused
    channels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    met: bool
    words: tuple[str, ...]
    lacks: str  # what it would take to be met; "" where it is, or where too many are not
    page_only: bool  # the feed's text does not meet it, the page's does
    alerts: tuple[AlertFact, ...]  # of the article's story


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of an address."""

    url: str  # as it was asked for
    canonical: str  # "" where it is no web address: a guid may still be found
    feeds: tuple[FeedFact, ...]  # that might bring it; asked for only where it was never seen
    sightings: tuple[Sighting, ...]  # the oldest first
    article: ArticleFact | None
    story: StoryFact | None
    asked: tuple[Asked, ...]
    article_days: int  # how long articles are kept; 0 for ever
