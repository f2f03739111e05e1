"""The HTTP header Link."""

from __future__ import annotations

import pytest

from pipeline.core.links import links


def test_each_link_is_told_with_what_it_is() -> None:
    """Commas, semicolons and quotes inside a title or an address separate nothing."""
    header = (
        '<https://a.test/feed?a=1,2>; rel="alternate self"; type="Application/RSS+xml; charset=utf-8";'
        ' title="A, \\"b\\"; c", <hub> ;rel=hub , <x>; rel=next; rel=feed'
    )
    first, second, third = links(header)
    assert (first.target, first.rels) == ("https://a.test/feed?a=1,2", {"alternate", "self"})
    assert (first.type, first.title) == ("application/rss+xml", 'A, "b"; c')
    assert (second.target, second.rels, second.type, second.title) == ("hub", {"hub"}, "", "")
    assert third.rels == {"next"}


@pytest.mark.parametrize(
    "header", ["", "nonsense", "<unclosed", "; rel=feed", "<" * 40_000, '<a>;x="\\' * 9_000]
)
def test_nonsense_is_passed_over_in_little_time(header: str) -> None:
    """A stranger's header is no reason to fail, nor to be slow: the time limit of the test says so."""
    assert all("feed" not in link.rels for link in links(header))


def test_no_more_links_are_read_than_any_page_needs() -> None:
    """A hundred are enough."""
    assert len(list(links("<a>;rel=feed," * 500))) == 100
