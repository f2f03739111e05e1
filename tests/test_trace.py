"""What a trace needs to know of bytes and hosts."""

from __future__ import annotations

import pytest

from pipeline.core import urls
from pipeline.core.trace.mention import names
from pipeline.core.trace.site import site

BASE = "https://a.example/feed"


@pytest.mark.parametrize(
    "data",
    [
        b"<item><link>https://a.example/x?utm_source=f&amp;b=1</link></item>",
        b"<item><link><![CDATA[ /x?b=1 ]]></link></item>",
        b"<entry><link rel='alternate' href='x?b=1'/></entry>",
        b"<item><feedburner:origLink>http://a.example/x?b=1</feedburner:origLink></item>",
        b'<item><guid isPermaLink="true">https://a.example/x?b=1</guid></item>',
        b'{"id": "1", "url": "https:\\/\\/a.example\\/x?b=1"}',
    ],
)
def test_an_item_names_its_address(data: bytes) -> None:
    """However the feed writes it, tracked, relative or escaped."""
    assert names(data, BASE, "https://a.example/x?b=1", urls.key("https://a.example/x?b=1"))


def test_an_item_names_its_guid_and_nothing_that_its_text_links_to() -> None:
    """A link in the text is somebody else's address."""
    data = b'<item><guid>tag:1</guid><description>&lt;a href="https://b.example/"&gt;</description></item>'
    assert names(data, BASE, "tag:1", None)
    assert not names(data, BASE, "https://b.example/", urls.key("https://b.example/"))
    assert not names(
        b'{"id": "\\ud800", "url": 3}\xff', BASE, "https://b.example/", urls.key("https://b.example/")
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("feeds.bbc.co.uk", "bbc.co.uk"),
        ("bbc.co.uk", "bbc.co.uk"),
        ("www.lemonde.fr", "lemonde.fr"),
        ("news.example", "news.example"),
        ("x.y.news.example", "news.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_hosts_of_one_site(host: str, expected: str) -> None:
    """What neighbours share: two labels, or three under a country's second level."""
    assert site(host) == expected
