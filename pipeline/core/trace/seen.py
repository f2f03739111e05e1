"""Was it ever seen?  In which poll, and what became of it there; or what the polls around it held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pipeline.core.trace.answer import Line, count, moment
from pipeline.core.trace.facts import Facts, FeedFact, PollFact, Sighting

#: A feed that was not polled for so many of its intervals has a gap.
GAP_INTERVALS = 3
_POLLS = 3  # that a line shows one by one
_REASONS = 3


def sightings(facts: Facts) -> Iterator[Line]:
    """A line for each poll that brought the address, and one for what came of it."""
    for one in facts.sightings:
        yield Line(
            "poll", f"poll {one.seq} of feed {one.feed_id} ({one.feed}) brought it at {moment(one.at)}"
        )
        yield Line("item", _fate(one, facts))


def never(facts: Facts) -> tuple[str, str]:
    """The fate of an address that no article has, and the sentence that says it."""
    if facts.sightings:
        return _unfinished(facts)
    if not facts.canonical:
        return "never seen", "no entry with this id was ever seen, and it is no web address"
    if not facts.feeds:
        return "no feed", "no feed of its site is polled, and none lists it: `./run feeds add URL` adds one"
    polled = [feed for feed in facts.feeds if feed.state == "active"]
    if not polled:
        return "feed paused", "no feed that might bring it is active: `./run feeds resume ID` polls one again"
    if all(feed.failures for feed in polled):
        worst = polled[0]
        return (
            "feed failing",
            f"it was never seen; feed {worst.id}, which might bring it, fails: {worst.last_error}",
        )
    return "never seen", "it was in no document that the feeds which might bring it have served so far"


def around(facts: Facts) -> Iterator[Line]:
    """What the feeds of its site have served: their newest polls, failures, gaps and rejected items."""
    for feed in facts.feeds:
        yield Line("feed", _feed(feed))
        for poll in feed.polls[:_POLLS]:
            yield Line("poll", _poll(feed, poll))
        yield from (Line("poll", text) for text in _gaps(feed))
        yield from (Line("poll", text) for text in _rejections(feed))


def _unfinished(facts: Facts) -> tuple[str, str]:
    last = facts.sightings[-1]
    if last.fate == "waiting":
        return "waiting", "it is stored and waits for an ingest worker: `./run status` says whether one runs"
    if last.fate == "dead letter":
        return "dead letter", f"its item could not be ingested: {last.cause}"
    if last.fate == "rejected":
        return "rejected", f"it was rejected: {last.cause}"
    first = facts.sightings[0].at
    if not facts.article_days:
        return "purged", f"it was here, first seen {moment(first)}, and was purged since"
    gone = moment(first + timedelta(days=facts.article_days))
    return (
        "purged",
        f"it was here, first seen {moment(first)}, and was purged by retention on or after {gone}",
    )


def _fate(one: Sighting, facts: Facts) -> str:
    if one.fate == "waiting":
        tried = f", tried {count(one.attempts, 'time')}" if one.attempts else ""
        return f"raw item {one.item_id} waits to be ingested{tried}"
    if one.fate == "dead letter":
        return f"raw item {one.item_id} is a dead letter: {one.cause}; `./run deadletters list` shows it"
    if one.fate == "rejected":
        where = f"raw item {one.item_id}" if one.item_id else "it"
        return f"{where} was rejected: {one.cause}"
    if one.fate:
        return f"raw item {one.item_id} was parsed: {'an' if one.fate[0] in 'aeiou' else 'a'} {one.fate}"
    what = "its raw item" if facts.article else "all but its identity"
    return f"{what} is purged by now"


def _feed(feed: FeedFact) -> str:
    name = f"feed {feed.id} ({feed.title or feed.url}) is {feed.state}, every {feed.interval_s} s"
    if feed.last_success_at is None:
        state, since = "never answered well", ""
    else:
        state, since = f"last answered well {moment(feed.last_success_at)}", " since"
    failing = f", failed {count(feed.failures, 'time')}{since}: {feed.last_error}" if feed.failures else ""
    return f"{name}; {state}{failing}"


def _poll(feed: FeedFact, poll: PollFact) -> str:
    held = f"{count(poll.seen, 'item')}: {poll.new} new, {poll.known} known, {poll.rejected} rejected"
    what = poll.error or (held if poll.seen else "")
    said = f"poll {poll.seq} of feed {feed.id} at {moment(poll.at)}: {poll.outcome.replace('_', ' ')}"
    return f"{said}; {what}" if what else said


def _gaps(feed: FeedFact) -> Iterator[str]:
    """Where items may have come and gone unseen."""
    least = timedelta(seconds=feed.interval_s * GAP_INTERVALS)
    for later, earlier in zip(feed.polls, feed.polls[1:], strict=False):
        if later.at - earlier.at > least:
            yield (
                f"feed {feed.id} was not polled between {moment(earlier.at)} and {moment(later.at)}:"
                " what came and went meanwhile was not seen"
            )
        if later.new and not later.known:
            yield (
                f"poll {later.seq} of feed {feed.id} shared no item with the one before:"
                " more may have come between the two than the document holds"
            )


def _rejections(feed: FeedFact) -> Iterator[str]:
    for poll in feed.polls:
        if poll.rejected:
            reasons = "; ".join(_distinct(poll.reasons)[:_REASONS])
            yield f"poll {poll.seq} of feed {feed.id} rejected {count(poll.rejected, 'item')}: {reasons}"


def _distinct(reasons: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(reasons))
