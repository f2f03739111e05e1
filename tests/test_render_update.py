"""Updates as messages: before and after, for every medium, and nothing that strangers could abuse."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from pipeline.core.change import Version, change
from pipeline.core.model import Message
from pipeline.core.render import Update, message, update
from tests.test_render import ALERT, HOSTILE, NOW

#: What the alert's own message says of it and of its story.
ALERT_BODY = message(ALERT, message_id="msg_1").data["data"]


def told(before: Version, after: Version) -> Message:
    """The message that tells of a change."""
    found = change(before, after)
    assert found is not None
    one = Update(
        id=4,
        created_at=NOW,
        alert=ALERT,
        article_id=12,
        url="https://agency.example/a/12",
        feed_title="Agency World",
        feed_url="https://agency.example/feed",
        change=found.as_json(),
    )
    return update(one, message_id="msg_4")


def test_the_webhooks_body_is_as_documented() -> None:
    """Programs rely on every name and form in it."""
    body = told(Version("Quake kills 12"), Version("Quake kills 15")).data
    assert body == {
        "type": "update.created",
        "timestamp": "2026-03-01T12:30:15.250000Z",
        "data": {
            "update": {"id": 4, "created_at": "2026-03-01T12:30:15.250000Z"},
            "alert": ALERT_BODY["alert"],
            "subscription": {"id": 2, "name": "Invasion", "query": 'invasion NOT "home invasion"'},
            "story": ALERT_BODY["story"],
            "article": {
                "id": 12,
                "url": "https://agency.example/a/12",
                "title": "Quake kills 15",
                "feed": {"title": "Agency World", "url": "https://agency.example/feed"},
            },
            "change": {
                "kinds": ["numbers"],
                "summary": "headline: 12 → 15",
                "headline": {
                    "before": "Quake kills 12",
                    "after": "Quake kills 15",
                    "parts": [
                        {"kind": "same", "text": "Quake kills"},
                        {"kind": "removed", "text": "12"},
                        {"kind": "added", "text": "15"},
                    ],
                },
                "notice": "",
                "sentences": {"removed": [], "added": [], "added_share": 0.0},
            },
        },
    }


def test_people_see_what_was_and_what_is() -> None:
    """The subject says what kind of change it is; text and HTML have before, after and the notice."""
    notice = "Correction: the number of dead is 15."
    sent = told(Version("Quake kills 12"), Version("Quake kills 15", notice))
    assert sent.subject == "Tocsin: Invasion: corrected: Quake kills 15"
    assert "Quake kills 15\n\nBefore: Quake kills 12" in sent.text
    assert notice in sent.text
    assert "https://tocsin.example/alerts/7" in sent.text
    assert "Quake kills <del>12</del> <ins>15</ins>" in sent.html
    plain = told(Version("Quake kills 12"), Version("Quake kills 15"))
    assert plain.subject == "Tocsin: Invasion: changed: Quake kills 15"


def test_new_sentences_are_shown_as_inserted() -> None:
    """A text that grew shows what came."""
    more = " ".join(f"The {word} convoy of ships has turned back in the night." for word in "abcdef")
    sent = told(Version("Strait closed"), Version("Strait closed", "", more))
    assert "+ The a convoy of ships" in sent.text
    assert "<ins>The a convoy of ships" in sent.html


def test_nothing_that_strangers_write_becomes_markup_or_a_header() -> None:
    """Headlines, notices, feeds and addresses are text, wherever they stand."""
    sent = told(
        Version(f"12 {HOSTILE}", HOSTILE), Version(f"15 {HOSTILE}", f"Correction: {HOSTILE} {HOSTILE}")
    )
    assert "\n" not in sent.subject
    assert "\r" not in sent.subject
    tree = LexborHTMLParser(sent.html)
    assert tree.css_first("script") is None
    assert "\x1b" not in sent.text + sent.html
