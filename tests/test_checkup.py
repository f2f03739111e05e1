"""What is said of a feed before it is polled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.core.checkup import Checked, pace, remarks
from pipeline.core.model import Response
from pipeline.core.rhythm import Limits
from pipeline.core.split import guids
from pipeline.flow.look import look
from tests.documents import NOW, atom, rss

URL = "https://wire.test/feed"
ITEM = "<title>{0}</title><guid>{0}</guid><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
GOOD = rss(ITEM.format("a"), ITEM.format("b"))


def answer(body: bytes, status: int = 200, url: str = URL, **headers: str) -> Response:
    return Response(
        status=status, url=url, headers=headers, body=body, complete=True, fetched_at=NOW, elapsed_s=0.1
    )


def checked(body: bytes, *, again: Response | None = None, secure_url: str = "", **headers: str) -> Checked:
    seen = look(answer(body, **headers), items_limit=500, cut=True, now=NOW)
    return Checked(
        asked=URL,
        answer=seen.answer,
        document=seen.document,
        entries=seen.entries,
        rejected=len(seen.rejected),
        guids=guids(seen.document),
        again=again,
        secure_url=secure_url,
    )


def words(seen: Checked) -> list[str]:
    return [one.word for one in remarks(seen, now=NOW)]


def test_of_a_good_feed_nothing_is_said() -> None:
    """It has validators and answers 304, and its items have dates and ids."""
    assert words(checked(GOOD, etag='"1"', again=answer(b"", 304))) == []


def test_what_polls_will_cost_is_said() -> None:
    """No validators, validators that are not honoured, a redirect, http where https is, and size."""
    assert words(checked(GOOD)) == ["no-validators"]
    (lied,) = remarks(checked(GOOD, etag='"1"', again=answer(GOOD)), now=NOW)
    assert (lied.word, "though nothing had changed" in lied.text) == ("no-304", True)
    (moved,) = remarks(checked(GOOD, etag='"1"', again=answer(GOOD + b" ")), now=NOW)
    assert "other content" in moved.text
    good = checked(GOOD, etag='"1"', secure_url="https://wire.test/")
    assert words(good) == ["not-encrypted"]
    led = replace(good, asked="https://old.test/", secure_url="")
    assert words(led) == ["redirected"]
    assert words(replace(led, answer=replace(led.answer, moved=URL))) == ["moved"]
    assert words(checked(GOOD + b" " * 1_000_000, etag='"1"')) == ["huge"]


def test_what_is_wrong_with_the_document_is_said() -> None:
    """Cut short, refused items, and nothing in it."""
    assert words(checked(GOOD[:-6], etag='"1"')) == ["malformed"]
    assert words(checked(rss(ITEM.format("a"), "<x/>"), etag='"1"'))[0] == "rejected"
    assert words(checked(rss(), etag='"1"')) == ["empty"]


def test_what_is_wrong_with_the_items_is_said() -> None:
    """Missing, future and old dates, and ids that are missing or shared."""
    body = rss(
        "<title>a</title><guid>1</guid>",
        "<title>b</title><guid>1</guid><pubDate>Mon, 23 Nov 2027 10:00:00 GMT</pubDate>",
        "<title>c</title><link>https://wire.test/c</link><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>",
    )
    said = {one.word: one.text for one in remarks(checked(body, etag='"1"'), now=NOW)}
    assert said.keys() == {"undated", "future", "no-guid", "shared-guid"}
    assert said["undated"].startswith("1 of 3")
    assert said["no-guid"].startswith("1 of 3")
    assert said["shared-guid"].startswith("1 items")
    (stale,) = remarks(checked(GOOD, etag='"1"'), now=NOW + timedelta(days=400))
    assert (stale.word, "400 days" in stale.text) == ("stale", True)


def test_the_likely_pace_goes_by_dates_and_by_what_the_publisher_asks_for() -> None:
    """Two items of two hours are one an hour; without dates nothing is guessed, and future ones do not count."""
    found = pace(checked(GOOD), Limits(), now=NOW)
    assert (found.interval_s, found.items_a_day, found.asked_s) == (300, 24.0, 0)
    assert found.text == "every 300 s: 1.0 items an hour"
    asked = pace(checked(GOOD, **{"cache-control": "max-age=600"}), Limits(courtesy_s=900), now=NOW)
    assert (asked.interval_s, asked.asked_s) == (600, 600)
    assert "the publisher asks for it" in asked.text
    ttl = rss(ITEM.format("a"), channel="<title>W</title><ttl>10</ttl>")
    assert pace(checked(ttl), Limits(), now=NOW).asked_s == 600
    assert pace(checked(rss("<title>a</title>")), Limits(), now=NOW).items_a_day is None
    assert pace(checked(GOOD), Limits(), now=NOW - timedelta(days=1)).items_a_day is None


def test_atom_and_json_items_have_ids_too() -> None:
    """Each form names them its own way."""
    entry = "<title>a</title><id>urn:1</id><updated>2026-11-23T10:00:00Z</updated>"
    assert words(checked(atom(entry), etag='"1"')) == []
    json = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "W", "items":'
        b' [{"id": "1", "content_text": "a", "date_published": "2026-11-23T10:00:00Z"}]}'
    )
    assert words(checked(json, etag='"1"')) == []
