"""Addresses: absolute, untracked, canonical, masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import urls

BASE = "https://wire.test/feeds/world.xml"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("/a?b=1", "https://wire.test/a?b=1"),
        ("../a", "https://wire.test/a"),
        ("//other.test/a", "https://other.test/a"),
        (" https://x.test/a\n b ", "https://x.test/a%20b"),
        ("https://user:pw@x.test/a", "https://x.test/a"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("mailto:a@b.test", ""),
        ("https://[::1", ""),
        ("https://a<b.test/", ""),
        ("", ""),
        ("https://x.test/" + "a" * 2_048, ""),
    ],
)
def test_links_become_absolute_http_or_nothing(link: str, absolute: str) -> None:
    """Only what a reader could open is an address, without user and password."""
    assert urls.absolute(link, BASE) == absolute


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.test/a?utm_source=rss&id=7&fbclid=1", "https://x.test/a?id=7"),
        ("https://x.test/a?utm_source=rss", "https://x.test/a"),
        ("https://x.test/a?utm_source=rss#part", "https://x.test/a#part"),
        ("https://x.test/a?b=2&a=1", "https://x.test/a?b=2&a=1"),
        ("https://x.test/a", "https://x.test/a"),
    ],
)
def test_tracking_parameters_go_and_the_rest_stays(url: str, kept: str) -> None:
    """Order and spelling of the others are left as they were."""
    assert urls.untracked(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "https://wire.test/a?id=7",
        "http://wire.test/a?id=7",
        "HTTPS://WIRE.test:443/a?id=7",
        "http://wire.test:80/a/?id=7",
        "https://wire.test./a?id=7#part",
        "https://wire.test/a?utm_medium=feed&id=7",
        "https://u:p@wire.test/%61?id=7",
    ],
)
def test_spellings_of_one_address_have_one_key(url: str) -> None:
    """Scheme, case, port, slash, fragment, user and tracking make no other article."""
    assert urls.key(url) == urls.key("https://wire.test/a?id=7")


@pytest.mark.parametrize(
    "url",
    [
        "https://wire.test/A?id=7",
        "https://wire.test/a?id=8",
        "https://wire.test:8443/a?id=7",
        "https://www.wire.test/a?id=7",
        "https://wire.test/a?id=7#!/route",
        "https://wire.test/a",
    ],
)
def test_other_addresses_have_other_keys(url: str) -> None:
    """What a server may tell apart is not thrown together."""
    assert urls.key(url) != urls.key("https://wire.test/a?id=7")


def test_what_is_no_address_has_no_key() -> None:
    """It identifies nothing."""
    assert [urls.key(url) for url in ("", "ftp://x.test/a", "https://", "https://[::1")] == [None] * 4


@given(st.text(max_size=60))
def test_no_text_breaks_them(text: str) -> None:
    """Strangers write links: whatever they write, there is an answer."""
    for url in (text, f"https://x.test/{text}", f"https://{text}"):
        absolute = urls.absolute(url, BASE)
        assert absolute == "" or absolute.startswith(("http://", "https://", "HTTP", "Http"))
        assert len(urls.key(url) or b"") in (0, 16)
        assert len(urls.untracked(url)) <= len(url)
        assert isinstance(urls.masked(url), str)
    canonical = urls.canonical(f"https://x.test/{text}")
    assert urls.canonical(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:geheim@x.test/a", "https://***@x.test/a"),
        ("https://x.test/a?api_key=geheim&id=7", "https://x.test/a?api_key=***&id=7"),
        ("https://[::1", "(unreadable URL)"),
        ("https://x.test/a?id=7", "https://x.test/a?id=7"),
    ],
)
def test_secrets_in_addresses_are_masked(url: str, shown: str) -> None:
    """Passwords and values with telling names are not shown."""
    assert urls.masked(url) == shown
