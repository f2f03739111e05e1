"""Whether to believe a server: what it says of its document, held against what it sends.

A conditional request costs both sides little, and is only as good as the
server's word: some answer "not modified" for ever.  So now and then the document
is asked for whatever the server thinks of it.  Where it then brings what is new
under the very validators that we hold, the server would have said "not modified"
again: it is not believed any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.core.canary import HOUSE
from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.model import Document, Feed, Response, Wariness

#: However seldom a feed is polled: its document is asked for so often.
WHOLE_EVERY = timedelta(days=1)
#: For so long a server that was caught is sent no validators; then it is on trial.
DOUBT = timedelta(days=7)

_ON_TRIAL = 2  # one document after each "not modified"
# By chance a change falls between many "not modified" and the one poll that asks for the
# document anyway, once in eleven times; three times in a row once in a thousand.
_MANY = 10
_STRIKES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed:
    """What to think of an answer; what it brought decides, once it is parsed, whether it is so."""

    wariness: Wariness
    adrift: bool = False  # the document has no piece in common with the one before
    lied: bool = False  # what is new in it was hidden by "not modified"
    trusted: bool = False  # a server on trial has told of something new by itself


def asks_whole(feed: Feed, *, every: int, now: datetime) -> bool:
    """Whether the feed's document is asked for without validators.

    ``every`` is how often at least, in polls, while the server says "not modified".
    """
    wary = feed.wariness
    if feed.id == HOUSE:
        return False
    if wary.doubted_until is not None:
        if now < wary.doubted_until <= now + DOUBT:  # a clock may have been a year ahead
            return True
        every = min(every, _ON_TRIAL)
    if wary.unmodified >= every - 1 or wary.whole_at is None:
        return True
    return abs(now - wary.whole_at) >= WHOLE_EVERY  # also where a clock was ahead


def heed(
    feed: Feed,
    response: Response | FetchError,
    document: Document | DocumentError | None,
    *,
    whole: bool,
    now: datetime,
) -> Heed:
    """What to think of the answer to a poll that asked for the document ``whole``, or with validators."""
    wary = feed.wariness
    if not whole and isinstance(response, Response) and response.status == 304:
        return Heed(wariness=replace(wary, unmodified=wary.unmodified + 1, overlapped=True))
    if not isinstance(response, Response) or not isinstance(document, Document):
        return Heed(wariness=wary)
    brought = bool(document.pieces) and not feed.first
    struck = whole and brought and wary.unmodified >= _MANY
    strikes = wary.strikes + struck if whole or not brought else 0
    lied = whole and brought and wary.unmodified > 0 and (_same(feed, response) or strikes >= _STRIKES)
    apart = _apart(feed, document)
    intact = response.complete and not document.malformed
    return Heed(
        wariness=replace(
            wary,
            unmodified=0,
            whole_at=now,
            strikes=0 if lied else strikes,
            overlapped=wary.overlapped or (bool(feed.known) and not apart),
        ),
        adrift=brought and intact and apart and bool(feed.known) and feed.id != HOUSE,
        lied=lied,
        trusted=not whole
        and brought
        and bool(feed.etag or feed.last_modified)
        and wary.doubted_until is not None,
    )


def heed_pushed(feed: Feed, document: Document, *, flood: int) -> Heed:
    """What to think of a pushed document: nothing of the feed's server, whatever it says.

    It may list only what is new, so that fewer items than a ``flood`` has, without
    anything in common with those before, are the rule.
    """
    many = len(document.pieces) >= flood and not feed.first and not document.malformed
    return Heed(wariness=feed.wariness, adrift=many and bool(feed.known) and _apart(feed, document))


def _apart(feed: Feed, document: Document) -> bool:
    """Whether a document that lists something has nothing in common with the one before."""
    return bool(document.fingerprints) and feed.known.isdisjoint(document.fingerprints)


def _same(feed: Feed, response: Response) -> bool:
    """Whether the server would have said "not modified" to our validators (RFC 9110, section 13.2.2)."""
    if feed.etag is not None:
        return _opaque(response.headers.get("etag", "")) == _opaque(feed.etag)
    return feed.last_modified is not None and response.headers.get("last-modified") == feed.last_modified


def _opaque(etag: str) -> str:
    """An entity tag as ``If-None-Match`` compares it: weak or not."""
    return etag.strip().removeprefix("W/")
