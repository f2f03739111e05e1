"""Spikes as messages, with nothing that strangers could abuse."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from pipeline.core.render import Spike, spike
from tests.test_render import HOSTILE, NOW


def told(title: str, url: str, public_url: str | None) -> Spike:
    """A spike with one headline."""
    headline = {"alert_id": 7, "title": title, "url": url, "feed_title": title, "created_at": "x"}
    data = {
        "subscription": {"id": 2, "name": "War", "query": title},
        "count": 17,
        "usual": 2.25,
        "words": {title: 17},
        "headlines": [headline],
    }
    return Spike(id=3, created_at=NOW, data=data, public_url=public_url)


def test_people_see_the_rate_and_the_headlines() -> None:
    """Links lead to the article, and to our page of the alert where it has an address."""
    ours = spike(told("Talks", "https://a.example/1", "https://tocsin.example"), message_id="msg_3")
    assert ours.subject == "Tocsin: spike: War: 17 alerts in an hour, usually 2.25"
    assert "• Talks · Talks\nhttps://a.example/1" in ours.text
    assert 'href="https://tocsin.example/alerts/7"' in ours.html
    theirs = spike(told("Talks", "https://a.example/1", None), message_id="msg_3")
    assert 'href="https://a.example/1"' in theirs.html
    assert "/alerts/" not in theirs.html


def test_nothing_that_strangers_write_becomes_markup() -> None:
    """Headlines, feeds and addresses are text, wherever they stand."""
    message = spike(told(HOSTILE, f"javascript:{HOSTILE}", None), message_id="msg_3")
    assert "\r" not in message.text + message.html
    assert "\x1b" not in message.text + message.html
    tree = LexborHTMLParser(message.html)
    assert tree.css_first("script, a") is None
