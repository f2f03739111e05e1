"""Whose report an article is: one outlet for each owner, one agency for all who carry its text."""

from __future__ import annotations

import pytest

from pipeline.core.outlet import agency_of, outlet_of

FEED = "https://feeds.daily.co.uk/world.xml"


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.daily.co.uk/a/1", "daily.co.uk"),
        ("https://feeds.daily.co.uk/a/1", "daily.co.uk"),
        ("https://Sport.Daily.CO.UK:443/a", "daily.co.uk"),
        ("https://www.bbc.com/news/1", "bbc.co.uk"),
        ("https://feeds.bbci.co.uk/news/1", "bbc.co.uk"),
        ("https://ann.substack.com/p/one", "ann.substack.com"),
        ("https://ann.blogspot.com/one", "ann.blogspot.com"),
        ("https://news.example.test/1", "example.test"),
        ("https://wire/1", "wire"),
        ("http://192.0.2.7/1", "192.0.2.7"),
        ("http://[2001:db8::1]/1", "2001:db8::1"),
        ("", "daily.co.uk"),
        ("https://news.google.com/rss/articles/abc", "daily.co.uk"),
    ],
)
def test_outlet_is_what_was_registered_and_whose_it_is(url: str, outlet: str) -> None:
    """Hosts and domains of one owner are one outlet; without an address of its own the feed tells."""
    assert outlet_of(url, FEED) == outlet


def test_article_of_an_aggregators_feed_is_its_publishers() -> None:
    """Its address tells; where that leads through the aggregator as well, nobody does."""
    aggregator = "https://news.google.com/rss/search?q=war"
    assert outlet_of("https://www.daily.co.uk/a/1", aggregator) == "daily.co.uk"
    assert outlet_of("https://news.google.com/rss/articles/abc", aggregator) == "news.google.com"
    assert outlet_of("", "") == ""


@pytest.mark.parametrize(
    ("author", "title", "text", "agency"),
    [
        ("Ann Author, Associated Press", "", "", "AP"),
        ("AFP", "", "", "AFP"),
        ("By dpa", "", "", "dpa"),
        ("", "", "VALMORA, Feb 17 (Reuters) - The river rose.", "Reuters"),
        ("", "", "VALMORA, Feb. 17 (Xinhua) -- The river rose.", "Xinhua"),
        ("", "", "VALMORA (dpa/lno) - Der Fluss stieg.", "dpa"),
        ("", "", "VALMORA, 5 March. /TASS/. The river rose.", "TASS"),
        ("", "", "(ANSA) - VALMORA - Il fiume sale.", "ANSA"),
        ("", "", "Valmora, 5 mar (EFE).- El río sube.", "EFE"),
        ("", "", "AP - The river rose.", "AP"),
        ("", "", "Valmora, 5 mars, AFP - Le fleuve monte.", "AFP"),
        ("", "The river rose (AP)", "", "AP"),
        ("", "", "The river rose, officials said. —AFP", "AFP"),
        ("", "", "The river rose, officials said. (PTI)", "PTI"),
        ("", "", "The river rose.\nCopyright 2026 The Associated Press. All rights reserved.", "AP"),
        ("", "", "Der Fluss stieg. Quelle: APA", "APA"),
        ("", "", "It rose. (Reporting by Ann Author; Editing by Bo Editor)", "Reuters"),
    ],
)
def test_agency_is_named_by_byline_dateline_or_credit(
    author: str, title: str, text: str, agency: str
) -> None:
    """As outlets around the world write it."""
    assert agency_of("daily.co.uk", author, title, text, "") == agency
    assert agency_of("daily.co.uk", author, title, "", text) == agency


@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("Ann Author", "The minister told Reuters that the river rose."),
        ("", "The minister told Agence France-Presse (AFP) that the river rose."),
        ("Pa Olsen", "The AP reported on Monday that the river rose."),
        ("AP Smith", "A river (AP Photo/Ann Author) in its bed"),
        ("", "The river (AFP/Getty) rose"),
        ("", "The river rose. mm/aw (AFP, Reuters)"),
        ("", "APA-style citations are required."),
        ("", ""),
    ],
)
def test_name_that_claims_no_report_is_no_credit(author: str, text: str) -> None:
    """Quotations, pictures, people, and texts that were written from several agencies."""
    assert agency_of("daily.co.uk", author, "", text, "") == ""


def test_agencys_own_site_tells_its_own_reports() -> None:
    """There nobody says so."""
    assert (
        agency_of(outlet_of("https://www.reuters.com/world/1", ""), "Ann Author", "", "It rose.", "")
        == "Reuters"
    )
