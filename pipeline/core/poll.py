"""What the answer to a poll means for its feed, and when to come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from pipeline.core import rhythm
from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.model import Document, Feed, FeedState, Outcome, Response, Rhythm
from pipeline.core.retry import backoff, patience
from pipeline.core.rhythm import Pacing, Why

_FAILING_CAP_S = 6 * 3600.0
_HOLD_S = 60.0  # a host that had enough and does not say for how long
_VALIDATOR_CHARS = 1024  # longer ones are no validators but an attack on our request's size


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to keep of a poll; the feed's next values, ready to be stored."""

    outcome: Outcome
    next_poll_at: datetime
    interval_s: int  # between polls, as long as all is well
    why: Why  # what has set it
    rhythm: Rhythm
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
    pacing: Pacing,
) -> Verdict:
    """The verdict on one poll.

    ``document`` is what split made of a :func:`readable` response, else None;
    ``jitter`` is a number in [0, 1); ``pacing`` is what intervals are decided with.
    """
    when = _When(now=now, jitter=jitter, pacing=pacing)
    if isinstance(response, FetchError):
        return _failed(feed, response.reason, response.message, when=when)
    if response.status == HTTPStatus.NOT_MODIFIED and (feed.etag or feed.last_modified):
        return _not_modified(feed, response, when=when)
    if not readable(response):
        return _refused(feed, response, when=when)
    if isinstance(document, Document):
        return _answered(feed, response, document, when=when)
    if document is None:
        document = DocumentError("empty", "the answer carries no document")
    # The bad body's validators would hide its mended successor behind a 304, and so may the old ones.
    return _failed(
        feed,
        document.reason,
        document.message,
        when=when,
        status=response.status,
        validators=False,
    )


def pushed(verdict: Verdict, feed: Feed, *, known_limit: int) -> Verdict:
    """The verdict on a document that a hub pushed.

    A push may list only what is new, so what was known stays known, up to
    ``known_limit``.
    """
    known = dict.fromkeys((*(verdict.known or ()), *sorted(feed.known)))
    return replace(verdict, known=tuple(known)[:known_limit])


def hold_s(response: Response, now: datetime) -> float:
    """Seconds that the whole host is to be left alone after this answer, at most a day; 0 for none."""
    if response.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return 0.0
    return max(patience(retry_after(response.headers.get("retry-after"), now)), _HOLD_S)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    """What decides when the next poll is."""

    now: datetime
    jitter: float
    pacing: Pacing

    def after(self, heard: Rhythm, *, first: bool, least_s: float = 0.0) -> tuple[datetime, int, Why]:
        """The next poll, and the interval of a feed with this rhythm, with its reason."""
        interval_s, why = rhythm.interval(heard, self.pacing)
        wait_s = max(rhythm.wait_s(interval_s, first=first, jitter=self.jitter), least_s)
        return self.now + timedelta(seconds=wait_s), round(interval_s), why


def _not_modified(feed: Feed, response: Response, *, when: _When) -> Verdict:
    heard = _heard(feed, response, None, when)
    next_poll_at, interval_s, why = when.after(heard, first=False)
    return Verdict(
        outcome=Outcome.NOT_MODIFIED,
        next_poll_at=next_poll_at,
        interval_s=interval_s,
        why=why,
        rhythm=heard,
        etag=feed.etag,
        last_modified=feed.last_modified,
        known=None,
        state=None,
        failures=0,
        status=304,
        reason="",
        error="",
    )


def _heard(feed: Feed, response: Response, document: Document | None, when: _When) -> Rhythm:
    """The feed's rhythm after an answer; a 304 leaves standing what the document before it asked for."""
    head, brought, whole = b"", 0, False
    if document is not None:
        brought = len(document.pieces) if not feed.first else 0
        whole = document.cut and 0 < brought == document.seen
        head = document.head
    heard = rhythm.heard(feed.rhythm, brought, whole=whole, neutral=when.pacing.neutral, now=when.now)
    asked_s = rhythm.asked_s(response.headers, head, when.now)
    if document is None:
        asked_s = max(asked_s, heard.asked_s)
    return replace(heard, asked_s=asked_s, answer_ms=rhythm.answered(heard.answer_ms, response.elapsed_s))


def _answered(feed: Feed, response: Response, document: Document, *, when: _When) -> Verdict:
    whole = response.complete and not document.malformed
    known = document.fingerprints
    if not whole:
        # What lies behind the cut is not gone: it must not count as new when it is back.
        known = tuple(dict.fromkeys((*known, *sorted(feed.known))))
    heard = _heard(feed, response, document, when)
    if document.pieces:  # what no hub has pushed: it is not relied on
        heard = replace(heard, pushed=False)
    next_poll_at, interval_s, why = when.after(heard, first=feed.rhythm.rated_at is None)
    return Verdict(
        outcome=Outcome.NEW if document.pieces else Outcome.UNCHANGED,
        next_poll_at=next_poll_at,
        interval_s=interval_s,
        why=why,
        rhythm=heard,
        etag=_validator(response, "etag") if whole else None,
        last_modified=_validator(response, "last-modified") if whole else None,
        known=known,
        state=None,
        failures=0,
        status=response.status,
        reason="" if whole else "malformed",
        error="" if whole else "the document was cut short or is broken; its complete items were taken",
    )


def _refused(feed: Feed, response: Response, *, when: _When) -> Verdict:
    status = response.status
    gone = status == HTTPStatus.GONE
    return _failed(
        feed,
        "gone" if gone else "status",
        f"the server answered {_named(status)}",
        when=when,
        status=status,
        outcome=Outcome.GONE if gone else Outcome.FAILED,
        wait_s=patience(retry_after(response.headers.get("retry-after"), when.now)),
        # A 304 that nobody asked for: the server takes us for another.
        validators=status != HTTPStatus.NOT_MODIFIED,
    )


def _failed(
    feed: Feed,
    reason: str,
    error: str,
    *,
    when: _When,
    status: int | None = None,
    outcome: Outcome = Outcome.FAILED,
    wait_s: float = 0.0,
    validators: bool = True,
) -> Verdict:
    own_s, _ = rhythm.interval(feed.rhythm, when.pacing)
    slower_s = backoff(
        feed.failures, base_s=own_s, factor=2.0, cap_s=max(_FAILING_CAP_S, own_s), jitter=when.jitter
    )
    next_poll_at, interval_s, why = when.after(feed.rhythm, first=False, least_s=max(slower_s, wait_s))
    return Verdict(
        outcome=outcome,
        next_poll_at=next_poll_at,
        interval_s=interval_s,
        why=why,
        rhythm=feed.rhythm,
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
