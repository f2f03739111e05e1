"""WebSub's rules: which hub a document offers, signatures, leases."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from pipeline.core import websub
from pipeline.core.websub import Offer

URL = "https://news.example/feed"
HUB, SELF = "https://hub.example/", "https://news.example/self"
RSS = """<rss><channel><atom:link rel="self" href="{self}"/><atom:link href='{hub}' rel="hub"/>{rest}"""


@pytest.mark.parametrize(
    ("headers", "head", "expected"),
    [
        ({}, RSS.format(hub=HUB, self=SELF, rest=""), Offer(hub=HUB, topic=SELF)),
        ({}, f'<feed><link rel="hub" href="{HUB}"/>', Offer(hub=HUB, topic=URL)),
        ({}, '<feed><link rel="HUB other" href="/h?a=1&amp;b=2"/>', Offer(hub="https://news.example/h?a=1&b=2", topic=URL)),
        ({"link": f'<{HUB}>; rel="hub", <{SELF}>; rel=self'}, "", Offer(hub=HUB, topic=SELF)),
        ({"link": f'<{SELF}>;title="a"; rel="self", <{HUB}>; rel="hub"'}, "<rss>", Offer(hub=HUB, topic=SELF)),
        ({}, f'{{"feed_url": "{SELF}", "hubs": [{{"type": "rssCloud", "url": "x"}}, {{"type": "WebSub", "url": "{HUB}"}}]}}',
         Offer(hub=HUB, topic=SELF)),
        # What only an item says is not the feed's word.
        ({}, f'<rss><channel><item><atom:link rel="hub" href="{HUB}"/></item>', None),
        ({}, f'<feed><entry><link rel="hub" href="{HUB}"/></entry>', None),
        ({}, '<feed><link rel="hub" href="file:///etc/passwd"/>', None),
        ({}, '<feed><link rel="hub" href="https://user:pw@hub.example/"/>', None),
        ({}, '<feed><link rel="hub" href="javascript:alert(1)"/>', None),
        ({}, '<feed><link rel="hub" href="https://[bad/"/>', None),
        ({}, '<feed><link rel="hub" href="https://hub.example/' + "x" * 3000 + '"/>', None),
        ({}, '{"hubs": "hub"}', None),
        ({}, '{"hubs": [{"type": 7, "url": 8}]}', None),
        ({}, '{"hub": ' + "[" * 100_000, None),
        ({}, "<feed><title>the hub of the world</title>", None),
        ({}, "", None),
    ],
)  # fmt: skip
def test_hub_is_found_where_the_document_names_it(
    headers: dict[str, str], head: str, expected: Offer | None
) -> None:
    """In headers or before the first item, of RSS, Atom and JSON Feed, and only as an address of the web."""
    assert websub.offer(headers, head.encode(), url=URL) == expected


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signature_is_the_secrets(method: str) -> None:
    """Of the body to the byte, by any method that the recommendation names."""
    made = hmac.new(b"secret", b"<rss/>", getattr(hashlib, method)).hexdigest()
    assert websub.is_signed(b"<rss/>", f"{method}={made}", "secret")
    assert websub.is_signed(b"<rss/>", f"{method.upper()}={made.upper()}", "secret")
    assert not websub.is_signed(b"<rss/> ", f"{method}={made}", "secret")
    assert not websub.is_signed(b"<rss/>", f"{method}={made}", "other")


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "md5=abc", "sha256=é", "=x", "sha256=00"])
def test_what_is_no_signature_signs_nothing(header: str) -> None:
    """Whatever the header says."""
    assert not websub.is_signed(b"<rss/>", header, "secret")


@pytest.mark.parametrize(
    ("granted", "expected"),
    [("3600", 3600), (None, websub.LEASE_S), ("", websub.LEASE_S), ("-5", websub.LEASE_S), ("1", 300),
     ("9" * 30, websub.LEASE_S), ("soon", websub.LEASE_S)],
)  # fmt: skip
def test_lease_is_the_hubs_word_within_bounds(granted: str | None, expected: int) -> None:
    """A hub that grants a second, or a century, makes us neither ask for ever nor never again."""
    assert websub.lease_s(granted) == expected
    assert 0 < websub.renewal_s(expected) < expected
