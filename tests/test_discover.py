"""Where a site's feeds may be."""

from __future__ import annotations

import pytest

from pipeline.core.discover import Candidate, How, candidates, usual

PAGE = "https://site.test/news/today"


def found(html: str | bytes, *, link_header: str = "", content_type: str = "text/html") -> list[Candidate]:
    body = html.encode() if isinstance(html, str) else html
    return list(candidates(body, url=PAGE, content_type=content_type, link_header=link_header))


def urls(html: str) -> list[str]:
    return [one.url for one in found(html)]


def test_what_says_of_itself_that_it_is_a_feed_comes_first() -> None:
    """The header, then links of the page's head, then those that readers see; each address once."""
    page = (
        '<body><a href="/rss.xml" title="All news">here</a><a href="/head">RSS</a>'
        '<link rel="Alternate" type="application/atom+xml; charset=utf-8" title="T &amp; x" href="/head">'
        '<link rel="feed" href="/feed-rel">'
    )
    header = '</top>; rel="alternate"; type="application/feed+json"; title="JSON", </style.css>; rel=preload'
    assert found(page, link_header=header) == [
        Candidate(url="https://site.test/top", how=How.HEADER, title="JSON"),
        Candidate(url="https://site.test/head", how=How.LINK, title="T & x"),
        Candidate(url="https://site.test/feed-rel", how=How.LINK),
        Candidate(url="https://site.test/rss.xml", how=How.ANCHOR, title="All news"),
    ]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('<a href="feed">', "https://site.test/news/feed"),
        ('<a href="//other.test/rss">', "https://other.test/rss"),
        ('<a href="?feed=rss2">', "https://site.test/news/today?feed=rss2"),
        ('<a href="/x.atom#top">', "https://site.test/x.atom"),
        ('<a href="feed://other.test/z">', "http://other.test/z"),
        ('<a href="feed:https://other.test/z">', "https://other.test/z"),
        ('<a href="/abo"><img src="i.png"> <b>RSS-Feed</b></a>', ""),
        ('<a href="/abo"><img src="i.png"> <b>RSS feed</b></a>', "https://site.test/abo"),
        ('<a href="/abo" type="application/rss+xml">News</a>', "https://site.test/abo"),
        ("<A HREF=/RSS/World>World", "https://site.test/RSS/World"),
        ('<base href="/blog/"><base href="/no/"><a href="atom.xml">', "https://site.test/blog/atom.xml"),
        ('<base href="https://cdn.test/"><link rel=feed href=f>', "https://cdn.test/f"),
        ('<base href="javascript:x"><a href="atom.xml">', "https://site.test/news/atom.xml"),
        ('<a href="javascript:alert(1)//rss">RSS</a>', ""),
        ('<a href="file:///etc/rss.xml">RSS</a>', ""),
        ('<a href="data:text/xml,<rss/>">RSS</a>', ""),
        ('<a href="http://ada:geheim@site.test/rss">RSS</a>', ""),
        ('<a href="//ada@site.test/rss">RSS</a>', ""),
        ('<a href="http://[::1/rss">RSS</a>', ""),
        ('<a href="/feedback">feedback</a><a href="/breastfeeding">b</a><a href="/rsspberry">r</a>', ""),
        ('<a href="/sitemap.xml">sitemap</a><a href="/rss.png">p</a><a href="/feeds.html">q</a>', ""),
        ('<link rel="alternate" hreflang="de" href="/rss">', ""),
        ('<link rel="alternate" type="text/xml" href="/n">', "https://site.test/n"),
        ('<link rel="alternate" type="application/json" href="/feed.json">', "https://site.test/feed.json"),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">', ""),
        ('<link rel="alternate" type="text/xml+oembed" href="/oembed?url=/feed">', ""),
        ('<link rel="alternate stylesheet" type="text/css" href="/rss.css">', ""),
        ('<!-- <a href="/rss">RSS</a> --><script>"<a href=/rss>"</script>', ""),
    ],
)
def test_links_are_understood_as_browsers_do(link: str, target: str) -> None:
    """Relative ones have their base; what leads out of the web, or carries a user, is left out."""
    assert urls(link) == ([target] if target else [])


def test_a_title_is_read_in_the_encoding_that_the_page_names() -> None:
    """By its header, or by its own word."""
    link = '<link rel=feed href=/f title="Новости">'.encode("cp1251")
    assert found(b'<meta charset="windows-1251">' + link)[0].title == "Новости"
    assert found(link, content_type="text/html; charset=windows-1251")[0].title == "Новости"


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 400_000,
        b"<script>" * 250_000,
        b"<!--" * 500_000,
        b"<" * 2_000_000,
        b"<a " * 600_000,
        b"<a href=/rss><b>" * 60_000,
        b"<link rel=feed href=/rss>" * 40_000,
        bytes(range(256)) * 4_000,
        b"<a " + b"".join(b"x%d " % n for n in range(200_000)) + b">",
    ],
    ids=["deep", "scripts", "comments", "signs", "unclosed", "links", "heads", "bytes", "attributes"],
)
def test_a_page_made_to_be_slow_is_not(page: bytes) -> None:
    """Nothing takes time that grows with the square of what a stranger sent; the time limit says so."""
    assert len(found(page)) <= 1


def test_usual_addresses_are_those_of_the_folder_and_of_the_site() -> None:
    """A blog in a folder has its feed there; nothing of the page's query goes along."""
    tried = [one.url for one in usual("https://site.test:8080/blog/post?id=1")]
    assert tried[:2] == ["https://site.test:8080/blog/feed", "https://site.test:8080/blog/rss"]
    assert "https://site.test:8080/feed.json" in tried
    assert len(usual("https://site.test")) * 2 == len(tried)
