"""The values that the stages hand on: frozen, complete, with units.

In the order of an article's way: a due :class:`Feed` is fetched into a
:class:`Response`, split into a :class:`Document` of :class:`Piece`, committed as
:class:`RawItem`, parsed into :class:`Entry`, decided on against what is known,
matched into :class:`Hit`, and told as :class:`Message` to a :class:`Channel`.

Every ``datetime`` here is aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class FullText(StrEnum):
    """When the page of an entry is fetched for its full text."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class FeedState(StrEnum):
    """``gone`` answered 410; ``removed`` stays for the articles that came from it."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"
    REMOVED = "removed"


class Outcome(StrEnum):
    """How a poll ended."""

    NEW = "new"  # 200, with items never seen
    UNCHANGED = "unchanged"  # 200, every item known
    NOT_MODIFIED = "not_modified"  # 304
    GONE = "gone"  # 410
    FAILED = "failed"  # no answer, an error status, or a document that is no feed


class Fate(StrEnum):
    """How one entry of a raw item ended."""

    ARTICLE = "article"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    DEAD = "dead"


class Reason(StrEnum):
    """Why an article is in its story."""

    FOUNDER = "founder"  # it founded it
    TEXT = "text"  # its text equals one of the story's
    SIMILARITY = "similarity"  # its text is a copy of one of the story's


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a feed brings something, and who has a say in how often it is polled."""

    every_s: int | None = None  # the operator's word; None: the interval follows the rhythm
    rate: float | None = None  # items an hour; None: not known yet
    watched_s: float = 0.0  # what the rate rests on
    rated_at: datetime | None = None  # until when items were counted: the last success
    usual_s: float | None = None  # between two items
    last_item_at: datetime | None = None
    owed: int = 0  # what ingest found beyond the items that polls counted, or short of them
    asked_s: int = 0  # what the publisher asks for
    urgent: bool = False  # urgent alerts came from it lately
    pushed: bool = False  # a hub is believed to push what is new
    answer_ms: float | None = None  # how long answers take, the decayed mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Wariness:
    """What is remembered of a feed's answers, so that none of them fools us."""

    unmodified: int = 0  # answers "not modified" in a row
    whole_at: datetime | None = None  # when it last sent its document
    strikes: int = 0  # documents with something new in a row that came unasked, after many "not modified"
    doubted_until: datetime | None = None  # its "not modified" is not believed; past: it is on trial
    overlapped: bool = False  # a document of it had something in common with the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed that a scheduler has claimed for one poll."""

    id: int
    url: str
    host: str  # of the URL
    seq: int  # number of this poll of this feed, from 1; grows with each claim
    etag: str | None
    last_modified: str | None
    known: frozenset[bytes]  # fingerprints of the pieces of the last document
    failures: int  # polls failed in a row before this one
    first: bool  # no poll of this feed has brought an item yet
    auth: tuple[str, str] | None  # basic credentials: user, password
    headers: tuple[tuple[str, str], ...]  # sent with each request
    moved_to: str = ""  # where permanent redirects led last
    moved_times: int = 0  # in a row
    rhythm: Rhythm = field(default_factory=Rhythm)
    wariness: Wariness = field(default_factory=Wariness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered; ``body`` is decompressed and within its limits."""

    status: int
    url: str  # after redirects
    headers: dict[str, str]  # names in lower case
    body: bytes
    complete: bool  # False: the connection ended before the body did
    moved: str = ""  # where permanent redirects alone led, and nothing but they
    fetched_at: datetime
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One ``<item>``/``<entry>`` of a document, as bytes; or a document that cannot be cut."""

    position: int  # 0-based, in document order
    fingerprint: bytes  # 16 bytes
    data: bytes
    link_shared: bool  # its link stands in another piece of the same document too
    guid_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document, cut.

    ``head + piece.data + tail`` is a document of its own for every piece when
    ``cut``; otherwise there is one piece, the whole document, and head and tail
    are empty.
    """

    head: bytes
    tail: bytes
    cut: bool
    format: str  # "xml" or "json"
    pieces: tuple[Piece, ...]  # only what the last document did not have
    fingerprints: tuple[bytes, ...]  # of every piece, for the next poll
    seen: int  # items in the document
    rejected: tuple[str, ...]  # one reason for each item that was refused
    malformed: bool  # cut short or otherwise broken: no validators may be kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """A piece as it was committed, with what its parse needs."""

    id: int
    feed_id: int
    poll_id: int
    seq: int
    position: int
    head: bytes
    data: bytes
    tail: bytes
    cut: bool
    format: str
    content_type: str  # the Content-Type header as served, "" when absent
    base_url: str
    fetched_at: datetime
    link_shared: bool
    guid_shared: bool
    first: bool  # from the feed's first poll that brought any
    attempts: int  # including this one
    feed_language: str | None
    feed_title: str
    feed_url: str
    feed_tags: tuple[str, ...]
    full_text: FullText
    adrift: bool = False  # its document had no piece in common with the one before
    lied: bool = False  # before its document came, "not modified" was said of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed lists, parsed: plain text, sanitised HTML, UTC dates."""

    key: bytes  # 16 bytes: identity within its feed
    url: str  # "" when it has none
    url_key: bytes | None  # 16 bytes: hash of the canonical URL; None identifies nothing
    title: str
    summary: str
    body: str
    html: str  # sanitised, for display
    author: str
    language: str | None  # BCP 47 primary subtag, lower case
    tags: tuple[str, ...]
    published_at: datetime | None
    content_hash: bytes  # 16 bytes: over title, summary and body as normalised
    text_key: bytes | None  # 16 bytes: equal for byte-equal texts; None when too short to tell
    keys: tuple[int, ...] = ()  # by which copies of the text find each other; none when too short


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A raw item after its parse."""

    item: RawItem
    entries: tuple[Entry, ...]
    rejected: tuple[str, ...]  # one reason for each entry that was refused
    feed_title: str
    feed_site_url: str
    feed_language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry of a feed that was ingested before."""

    article_id: int
    content_hash: bytes
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """An article that a new entry may be a copy or a new version of."""

    id: int
    story_id: int
    content_hash: bytes
    body_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownText:
    """The current text of an article that a new one may be a copy of."""

    article_id: int
    story_id: int
    founder_id: int  # the first article of its story
    title: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A feed that lists an article."""

    id: int
    title: str
    url: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of an article beside its text, as far as queries may ask for it."""

    author: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()
    feeds: tuple[Listing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One place where a query met an article.

    ``start`` and ``end`` count code points of the stored plain text of ``field``,
    or of the one value of author, url, feed, tag, source or lang that was met.
    """

    term: str  # as the query writes it
    field: str  # title, summary or body, or one of those
    start: int
    end: int
    text: str
    context: str  # one line around it

    def as_json(self) -> dict[str, Any]:
        """The form that alerts store and webhooks carry."""
        return {
            "term": self.term,
            "field": self.field,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "context": self.context,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A subscription whose query met an article, with the words that matched."""

    subscription_id: int
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A named query, as the percolator needs it."""

    id: int
    name: str
    query: str
    active: bool
    version: int  # grows with every change of any subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where an alert goes."""

    id: int
    name: str
    url: str
    secret: str  # signs a webhook; "" for other kinds
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel sends: one alert, or one notice to the operator, rendered for every medium."""

    id: str  # the webhook-id; the same over all attempts
    created_at: datetime
    subject: str
    text: str
    html: str  # a line for each element, so that it can be cut between lines
    data: dict[str, Any] = field(default_factory=dict)  # the webhook's body
    rest: str = ""  # where all of it can be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How an attempt to deliver ended; ``retry_after_s`` is what the receiver asked for."""

    ok: bool
    error: str = ""
    retry_after_s: float | None = None
    permanent: bool = False  # trying again cannot help
    have: frozenset[str] = frozenset()  # the targets that took it, where others failed
