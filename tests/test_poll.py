"""What the answer to a poll means for its feed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.model import Document, Feed, FeedState, Outcome, Piece, Response, Rhythm
from pipeline.core.poll import Verdict, readable, retry_after
from pipeline.core.poll import judge as judge_with
from pipeline.core.rhythm import Pacing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = b"o" * 16, b"n" * 16

FEED = Feed(
    host="news.example",
    id=1,
    url="https://news.example/feed",
    seq=7,
    etag='W/"old"',
    last_modified="Sun, 01 Mar 2026 10:00:00 GMT",
    known=frozenset({OLD}),
    failures=0,
    first=False,
    auth=None,
    headers=(),
    rhythm=Rhythm(every_s=300, rate=1.0, watched_s=3600.0, rated_at=NOW - timedelta(seconds=300)),
)


def judge(
    feed: Feed,
    answer: Response | FetchError,
    found: Document | DocumentError | None,
    *,
    now: datetime,
    jitter: float,
) -> Verdict:
    """The verdict, with intervals as they are without any option."""
    return judge_with(feed, answer, found, now=now, jitter=jitter, pacing=Pacing())


def response(status: int = 200, *, complete: bool = True, **headers: str) -> Response:
    """An answer with ``headers``, written with underscores."""
    return Response(
        status=status,
        url=FEED.url,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=b"<rss/>",
        complete=complete,
        fetched_at=NOW,
        elapsed_s=0.1,
    )


def document(*, new: int = 1, malformed: bool = False) -> Document:
    """A document of one item, new or not."""
    piece = Piece(position=0, fingerprint=NEW, data=b"<item/>", link_shared=False, guid_shared=False)
    return Document(
        head=b"",
        tail=b"",
        cut=True,
        format="xml",
        pieces=(piece,) * new,
        fingerprints=(NEW,),
        seen=1,
        rejected=(),
        malformed=malformed,
    )


def wait_s(moment: datetime) -> float:
    """Seconds from now."""
    return (moment - NOW).total_seconds()


def test_new_items_are_news_and_validators_are_kept_as_they_came() -> None:
    """Whatever a server writes in its validators goes back to it letter by letter."""
    answer = response(etag='W/"ab c";x', last_modified="yesterday, about noon")
    verdict = judge(replace(FEED, failures=4), answer, document(), now=NOW, jitter=0.5)
    assert verdict.outcome is Outcome.NEW
    assert verdict.succeeded
    assert (verdict.etag, verdict.last_modified) == ('W/"ab c";x', "yesterday, about noon")
    assert verdict.known == (NEW,)
    assert (verdict.failures, verdict.error, verdict.status) == (0, "", 200)
    assert verdict.next_poll_at == NOW + timedelta(seconds=300)


def test_a_document_without_news_is_unchanged() -> None:
    """Every item known: nothing to do, validators refreshed, absent ones forgotten."""
    verdict = judge(FEED, response(etag='"2"'), document(new=0), now=NOW, jitter=0.0)
    assert verdict.outcome is Outcome.UNCHANGED
    assert (verdict.etag, verdict.last_modified) == ('"2"', None)


@pytest.mark.parametrize("jitter", [0.0, 0.25, 0.999])
def test_the_next_poll_is_an_interval_away_give_or_take_a_twentieth(jitter: float) -> None:
    """Jitter spreads feeds that were added together."""
    verdict = judge(FEED, response(304), None, now=NOW, jitter=jitter)
    assert 285 <= wait_s(verdict.next_poll_at) <= 315


def test_not_modified_keeps_what_is_known() -> None:
    """A 304 speaks of the document we have: its validators and fingerprints stay."""
    verdict = judge(FEED, response(304, etag='"other"'), None, now=NOW, jitter=0.5)
    assert verdict.outcome is Outcome.NOT_MODIFIED
    assert (verdict.etag, verdict.last_modified) == (FEED.etag, FEED.last_modified)
    assert verdict.known is None


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    """Without validators in the request there is nothing that could be unmodified."""
    verdict = judge(replace(FEED, etag=None, last_modified=None), response(304), None, now=NOW, jitter=0.5)
    assert verdict.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("answer", "broken"),
    [(response(complete=False, etag='"x"'), document()), (response(etag='"x"'), document(malformed=True))],
    ids=["cut short", "malformed"],
)
def test_a_broken_document_gives_its_items_and_leaves_no_validators(
    answer: Response, broken: Document
) -> None:
    """Its mended successor must not be hidden by a 304, nor the items behind the cut count as new again."""
    verdict = judge(FEED, answer, broken, now=NOW, jitter=0.5)
    assert verdict.outcome is Outcome.NEW
    assert (verdict.etag, verdict.last_modified) == (None, None)
    assert set(verdict.known or ()) == {OLD, NEW}
    assert verdict.reason == "malformed"
    assert verdict.failures == 0


def test_a_document_that_is_no_feed_is_a_failure_without_validators() -> None:
    """A captive portal's 200 changes nothing but the failure count."""
    fault = DocumentError("not-a-feed", "an HTML page, not a feed")
    verdict = judge(FEED, response(etag='"portal"'), fault, now=NOW, jitter=0.5)
    assert verdict.outcome is Outcome.FAILED
    assert (verdict.etag, verdict.last_modified, verdict.known) == (None, None, None)
    assert (verdict.reason, verdict.error, verdict.failures) == ("not-a-feed", "an HTML page, not a feed", 1)


def test_failures_are_polled_ever_more_rarely_up_to_six_hours() -> None:
    """Back-off doubles from the interval and is capped."""
    fault = FetchError("timeout", "no answer")
    waits = [
        wait_s(judge(replace(FEED, failures=n), fault, None, now=NOW, jitter=0.0).next_poll_at)
        for n in range(12)
    ]
    assert waits[:4] == [300, 600, 1200, 2400]
    assert waits == sorted(waits)
    assert waits[-1] == 6 * 3600
    assert judge(replace(FEED, failures=3), fault, None, now=NOW, jitter=0.0).failures == 4


def test_a_failing_slow_feed_is_not_polled_more_often_than_a_well_one() -> None:
    """The cap never shortens a feed's own interval."""
    daily = replace(FEED, rhythm=Rhythm(every_s=86_400), failures=3)
    verdict = judge(daily, FetchError("dns", "no such name"), None, now=NOW, jitter=0.99)
    assert wait_s(verdict.next_poll_at) >= 86_400


def test_network_failures_keep_the_validators() -> None:
    """The last good document is still the last good document."""
    verdict = judge(FEED, FetchError("connect", "refused"), None, now=NOW, jitter=0.5)
    assert (verdict.etag, verdict.last_modified, verdict.known) == (FEED.etag, FEED.last_modified, None)
    assert (verdict.status, verdict.reason, verdict.error) == (None, "connect", "refused")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503, 302, 999])
def test_an_error_status_is_a_failure_that_names_it(status: int) -> None:
    """The operator reads what the server said."""
    verdict = judge(FEED, response(status), None, now=NOW, jitter=0.5)
    assert verdict.outcome is Outcome.FAILED
    assert str(status) in verdict.error
    assert verdict.state is None


def test_gone_is_gone() -> None:
    """410 means that the feed is not to be asked again."""
    verdict = judge(FEED, response(410), None, now=NOW, jitter=0.5)
    assert (verdict.outcome, verdict.state) == (Outcome.GONE, FeedState.GONE)


def test_retry_after_is_obeyed_for_a_day_at_most() -> None:
    """A server that asks for patience gets it; none silences a feed for ever."""
    for asked, expected in [("3600", 3600), ("Sun, 01 Mar 2026 13:00:00 GMT", 3600), ("999999999", 86_400)]:
        verdict = judge(FEED, response(429, retry_after=asked), None, now=NOW, jitter=0.5)
        assert wait_s(verdict.next_poll_at) == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 14:00:30 +0200", 30.0),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float | None) -> None:
    """Seconds and dates are understood, the rest is ignored."""
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize("etag", ["x" * 1025, "a\udce9b", "tab\tbed"])
def test_a_validator_that_cannot_be_stored_is_not_kept(etag: str) -> None:
    """What no database takes, or what would blow up our request, is not a validator."""
    assert judge(FEED, response(etag=etag), document(), now=NOW, jitter=0.5).etag is None


def test_only_success_carries_a_document() -> None:
    """Bodies of errors and redirects are not split."""
    assert readable(response(200))
    assert readable(response(226))
    assert not any(readable(response(status)) for status in (304, 301, 404, 500))
