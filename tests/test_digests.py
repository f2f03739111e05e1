"""Several alerts in one message: as it is made, and as it arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from selectolax.lexbor import LexborHTMLParser
from standardwebhooks import Webhook

from pipeline.channels.body import LIMIT_BYTES, body
from pipeline.core.addresses import Allow
from pipeline.core.render import Digest, digest
from pipeline.flow import Sender
from pipeline.flow.courier import Courier
from pipeline.store import channels
from pipeline.store.engine import Store
from tests import mailbox as mailboxes
from tests import stock
from tests.ground import Bench
from tests.sites import Reply, Site
from tests.stock import T0
from tests.test_render import ALERT, HOSTILE, NOW

# Apprise imports imghdr for its PGP module where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DIGEST = Digest(
    id=4,
    kind="digest",
    event_id=None,
    headline="",
    created_at=NOW,
    subscription_id=2,
    subscription_name="Invasion",
    query="invasion",
    count=2,
    alerts=(ALERT, replace(ALERT, id=8, title="More invasion fears", matches=(), url="")),
    public_url="https://tocsin.example",
)


def test_a_digest_tells_each_alert_shortly() -> None:
    """Headline, outlet, address and what matched, the oldest first, then where all of it is."""
    made = digest(DIGEST, message_id="msg_1")
    assert made.subject == "Tocsin: Invasion: 2 alerts"
    assert made.text.split("\n\n") == [
        "2 alerts",
        "Subscription: Invasion (invasion)",
        (
            "• Talks on invasion fears\n"
            "Agency World · published 1 Mar 2026, 09:05 UTC · 3 independent outlets, 9 copies\n"
            "https://agency.example/a/11?x=1&y=2\n"
            "… denied that invasions & <threats> were imminent …"
        ),
        (
            "• More invasion fears\n"
            "Agency World · published 1 Mar 2026, 09:05 UTC · 3 independent outlets, 9 copies\n"
            "Russia and the United States will hold security talks."
        ),
        "https://tocsin.example/digests/4",
    ]
    assert "Talks on <mark>invasion</mark> fears" in made.html
    assert "denied that <mark>invasions</mark> &amp; &lt;threats&gt; were" in made.html


def test_a_digests_body_lists_alerts_as_they_are_told_alone() -> None:
    """A program that reads alerts reads those of a digest too."""
    data = digest(DIGEST, message_id="msg_1").data
    assert data["type"] == "digest.created"
    assert data["data"]["digest"] == {
        "id": 4,
        "kind": "digest",
        "event_id": None,
        "headline": "",
        "count": 2,
        "created_at": "2026-03-01T12:30:15.250000Z",
    }
    first = data["data"]["alerts"][0]
    assert first.keys() == {"alert", "subscription", "story", "article", "matches"}
    assert first["article"]["title"] == "Talks on invasion fears"
    json.dumps(data)


def test_a_follow_up_names_the_event() -> None:
    """Who has read of it knows at once that there is more."""
    more = replace(DIGEST, kind="follow_up", event_id=3, headline="Talks\r\nBcc: x fail")
    made = digest(more, message_id="msg_1")
    assert made.subject == "Tocsin: Invasion: More on: Talks Bcc: x fail"
    assert made.text.startswith("More on: Talks Bcc: x fail\n\n")
    assert made.data["data"]["digest"]["event_id"] == 3


def test_a_digest_has_an_end() -> None:
    """What it leaves out is counted, and a link away; a webhook's body fits its limit."""
    alerts = tuple(replace(ALERT, id=n, summary="ж" * 20_000, matches=ALERT.matches * 50) for n in range(100))
    made = digest(replace(DIGEST, count=5_000, alerts=alerts), message_id="msg_1")
    assert "… and 4900 more" in made.text
    assert "<p>… and 4900 more</p>" in made.html
    content = body(made)
    assert len(content) <= LIMIT_BYTES
    read = json.loads(content)["data"]
    assert (read["cut"], read["rest"]) == (True, "https://tocsin.example/digests/4")
    assert len(read["alerts"]) >= 25


def test_what_strangers_wrote_stays_text_in_a_digest() -> None:
    """No headline adds a header, a tag or a link."""
    words = f"{HOSTILE} http://evil.example @everyone"
    bad = replace(ALERT, title=words, summary=words, feed_title=words, url="javascript:x", matches=())
    hostile = replace(DIGEST, kind="follow_up", headline=words, subscription_name=words, alerts=(bad,) * 3)
    made = digest(hostile, message_id="m")
    for text in (made.subject, *made.text.split("\n"), *made.html.split("\n")):
        assert text.replace("\u200b", "").isprintable(), repr(text)
    for text in (made.text, made.html):
        assert not re.search(r"evil\.|@everyone", text)
    tree = LexborHTMLParser(made.html)
    assert {node.tag for node in tree.body.css("*")} <= {"body", "h2", "h3", "p", "a", "mark"}  # type: ignore[union-attr]
    assert {node.attributes["href"] for node in tree.css("a")} == {"https://tocsin.example/digests/4"}


@pytest.fixture
def sender(store: Store) -> Iterator[Sender]:
    """A sender on an empty store."""
    courier = partial(Courier, allow=Allow.parse("127.0.0.1"), timeout_s=5.0, user_agent="Tocsin/test")
    running = Sender(Bench(store, now=T0 + timedelta(hours=1)).ground, courier)
    yield running
    running.close()


@pytest.mark.parametrize("follows", [False, True])
def test_a_digest_arrives_by_mail_and_webhook(
    store: Store, sender: Sender, site: Site, follows: bool
) -> None:
    """As text and as HTML, and as signed data, from what the store holds."""
    with mailboxes.running() as mailbox:
        hook = site.answer("/hook", Reply(204))
        for name, url, secret in (("hook", hook, SECRET), ("mail", mailbox.url("desk@x.example"), "")):
            store.write(partial(channels.add, name=name, url=url, secret=secret, now=T0))
        subscription_id = stock.add_subscription(store)
        stock.add_feed(store)
        done = stock.news(store, "one", "two", "three", ring=stock.Ring((subscription_id,)))
        event_id = done.saved[0].story_id if follows else None
        ids = stock.gather(store, subscription_id, done.rung.alert_ids, event_id=event_id)
        assert sender.deliver(ids, patience_s=None)["delivered"] == 2
        (mail,) = mailbox.mails
    heading = "More on: Title of one" if follows else "3 alerts"
    assert mail["Subject"] == f"Tocsin: war: {heading}"
    text, html = (mail.get_body((form,)).get_content() for form in ("plain", "html"))  # type: ignore[union-attr]
    for name in ("one", "two", "three"):
        assert f"Title of {name}" in text
        assert f"https://news.example/{name}" in text
        assert f'href="https://news.example/{name}"' in html
    assert "The <mark>text</mark>" in html
    (got,) = site.requests
    read = Webhook(SECRET).verify(got.body, got.headers)
    assert read["type"] == "digest.created"
    assert [one["article"]["title"] for one in read["data"]["alerts"]] == [
        "Title of one",
        "Title of two",
        "Title of three",
    ]
