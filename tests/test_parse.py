"""From pieces to entries: text, dates, language, identity; and what one entry does to another: nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pipeline.core.errors import DocumentError
from pipeline.core.model import Entry, Parsed
from pipeline.core.parse import parse_many
from pipeline.core.parse.dates import utc
from tests.documents import NOW, atom, cut_up, entries, parsed, raw_items, rss

RSS_09 = """<?xml version="1.0"?><rss version="0.91"><channel><title>Old</title><link>https://wire.test/</link>
<language>de-AT</language><item><title>Alt</title><link>https://wire.test/1</link>
<description>Ein Text.</description></item></channel></rss>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://wire.test/"><title>R</title><link>https://wire.test/</link></channel>
<item rdf:about="https://wire.test/1"><title>Alt</title><link>https://wire.test/1</link>
<description>Ein Text.</description><dc:date>2026-11-20T10:00:00+01:00</dc:date><dc:language>de</dc:language></item>
</rdf:RDF>"""


def one(body: bytes | str) -> Entry:
    """The only entry of a document."""
    (found,) = entries(body.encode() if isinstance(body, str) else body)
    return found


def test_every_kind_of_feed_is_read() -> None:
    """RSS 0.9x, RDF, RSS 2.0, Atom and JSON Feed give the same fields."""
    found = [
        one(RSS_09),
        one(RDF),
        one(rss("<title>Alt</title><link>https://wire.test/1</link><description>Ein Text.</description>")),
        one(
            atom('<id>1</id><title>Alt</title><link href="https://wire.test/1"/><summary>Ein Text.</summary>')
        ),
        one(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "items": [
                        {"id": "1", "url": "https://wire.test/1", "title": "Alt", "summary": "Ein Text."}
                    ],
                }
            )
        ),
    ]
    assert {(entry.title, entry.url, entry.summary) for entry in found} == {
        ("Alt", "https://wire.test/1", "Ein Text.")
    }
    assert [entry.language for entry in found[:2]] == ["de", "de"]
    assert found[1].published_at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_text_is_what_a_reader_sees() -> None:
    """No markup, no script, entities resolved; blocks divide words, inline tags do not."""
    html = "<p>Minis<b>ters</b> met&nbsp;in</p><p>Vienna</p><script>alert(1)</script><br/>today"
    entry = one(rss(f"<title>A &amp;amp; B</title><description><![CDATA[{html}]]></description>"))
    assert entry.title == "A & B"
    assert entry.summary.split() == ["Ministers", "met", "in", "Vienna", "today"]
    assert "alert" not in entry.summary + entry.html
    assert "<p>" in entry.html


def test_the_fuller_text_is_the_body() -> None:
    """A summary and a content are kept apart; the same text twice is kept once."""
    both = one(
        rss("<title>t</title><description>Short.</description><content:encoded>Long text.</content:encoded>")
    )
    assert (both.summary, both.body) == ("Short.", "Long text.")
    same = one(
        rss("<title>t</title><description>Text.</description><content:encoded>Text.</content:encoded>")
    )
    assert (same.summary, same.body) == ("Text.", "")


def test_an_entry_without_a_title_gets_one() -> None:
    """From its text, or else its address; with neither it is refused."""
    assert one(rss("<description>Ministers met.</description>")).title == "Ministers met."
    assert one(rss("<link>https://wire.test/1</link>")).title == "wire.test/1"
    (result,) = parsed(rss("<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"))
    assert (result.entries, result.rejected) == ((), ("empty: The entry has neither text nor link.",))


def test_relative_links_are_resolved_against_the_site() -> None:
    """And lose their tracking."""
    entry = one(rss("<title>t</title><link>/news/1?utm_source=rss&amp;id=2</link>"))
    assert entry.url == "https://wire.test/news/1?id=2"


def test_identity_is_the_guid_else_the_link_else_title_and_date() -> None:
    """What changes beside it makes no other entry."""
    title, other = "<title>a</title>", "<title>b</title>"
    guid, link = "<guid isPermaLink='false'>7</guid>", "<link>https://wire.test/7?utm_source=x</link>"
    plain_link = "<link>https://wire.test/7</link>"
    day, next_day = (f"<pubDate>Mon, {n} Nov 2026 10:00:00 GMT</pubDate>" for n in (23, 24))
    assert one(rss(guid + title + link)).key == one(rss(guid + other)).key
    assert one(rss(title + link)).key == one(rss(other + plain_link)).key
    assert one(rss(title + day)).key == one(rss(title + day + "<description>x</description>")).key
    keys = {
        one(rss(body)).key
        for body in (guid + title, title + link, title + day, title + next_day, other + day)
    }
    assert len(keys) == 5


def test_a_link_that_several_items_share_identifies_nothing() -> None:
    """Live tickers link every item to one page: each is an entry, and none is that page's article."""
    link = "<link>https://wire.test/live</link>"
    found = entries(rss(f"<title>a</title>{link}", f"<title>b</title>{link}"))
    assert len({entry.key for entry in found}) == 2
    assert {entry.url_key for entry in found} == {None}
    assert {entry.url for entry in found} == {"https://wire.test/live"}


def test_a_link_to_the_site_itself_identifies_nothing() -> None:
    """Some feeds link every item to their front page, even when it stands alone."""
    assert one(rss("<title>a</title><link>https://wire.test/</link>")).url_key is None


def test_content_is_the_same_as_long_as_the_words_are() -> None:
    """Markup, dates and links may change; a word may not."""
    first = one(rss("<title>t</title><description>&lt;p&gt;Same words&lt;/p&gt;</description>"))
    marked = one(
        rss("<guid>9</guid><title>t</title><description>&lt;b&gt;Same words&lt;/b&gt;</description>")
    )
    changed = one(rss("<title>t</title><description>Same word</description>"))
    assert first.content_hash == marked.content_hash != changed.content_hash


def test_equal_texts_have_one_key_if_they_are_long_enough() -> None:
    """Short texts may be equal by chance."""
    words = " ".join(f"word{n}" for n in range(30))
    assert one(rss(f"<title>t</title><description>{words}</description>")).text_key == (
        one(rss(f"<guid>z</guid><title>T</title><description>{words.upper()}</description>")).text_key
    )
    assert one(rss("<title>Breaking news</title>")).text_key is None


@pytest.mark.parametrize(
    "date",
    ["2022-03", "March 2022", "2022", "10:00", "01/03/2022", "Mon, 30 Feb 2022 10:00:00 GMT", "yesterday",
     "Tue, 01 Mar 2022 10:00:00 XYZ", "Tue, 01 Mar 2022 10:00:00 IST", "99999999999999", "0", "1 Mar"],
)  # fmt: skip
def test_a_date_is_never_invented(date: str) -> None:
    """What lacks a year, a month, a day or a certain zone is no date: the entry stays undated."""
    assert utc(date, NOW) is None
    assert one(rss(f"<title>t</title><pubDate>{date}</pubDate>")).published_at is None


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Tue, 01 Mar 2022 10:00:00 EST", datetime(2022, 3, 1, 15, tzinfo=UTC)),
        ("1 Mar 22 10:00 +0530", datetime(2022, 3, 1, 4, 30, tzinfo=UTC)),
        ("2022-03-01T10:00:00.5+02:00", datetime(2022, 3, 1, 8, tzinfo=UTC)),
        ("2022-03-01", datetime(2022, 3, 1, tzinfo=UTC)),
        ("March 1, 2022 12:30 am", datetime(2022, 3, 1, 0, 30, tzinfo=UTC)),
        ("вт, 01 марта 2022 10:00:00 +0300", datetime(2022, 3, 1, 7, tzinfo=UTC)),
        ("1646128800", datetime(2022, 3, 1, 10, tzinfo=UTC)),
        ("2004년 05월 28일  01:31:15", datetime(2004, 5, 27, 16, 31, 15, tzinfo=UTC)),
    ],
)
def test_dates_of_many_shapes_are_read(date: str, moment: datetime) -> None:
    """To UTC, whatever zone and language they are in."""
    assert utc(date, NOW) == moment


def test_what_one_item_holds_never_changes_another() -> None:
    """Items parsed together come out as each would alone; a broken one is alone in failing."""
    bodies = [
        "<title>fine</title><guid>1</guid>",
        "<title>bro<ken</title><guid>2</guid>",
        "<title>&undefined; x</title><guid>3</guid>",
        "<title>last</title><guid>4</guid>",
    ]
    items = raw_items(cut_up(rss(*bodies)))
    together = parse_many(items, now=NOW)
    alone = [parse_many([item], now=NOW)[0] for item in items]
    assert [_told(result) for result in together] == [_told(result) for result in alone]
    whole = [result for result in together if isinstance(result, Parsed)]
    assert {"fine", "last"} <= {entry.title for result in whole for entry in result.entries}


def _told(result: Parsed | DocumentError) -> object:
    return result.entries if isinstance(result, Parsed) else result.reason
