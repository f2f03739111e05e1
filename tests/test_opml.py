"""Feed lists in OPML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import opml
from pipeline.core.errors import UsageError


def listing(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>{body}</body></opml>'.encode()


def only(body: str) -> opml.Outline:
    (feed,) = opml.read(listing(body)).feeds
    return feed


def test_folders_and_categories_become_tags() -> None:
    """A feed's tags are the folders that it lies in, outermost first, then its categories."""
    feed = only(
        '<outline text="News"><outline title="Europe" text="x">'
        '<outline type="rss" text="A" xmlUrl="http://a.test/f" category="/Wire/Fast,Europe"/></outline></outline>'
    )
    assert feed.tags == ("News", "Europe", "Wire", "Fast")


def test_a_folders_name_may_have_a_slash_and_comments_are_passed_over() -> None:
    """A folder is one tag, whatever its name; a folder without a name is none."""
    feed = only(
        '<outline text="TV/Radio"><!-- <outline xmlUrl="http://no.test/"/> --><outline>'
        '<outline xmlUrl="http://a.test/f"/></outline></outline>'
    )
    assert feed.tags == ("TV/Radio",)


def test_a_feed_brings_what_its_line_says() -> None:
    """Title, site and language are taken; attribute names may be in any case."""
    feed = only(
        '<outline TYPE="rss" Title=" A\tfeed " XMLURL="https://a.test/f?x=1&amp;y=2" htmlurl="https://a.test" language="DE"/>'
    )
    assert (feed.title, feed.url, feed.site_url, feed.language) == (
        "A feed",
        "https://a.test/f?x=1&y=2",
        "https://a.test",
        "de",
    )


def test_credentials_leave_the_address() -> None:
    """A user and a password in the address are kept apart, where they can be masked."""
    feed = only('<outline xmlUrl="https://ada:p%40ss@a.test:8443/f#top"/>')
    assert (feed.url, feed.auth) == ("https://a.test:8443/f", ("ada", "p@ss"))


@pytest.mark.parametrize("address", ["feed://a.test/f", "feed:http://a.test/f", " http://a.test/f\n"])
def test_feed_addresses_in_other_dress_are_understood(address: str) -> None:
    """`feed:` is how browsers handed feeds over; it means http."""
    assert only(f'<outline xmlUrl="{address}"/>').url == "http://a.test/f"


def test_a_list_may_begin_with_a_byte_order_mark_and_blank_lines() -> None:
    """Editors put the one and scripts the other where XML wants its declaration to stand."""
    assert opml.read(b"\xef\xbb\xbf\r\n" + listing('<outline xmlUrl="http://a.test/f"/>')).feeds
    assert opml.read(listing('<outline xmlUrl="http://a.test/f"/>').decode().encode("utf-16")).feeds


def test_a_line_named_by_its_address_has_no_title() -> None:
    """Each outline must have a text, so writers put the address where a feed has no name."""
    assert only('<outline text="http://a.test/f" xmlUrl="http://a.test/f"/>').title == ""


def test_our_own_attributes_set_interval_and_full_text() -> None:
    """`interval` and `fullText` are ours; a value that makes no sense skips the line with its reason."""
    feed = only('<outline xmlUrl="http://a.test/f" interval="60" fullText="Always"/>')
    assert (feed.interval_s, feed.full_text) == (60, "always")
    found = opml.read(
        listing(
            '<outline xmlUrl="http://a.test/f" interval="5"/><outline xmlUrl="http://b.test/" fullText="so"/>'
        )
    )
    assert found.feeds == ()
    assert found.skipped == (
        "line 1: interval must be whole seconds, from 15 to 31536000",
        "line 1: fullText must be one of auto, always, never",
    )


def test_a_feed_listed_twice_is_one_feed_with_the_tags_of_both() -> None:
    """The scheme, www and a slash at the end make no other feed; the second line is told."""
    found = opml.read(
        listing(
            '<outline text="A"><outline xmlUrl="http://a.test/f"/></outline>\n'
            '<outline text="B"><outline text="twin" xmlUrl="https://www.a.test/f/"/></outline>'
        )
    )
    (feed,) = found.feeds
    assert (feed.url, feed.tags) == ("http://a.test/f", ("A", "B"))
    assert found.skipped == ('line 2, "twin": same feed as on line 1; merged',)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('<outline type="rss" text="x"/>', "no feed address (xmlUrl)"),
        (
            '<outline type="rss" xmlUrl="javascript:alert(1)"/>',
            "not an http or https address: javascript:alert(1)",
        ),
        ('<outline xmlUrl="file:///etc/passwd"/>', "not an http or https address: file:///etc/passwd"),
        ('<outline xmlUrl="http://[::1"/>', "not an address: http://[::1"),
        ('<outline xmlUrl="http://a.test:99999/"/>', "not an address: http://a.test:99999/"),
        ('<outline type="link" url="http://a.test"/>', "a link, not a feed"),
        (
            '<outline type="include" url="http://a.test/l.opml"/>',
            "an included list is not followed; import it by itself",
        ),
    ],
)
def test_a_line_that_brings_no_feed_has_one_reason(line: str, reason: str) -> None:
    """Nothing is left out in silence."""
    (told,) = opml.read(listing(line)).skipped
    assert told.endswith(f": {reason}")


@pytest.mark.parametrize("cut", [40, 120, 180])
def test_a_list_cut_short_is_an_error_and_not_a_shorter_list(cut: int) -> None:
    """A download that ended early must not pass for the whole."""
    whole = listing(
        '<outline xmlUrl="http://a.test/f"/><outline xmlUrl="http://b.test/f"/><outline xmlUrl="http://c.test/f"/>'
    )
    with pytest.raises(UsageError, match="broken or cut short"):
        opml.read(whole[:cut])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"<opml><body><outline text='a & b'/></body></opml>", "broken or cut short: .* line 1"),
        (b"<html><body/></html>", "not an OPML file: it starts with <html>"),
        (
            b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body/></opml>',
            "declares entities",
        ),
        ('<!DOCTYPE opml [<!ENTITY x "y">]><opml><body/></opml>'.encode("utf-16"), "declares entities"),
        (b"x" * (opml.MAX_BYTES + 1), "larger than"),
    ],
    ids=["empty", "ampersand", "html", "entities", "entities in UTF-16", "large"],
)
def test_what_is_no_list_is_refused_with_the_reason(data: bytes, message: str) -> None:
    """One sentence says what the file is instead."""
    with pytest.raises(UsageError, match=message):
        opml.read(data)


def test_marks_that_careless_writers_leave_unescaped_are_mended() -> None:
    """Published lists hold bare ampersands, quotes and tags in their attributes."""
    feed = only(
        '<outline text="The "Daily" & more" description="<p>by <a href="http://x.test" rel="nofollow">us</a></p>" '
        'xmlUrl="http://a.test/f?a=1&b=2" type="rss" />'
    )
    assert (feed.title, feed.url) == ('The "Daily" & more', "http://a.test/f?a=1&b=2")


def test_mending_is_quick_on_text_made_to_be_slow() -> None:
    """No pattern goes over the same text again and again; the time limit of the test says so."""
    for hostile in (
        b"<outline " + b"a" * 19_000 + b">",
        b'<outline a="' * 100_000,
        b"<outline " + b" ".join(b'a%d=""' % number for number in range(60_000)) + b"/></body></opml>",
        b"<outline/>" * 100_001 + b"</body></opml>",
        (b"<outline" + b">" * 6000) * 50,
        (b"<outline" + b'\ttext="a' * 2_000 + b">") * 400,
    ):
        with pytest.raises(UsageError):
            opml.read(b"<opml><body>" + hostile)


def bare(feed: opml.Outline) -> opml.Outline:
    """A feed without what a written list leaves out, or has elsewhere."""
    return replace(feed, line=0, auth=None)


def test_every_list_of_the_corpus_is_read(corpus: Path) -> None:
    """Each feed of the lists found in the wild is taken, or told as merged, and comes back when written again."""
    for path in sorted((corpus / "opml").glob("*ml")):
        data = path.read_bytes()
        if path.name == "hostile_entities.opml":
            with pytest.raises(UsageError, match="entities"):
                opml.read(data)
            continue
        found = opml.read(data)
        addresses = data.lower().count(b"xmlurl=")
        told = [reason for reason in found.skipped if "no feed address" not in reason]
        assert len(found.feeds) + len(told) == addresses, path.name
        again = opml.read(opml.write(found.feeds, title=found.title, now=datetime(2026, 11, 23, tzinfo=UTC)))
        assert {bare(feed) for feed in again.feeds} == {bare(feed) for feed in found.feeds}, path.name
        with pytest.raises(UsageError):
            opml.read(data[: len(data) // 2])


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=30).map(
    lambda text: " ".join(text.split())
)
OUTLINES = st.builds(
    opml.Outline,
    url=st.from_regex(r"https://[a-z]{1,9}\.test/[a-z0-9?&=%;,]{0,9}[a-z]", fullmatch=True),
    title=WORDS,
    site_url=st.sampled_from(["", "https://a.test/?a=1&b=2"]),
    language=st.sampled_from([None, "de", "pt-br"]),
    tags=st.lists(WORDS.filter(bool), max_size=4, unique=True).map(tuple),
    auth=st.none(),
    interval_s=st.sampled_from([None, 15, 86_400]),
    full_text=st.sampled_from([None, "always", "never"]),
    line=st.just(0),
)


@settings(max_examples=20, deadline=None)
@given(feeds=st.lists(OUTLINES, max_size=5, unique_by=lambda feed: opml.same(feed.url)))
def test_a_list_that_was_written_is_read_as_the_same(feeds: list[opml.Outline]) -> None:
    """Addresses, titles and tags come back to the letter, whatever signs are in them."""
    found = opml.read(opml.write(feeds, title="Mine", now=datetime(2026, 11, 23, tzinfo=UTC)))
    assert found.skipped == ()
    back = {feed.url: replace(feed, line=0) for feed in found.feeds}
    assert back == {feed.url: feed for feed in feeds}


def test_other_readers_find_what_they_look_for_and_no_secret() -> None:
    """Each feed is an outline of type rss with a text, in one folder; a password is never written."""
    feed = only(
        '<outline text="World"><outline xmlUrl="https://ada:geheim@a.test/f" category="A,B"/></outline>'
    )
    written = opml.write([feed], title="Mine", now=datetime(2026, 11, 23, tzinfo=UTC)).decode()
    assert '<outline text="World" title="World">' in written
    assert 'type="rss" text="https://a.test/f" xmlUrl="https://a.test/f" category="World,A,B"' in written
    assert "<dateCreated>Mon, 23 Nov 2026 00:00:00 +0000</dateCreated>" in written
    assert "geheim" not in written
    assert "ada" not in written
