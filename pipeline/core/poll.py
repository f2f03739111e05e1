"""What the answer to a poll means for its feed, and when to come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.model import Document, Feed, FeedState, Outcome, Response
from pipeline.core.retry import backoff, patience

_FAILING_CAP_S = 6 * 3600.0
_VALIDATOR_CHARS = 1024  # longer ones are no validators but an attack on our request's size


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to keep of a poll; the feed's next values, ready to be stored."""

    outcome: Outcome
    next_poll_at: datetime
    etag: str | None  # verbatim, to be sent back as it came
    last_modified: str | None
    known: tuple[bytes, ...] | None  # fingerprints for the next poll; None: leave them as they are
    state: FeedState | None  # None: leave it as it is
    failures: int  # polls failed in a row, including this one
    status: int | None  # of the answer; None when there was none
    reason: str  # a short stable word, "" when all is well
    error: str  # one line for people, "" when all is well; a document that was cut short has one too

    @property
    def succeeded(self) -> bool:
        """The feed answered with what a feed answers."""
        return self.outcome in (Outcome.NEW, Outcome.UNCHANGED, Outcome.NOT_MODIFIED)


def readable(response: Response) -> bool:
    """Whether the answer carries a document to be split."""
    return 200 <= response.status < 300


def judge(
    feed: Feed,
    response: Response | FetchError,
    document: Document | DocumentError | None,
    *,
    now: datetime,
    jitter: float,
) -> Verdict:
    """The verdict on one poll.

    ``document`` is what split made of a :func:`readable` response, else None;
    ``jitter`` is a number in [0, 1).
    """
    if isinstance(response, FetchError):
        return _failed(feed, response.reason, response.message, now=now, jitter=jitter)
    if response.status == HTTPStatus.NOT_MODIFIED and (feed.etag or feed.last_modified):
        return _not_modified(feed, now=now, jitter=jitter)
    if not readable(response):
        return _refused(feed, response, now=now, jitter=jitter)
    if isinstance(document, Document):
        return _answered(feed, response, document, now=now, jitter=jitter)
    if document is None:
        document = DocumentError("empty", "the answer carries no document")
    # The bad body's validators would hide its mended successor behind a 304, and so may the old ones.
    return _failed(
        feed,
        document.reason,
        document.message,
        now=now,
        jitter=jitter,
        status=response.status,
        validators=False,
    )


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as seconds or as an HTTP date; None if it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def _usual(feed: Feed, jitter: float) -> float:
    return feed.interval_s * (0.95 + 0.1 * jitter)


def _not_modified(feed: Feed, *, now: datetime, jitter: float) -> Verdict:
    return Verdict(
        outcome=Outcome.NOT_MODIFIED,
        next_poll_at=now + timedelta(seconds=_usual(feed, jitter)),
        etag=feed.etag,
        last_modified=feed.last_modified,
        known=None,
        state=None,
        failures=0,
        status=304,
        reason="",
        error="",
    )


def _answered(feed: Feed, response: Response, document: Document, *, now: datetime, jitter: float) -> Verdict:
    whole = response.complete and not document.malformed
    known = document.fingerprints
    if not whole:
        # What lies behind the cut is not gone: it must not count as new when it is back.
        known = tuple(dict.fromkeys((*known, *sorted(feed.known))))
    return Verdict(
        outcome=Outcome.NEW if document.pieces else Outcome.UNCHANGED,
        next_poll_at=now + timedelta(seconds=_usual(feed, jitter)),
        etag=_validator(response, "etag") if whole else None,
        last_modified=_validator(response, "last-modified") if whole else None,
        known=known,
        state=None,
        failures=0,
        status=response.status,
        reason="" if whole else "malformed",
        error="" if whole else "the document was cut short or is broken; its complete items were taken",
    )


def _refused(feed: Feed, response: Response, *, now: datetime, jitter: float) -> Verdict:
    status = response.status
    gone = status == HTTPStatus.GONE
    return _failed(
        feed,
        "gone" if gone else "status",
        f"the server answered {_named(status)}",
        now=now,
        jitter=jitter,
        status=status,
        outcome=Outcome.GONE if gone else Outcome.FAILED,
        wait_s=patience(retry_after(response.headers.get("retry-after"), now)),
        # A 304 that nobody asked for: the server takes us for another.
        validators=status != HTTPStatus.NOT_MODIFIED,
    )


def _failed(
    feed: Feed,
    reason: str,
    error: str,
    *,
    now: datetime,
    jitter: float,
    status: int | None = None,
    outcome: Outcome = Outcome.FAILED,
    wait_s: float = 0.0,
    validators: bool = True,
) -> Verdict:
    slower_s = backoff(
        feed.failures,
        base_s=feed.interval_s,
        factor=2.0,
        cap_s=max(_FAILING_CAP_S, feed.interval_s),
        jitter=jitter,
    )
    return Verdict(
        outcome=outcome,
        next_poll_at=now + timedelta(seconds=max(_usual(feed, jitter), slower_s, wait_s)),
        etag=feed.etag if validators else None,
        last_modified=feed.last_modified if validators else None,
        known=None,
        state=FeedState.GONE if outcome is Outcome.GONE else None,
        failures=feed.failures + 1,
        status=status,
        reason=reason,
        error=error,
    )


def _validator(response: Response, name: str) -> str | None:
    value = response.headers.get(name, "")
    if not value or len(value) > _VALIDATOR_CHARS or not value.isprintable():
        return None
    return value


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
