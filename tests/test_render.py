"""Alerts and notices as messages: the webhook's body, text, HTML, and nothing that strangers could abuse."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.core.render import Alert, message, notice

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)

ALERT = Alert(
    id=7,
    created_at=NOW,
    subscription_id=2,
    subscription_name="Invasion",
    query='invasion NOT "home invasion"',
    story_id=5,
    article_count=3,
    source_count=2,
    event_id=4,
    independent_sources=3,
    copies=9,
    article_id=11,
    url="https://agency.example/a/11?x=1&y=2",
    title="Talks on invasion fears",
    summary="Russia and the United States will hold security talks.",
    author="A. Reporter",
    language="en",
    published_at=datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
    first_seen_at=NOW,
    feed_id=3,
    feed_title="Agency World",
    feed_url="https://agency.example/feed",
    matches=(
        {
            "term": "invasion",
            "field": "title",
            "start": 9,
            "end": 17,
            "text": "invasion",
            "context": "Talks on invasion fears",
        },
        {
            "term": "invasion",
            "field": "body",
            "start": 900,
            "end": 909,
            "text": "invasions",
            "context": "… denied that invasions & <threats> were imminent …",
        },
    ),
    public_url="https://tocsin.example",
)
HOSTILE = "A\r\nBcc: all@x\x00\x1b[31m\u202egnp\u2028<script>alert(1)</script>\"'&\ud800"


def test_the_webhooks_body_is_as_documented() -> None:
    """Programs rely on every name and form in it."""
    rung = message(ALERT, message_id="msg_1")
    assert rung.id == "msg_1"
    assert rung.data == {
        "type": "alert.created",
        "timestamp": "2026-03-01T12:30:15.250000Z",
        "data": {
            "alert": {
                "id": 7,
                "created_at": "2026-03-01T12:30:15.250000Z",
                "priority": "normal",
                "follow_up": False,
            },
            "subscription": {"id": 2, "name": "Invasion", "query": 'invasion NOT "home invasion"'},
            "story": {
                "id": 5,
                "article_count": 3,
                "source_count": 2,
                "event_id": 4,
                "independent_sources": 3,
                "copies": 9,
            },
            "article": {
                "id": 11,
                "url": "https://agency.example/a/11?x=1&y=2",
                "title": "Talks on invasion fears",
                "summary": "Russia and the United States will hold security talks.",
                "author": "A. Reporter",
                "language": "en",
                "published_at": "2026-03-01T09:05:00Z",
                "first_seen_at": "2026-03-01T12:30:15.250000Z",
                "feed": {"id": 3, "title": "Agency World", "url": "https://agency.example/feed"},
            },
            "matches": [dict(match) for match in ALERT.matches],
        },
    }
    json.dumps(rung.data)


def test_the_text_tells_what_where_and_why() -> None:
    """Headline, outlet, date, matched lines, address, subscription, our page."""
    assert message(ALERT, message_id="m").text.split("\n\n") == [
        "Talks on invasion fears",
        "Agency World · published 1 Mar 2026, 09:05 UTC · 3 independent outlets, 9 copies",
        "https://agency.example/a/11?x=1&y=2",
        "… denied that invasions & <threats> were imminent …",
        'Subscription: Invasion (invasion NOT "home invasion")',
        "https://tocsin.example/alerts/7",
    ]


@pytest.mark.parametrize(
    ("independent", "copies", "said"),
    [
        (1, 0, ""),
        (2, 0, " · 2 independent outlets"),
        (1, 1, " · 1 independent outlet, 1 copy"),
        (3, 9, " · 3 independent outlets, 9 copies"),
    ],
)
def test_the_text_tells_from_how_many_it_comes(independent: int, copies: int, said: str) -> None:
    """Where it is more than the one article that rang."""
    rung = message(replace(ALERT, independent_sources=independent, copies=copies), message_id="m")
    source = f"Agency World · published 1 Mar 2026, 09:05 UTC{said}"
    assert source in rung.text.split("\n\n")
    assert f"<p>{source}</p>" in rung.html


def test_the_html_marks_what_matched() -> None:
    """Matched words stand out in title and context; the rest is escaped."""
    html = message(ALERT, message_id="m").html
    assert "Talks on <mark>invasion</mark> fears" in html
    assert "denied that <mark>invasions</mark> &amp; &lt;threats&gt; were" in html
    assert 'href="https://agency.example/a/11?x=1&amp;y=2"' in html


def test_a_title_match_alone_shows_the_summary() -> None:
    """With nothing matched in the text, its summary says what it is about."""
    rung = message(replace(ALERT, matches=ALERT.matches[:1]), message_id="m")
    assert "Russia and the United States" in rung.text
    assert "Russia and the United States" in rung.html


def test_an_article_may_lack_almost_everything() -> None:
    """No address, no date, no summary, no feed title, no page of ours."""
    bare = replace(
        ALERT,
        url="",
        published_at=None,
        summary="",
        author="",
        language=None,
        feed_title="",
        matches=(),
        public_url=None,
        source_count=1,
    )
    rung = message(bare, message_id="m")
    assert "seen 1 Mar 2026, 12:30 UTC, undated" in rung.text
    assert "agency\u200b.example/feed" in rung.text
    assert "<a " not in rung.html
    assert rung.data["data"]["article"]["published_at"] is None


def test_the_subject_is_one_short_line() -> None:
    """Nothing in a title or a name can add a header to a mail."""
    rung = message(replace(ALERT, title=HOSTILE * 50, subscription_name=f"x\r\n{HOSTILE}"), message_id="m")
    assert rung.subject.startswith("Tocsin: x A Bcc: all@x")
    assert rung.subject.isprintable()
    assert len(rung.subject) <= 200
    rung.subject.encode()


def test_what_strangers_wrote_stays_text() -> None:
    """No field carries markup, control characters or direction overrides into what people read."""
    hostile = replace(
        ALERT,
        title=HOSTILE,
        summary=HOSTILE,
        feed_title=HOSTILE,
        subscription_name=HOSTILE,
        query=HOSTILE,
        url="javascript:alert(1)",
        matches=({"field": "body", "text": "<script>", "context": HOSTILE},),
    )
    rung = message(hostile, message_id="m")
    for text in (rung.subject, *rung.text.split("\n"), *rung.html.split("\n")):
        assert text.replace("\u200b", "").isprintable(), repr(text)
    tree = LexborHTMLParser(rung.html)
    assert not tree.css("script, [onclick], [href^=javascript]")
    assert {node.tag for node in tree.body.css("*")} <= {"body", "h3", "p", "a", "mark"}  # type: ignore[union-attr]


def test_bodies_have_an_end() -> None:
    """However much matched, people and programs get a bounded message."""
    many = tuple(
        {
            "term": "a",
            "field": "body",
            "start": n,
            "end": n + 1,
            "text": "a",
            "context": f"{n} " + "a " * 5_000,
        }
        for n in range(5_000)
    )
    rung = message(replace(ALERT, matches=many, title="t" * 1_000, summary="s" * 20_000), message_id="m")
    assert len(rung.text) < 5_000
    assert len(rung.html) < 60_000
    assert len(rung.data["data"]["matches"]) == 100


def test_no_program_finds_a_link_or_a_mention_in_what_strangers_wrote() -> None:
    """Chats and mail programs make links of whatever looks like an address; only ours does."""
    live = "http://evil.example/x www.evil.example evil.example a@evil.example @everyone #tag /start $TAG"
    rung = message(
        replace(ALERT, title=live, feed_title=live, query=live, matches=({"context": live, "text": "evil"},)),
        message_id="m",
    )
    for text in (rung.text, rung.html):
        assert set(re.findall(r"[a-z]+://[^\s\"<]+|www\.\S+|[@#$]\w+|\w\.example|(?<!\S)/\w+", text)) <= {
            "https://agency.example/a/11?x=1&y=2",
            "https://agency.example/a/11?x=1&amp;y=2",
            "https://tocsin.example/alerts/7",
        }
    assert rung.data["data"]["article"]["title"] == live


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/*b*_c_(d)[e]", "https://a.example/%2Ab%2A_c_%28d%29%5Be%5D"),
        ("https://a.example/@everyone|x>", "https://a.example/%40everyone%7Cx%3E"),
        ("https://bank.example@evil.example/", "https://bank.example%40evil.example/"),
        ("https://a.example/\nBcc: x", "https://a.example/%20Bcc:%20x"),
        ("https://a.example/" + "x" * 3_000, ""),
        ("javascript:alert(1)", ""),
        ("ftp://a.example/", ""),
    ],
)
def test_an_address_is_a_link_and_nothing_else(url: str, shown: str) -> None:
    """What an article's address holds is no markup to anybody."""
    rung = message(replace(ALERT, url=url, public_url=None, matches=()), message_id="m")
    assert ([line for line in rung.text.splitlines() if "://" in line] or [""]) == [shown]
    assert [node.attributes["href"] for node in LexborHTMLParser(rung.html).css("a")] == (
        [shown] if shown else []
    )


@pytest.mark.parametrize("word", ["(a+)+$", "[", "\\", "*", ".", "C++"])
def test_matched_words_are_no_patterns(word: str) -> None:
    """A matched text with special characters is marked or left, never interpreted."""
    match = {"field": "body", "text": word, "context": f"before {word} after"}
    html = message(replace(ALERT, matches=(match,)), message_id="m").html
    assert f"before <mark>{word}</mark> after" in html


def test_a_word_is_marked_only_where_it_stands_alone() -> None:
    """The word "sanction" is not marked inside "sanctioned"."""
    match = {"field": "body", "text": "sanction", "context": "sanctioned by a sanction"}
    html = message(replace(ALERT, matches=(match,)), message_id="m").html
    assert "sanctioned by a <mark>sanction</mark>" in html


def test_a_notice_names_its_cause() -> None:
    """The operator reads a sentence, a program a word."""
    told = notice(
        message_id="msg_2",
        created_at=NOW,
        subject="feed\nfails",
        text="line <1>\nline 2" + "x" * 9_000,
        cause="feed:7",
    )
    assert told.subject == "Tocsin: feed fails"
    assert told.html.startswith("<p>line &lt;1&gt;</p>\n<p>line 2")
    assert len(told.text) <= 8_000
    assert told.data["type"] == "notice.created"
    assert told.data["data"]["cause"] == "feed:7"


def test_an_urgent_alert_and_a_follow_up_say_so() -> None:
    """In the subject for people, in the body for programs."""
    made = message(replace(ALERT, priority="urgent", follow_up=True), message_id="msg_1")
    assert made.subject == "Tocsin: Invasion: urgent: more: Talks on invasion fears"
    assert made.data["data"]["alert"]["priority"] == "urgent"
    assert made.data["data"]["alert"]["follow_up"] is True
