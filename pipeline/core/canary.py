"""The canary: an article of our own that goes the whole way, and what its traces say.

Every few minutes the canary's feed lists a new item, which a subscription of
ours matches and a channel of ours receives.  Where one is overdue, the last
trace that it left names the stage that it did not leave.  Feed, subscription and
channel have the id 0, which no others ever get; lists, counts and searches leave
them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b

#: The id of the canary's feed, subscription and channel.
HOUSE = 0
FEED_URL = "http://canary.invalid/feed.xml"  # stands in the database; no resolver ever hears of it
CHANNEL_URL = "canary:"
AUTHOR = "tocsincanary"
QUERY = f"author:{AUTHOR}"
#: An article is overdue after this: longer than it takes a lease to bring back what a killed worker held.
OVERDUE = timedelta(seconds=90)
#: A poll may come so much later than its interval says.
_LATE = 1.2
_WORDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One canary on its way, as far as its traces say."""

    fetched_at: datetime
    item: str  # state of its raw item: new, done or dead
    rang: bool  # its article has an alert
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What the canaries have left: the last poll that went well, and the flights, the newest first."""

    began: datetime  # when the canary was set free, or the scheduler started: nothing is overdue for before
    polled_at: datetime | None
    flights: tuple[Flight, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """The stage that the canary did not leave, and what that means."""

    stage: str  # poll, redis, ingest, match or deliver
    text: str


_WHY = {
    "poll": "Its feed has not been polled for {age:.0f} s. Does a scheduler run?",
    "redis": "It waits for a queue, and Redis cannot be reached.",
    "ingest": "It was fetched {age:.0f} s ago and is not stored. Do ingest workers run?",
    "match": "It was stored, and no alert came of it. Do ingest workers know all subscriptions?",
    "deliver": "Its alert is {age:.0f} s old and was not delivered. Do deliver workers run?",
}

#: What can break, in the order of the way.
STAGES = tuple(_WHY)


def judge(traces: Traces, *, every_s: float, redis_answers: bool, now: datetime) -> Broken | None:
    """The stage that broke, or None while every canary is on time."""
    last = max(filter(None, (traces.polled_at, traces.began)))
    flight = _overdue(traces, now)
    if flight is not None:
        return _broken(_stage(flight, redis_answers), now - flight.fetched_at)
    if now - last > timedelta(seconds=every_s * _LATE) + OVERDUE:
        return _broken("poll", now - last)
    return None


def _overdue(traces: Traces, now: datetime) -> Flight | None:
    """The first flight after the last one that arrived, if it is overdue."""
    lost: Flight | None = None
    for flight in traces.flights:
        if flight.delivered_at is not None:
            break
        lost = flight
    return lost if lost is not None and now - max(lost.fetched_at, traces.began) > OVERDUE else None


def _stage(flight: Flight, redis_answers: bool) -> str:
    if flight.item == "done" and not flight.rang:
        return "match"
    if flight.item != "dead" and not redis_answers:
        return "redis"
    return "deliver" if flight.rang else "ingest"


def _broken(stage: str, age: timedelta) -> Broken:
    return Broken(stage, _WHY[stage].format(age=age.total_seconds()))


def document(number: int, at: datetime) -> bytes:
    """The canary's feed with its item of this number.

    Its words are unlike those of any other item: no copy of another, nor of its event.
    """
    digest = blake2b(str(number).encode(), digest_size=64)
    words = [blake2b(digest.digest() + bytes([n]), digest_size=5).hexdigest() for n in range(_WORDS)]
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Canary</title>'
        "<link>http://canary.invalid/</link><description>Our own</description><language>en</language>"
        f'<item><guid isPermaLink="false">{number}</guid><title>{" ".join(words[:8])}</title>'
        f"<link>http://canary.invalid/{number}</link><dc:creator>{AUTHOR}</dc:creator>"
        f"<description>{' '.join(words[8:])}</description><pubDate>{format_datetime(at)}</pubDate></item>"
        "</channel></rss>"
    ).encode()
