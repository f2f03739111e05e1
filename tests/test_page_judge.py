"""What a page is: an article, a wall, an excuse; and which text is never taken for the entry's."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.core.errors import DocumentError
from pipeline.core.page import Found, Listed, judge
from tests.layouts.texts import BRIDGE, HARBOUR, TELESCOPE, VINEYARD, Story
from tests.layouts.tongues import FERRY, RAILWAY

URL = "https://www.example.com/news/2026/11/marlow-harbour-strike"


def listed(story: Story = HARBOUR, **changes: str) -> Listed:
    """What a feed says of the story."""
    return replace(Listed(url=URL, title=story.title, summary=story.summary, body=""), **changes)


def page(story: Story = HARBOUR, *, head: str = "", body: str | None = None, after: str = "") -> bytes:
    """An ordinary page with the story."""
    text = story.html() if body is None else body
    return f"""<!doctype html><html lang="{story.language}"><head><title>{story.title} - Courier</title>{head}</head><body>
<nav><a href="/">Courier</a></nav><article><h1>{story.title}</h1>{text}{after}</article></body></html>""".encode()


def found(html: bytes, entry: Listed | None = None, url: str = URL) -> Found:
    """The judgement on HTML at ``url``."""
    return judge(html, url=url, content_type="text/html; charset=utf-8", listed=entry or listed())


def reason(html: bytes, entry: Listed | None = None, url: str = URL) -> str:
    """Why the page is refused."""
    with pytest.raises(DocumentError) as caught:
        found(html, entry, url)
    return caught.value.reason


@pytest.mark.parametrize("story", [HARBOUR, BRIDGE, VINEYARD, RAILWAY, FERRY], ids=lambda one: one.language)
def test_an_article_is_taken(story: Story) -> None:
    """Its text is the page's, in any language and script."""
    assert story.sentences[-1] in found(page(story), listed(story)).text


def test_a_page_that_is_another_every_time_is_not_taken() -> None:
    """Whatever an address shows, it must be about the entry."""
    assert reason(page(TELESCOPE)) == "unrelated"
    assert reason(page(BRIDGE), listed(FERRY)) == "unrelated"
    advertising = page(
        body="<p>" + "Our mattresses are the softest in the county, come and lie on them. " * 8
    )
    assert reason(advertising.replace(HARBOUR.title.encode(), b"Today")) == "unrelated"


def test_a_page_that_bears_the_entrys_headline_is_doubtful_unless_it_asks_for_something() -> None:
    """A colour piece may share no word with its headline; a consent wall may bear it too."""
    colour = "<p>" + "Gulls sat on every bollard, and somebody had left a kettle on the boil. " * 4
    assert not found(page(body=colour)).sure
    assert found(page()).sure
    wall = "<p>We and our partners store cookies and ask your consent.</p><p>Accept or reject all cookies here.</p>"
    assert reason(page(body=wall)) == "consent"


def test_an_entry_of_hardly_a_word_is_believed() -> None:
    """There is nothing to hold the page against."""
    assert found(page(), listed(title="Talks", summary="")).text


def test_the_feed_that_says_as_much_keeps_its_text() -> None:
    """A page's teaser never takes the place of a longer text."""
    whole = "\n".join(" ".join(one) for one in HARBOUR.paragraphs)
    assert reason(page(body=HARBOUR.html(last=1)), listed(body=whole)) == "no-more"


WALLED = [
    ("en", HARBOUR, "Subscribe to read the rest of this story. Already a subscriber? Log in."),
    ("de", BRIDGE, "Jetzt weiterlesen mit Plus-Abo: vier Wochen für einen Euro."),
    ("fr", VINEYARD, "Cet article est réservé aux abonnés. Il vous reste 75 % à découvrir."),
    ("ru", RAILWAY, "Полный текст доступно только подписчикам, оформите подписку."),
    ("zh", FERRY, "本文为付费阅读内容，请订阅后阅读全文。"),
]


@pytest.mark.parametrize(("language", "story", "wall"), WALLED)
def test_a_paywall_is_no_text(language: str, story: Story, wall: str) -> None:
    """A teaser that is not the feed's text carried on is refused, wherever the wall stands."""
    teaser = story.html(first=1, last=2)
    for after in (f"<p>{wall}</p>", f'<div class="subscribe-box"><p>{wall}</p></div>'):
        assert reason(page(story, body=teaser, after=after), listed(story)) == "paywall"


def test_the_feeds_text_carried_on_up_to_the_wall_is_taken() -> None:
    """It says more, and nothing of the wall rings."""
    html = page(
        body=HARBOUR.html(last=2), after="<p>Subscribe to read the war in full.</p><p>Only 1 coin.</p>"
    )
    text = found(html).text
    assert HARBOUR.sentences[3] in text
    assert "Subscribe" not in text
    assert "coin" not in text


def test_a_page_that_says_it_is_not_free_is_taken_at_its_word() -> None:
    """Neither its text for machines nor a text that is not the feed's carried on is taken."""
    said = {
        "@type": "NewsArticle",
        "isAccessibleForFree": "False",
        "articleBody": " ".join(HARBOUR.sentences),
    }
    head = f'<script type="application/ld+json">{json.dumps(said)}</script>'
    assert reason(page(head=head, body=HARBOUR.html(first=1, last=2))) == "paywall"
    text = found(page(head=head, body=HARBOUR.html(last=2))).text
    assert HARBOUR.sentences[3] in text
    assert HARBOUR.sentences[-1] not in text


def test_a_word_of_subscribers_in_the_menu_is_no_wall() -> None:
    """The whole article is there."""
    html = page().replace(b"<nav>", b"<nav><a>Already a subscriber? Log in</a>")
    assert HARBOUR.sentences[-1] in found(html).text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Page not found - Courier", "We are sorry, the page that you look for has moved or never was."),
        ("Courier", "404. Please try the search, or go back to where you came from in the first place."),
        ("Seite nicht gefunden", "Der Artikel ist leider nicht mehr verfügbar, versuchen Sie die Suche."),
        ("Страница не найдена", "Возможно, она была удалена или вы ошиблись в адресе этой страницы."),
        ("页面不存在", "您访问的页面可能已经被删除，请返回首页继续浏览其他新闻内容。" * 3),
        ("الصفحة غير موجودة", "ربما حذفت الصفحة التي تبحث عنها أو تغير عنوانها منذ وقت طويل."),
    ],
)
def test_a_page_that_is_not_there_says_so_with_status_200(title: str, text: str) -> None:
    """In many languages, with other news below that must not be taken for it."""
    others = "".join(f"<p>{' '.join(one)}</p>" for one in TELESCOPE.paragraphs)
    for below in ("", others if title != "Courier" else ""):
        html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p>{below}</body></html>"
        assert reason(html.encode()) == "not-found"


def test_news_of_something_not_found_is_news() -> None:
    """The words may be the article's own."""
    title = "Lost painting not found in bishop's cellar"
    html = page(body=HARBOUR.html()).replace(HARBOUR.title.encode(), title.encode())
    entry = listed(title=title, summary=HARBOUR.summary)
    assert found(html, entry).text


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/",
        "https://example.com/index.html",
        "https://www.example.com/en",
        "https://www.example.com/news/",
        "https://www.example.com/news/2026",
    ],
)
def test_a_redirect_to_the_front_page_or_a_section_is_refused(url: str) -> None:
    """Even if the news of the day stands there too."""
    assert reason(page(), url=url) == "front-page"


def test_an_article_on_a_front_page_that_was_asked_for_is_taken() -> None:
    """Some entries lead to a site of one page; another host's root is where a short address leads."""
    front = "https://strike.example.org/"
    assert found(page(), listed(url=front), front).text
    assert found(page(), listed(url="https://sho.rt/x7"), front).text


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (
            "https://consent.example.com/collect?session=1",
            (
                "Before you continue, we and our partners store cookies on your device.</p><p>You may accept all cookies"
                " or reject all cookies, and withdraw consent later."
            ),
        ),
        (
            URL,
            (
                "Wir und unsere 300 Partner verarbeiten Ihre Daten, auch mit Cookies, und bitten um Ihre Einwilligung.</p>"
                "<p>Mehr dazu steht im Datenschutz, dort können Sie die Einwilligung auch widerrufen."
            ),
        ),
    ],
)
def test_a_page_that_asks_for_consent_is_no_article(url: str, text: str) -> None:
    """It speaks of cookies, and not of what the entry told."""
    assert reason(page(body=f"<p>{text}</p>"), url=url) == "consent"


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><title>Just a moment...</title></head><body><p>Checking your browser before accessing.</p></body></html>",
        "<html><head><title>example.com</title></head><body><script>window._cf_chl_opt={}</script></body></html>",
        "<html><body><h1>Подтвердите, что вы не робот</h1><p>Введите символы с картинки ниже.</p></body></html>",
        "<html><head><title>Pardon Our Interruption</title></head><body><p>Something about you made us think.</p></body></html>",
    ],
)
def test_a_site_that_asks_whether_we_are_a_person_is_known(html: str) -> None:
    """It is a refusal of the site, not of the page."""
    assert reason(html.encode()) == "challenge"


CANONICAL = [
    ("https://www.example.com/news/2026/11/marlow-harbour-strike", True),
    ("https://example.com/news/2026/11/marlow-harbour-strike?utm_source=x", True),
    ("https://www.example.com/marlow/pilots-strike-closes-harbour", True),
    ("https://www.example.com/", False),
    ("https://www.example.com/news/", False),
    ("https://www.example.com/news/2026/11/minister-denies-plan", False),
    ("https://other.example.net/news/2026/11/marlow-harbour-strike", False),
    ("javascript:alert(1)", False),
]


@pytest.mark.parametrize(("said", "believed"), CANONICAL)
def test_a_canonical_address_is_believed_where_it_can_be_the_articles(said: str, believed: bool) -> None:
    """Same site, deeper than a section, the same words or number; tracking goes."""
    told = found(page(head=f'<link rel="canonical" href="{said}">')).canonical_url
    assert told == (said.partition("?")[0] if believed else "")


@pytest.mark.parametrize("house", ["substack.com", "wordpress.com", "blogspot.com"])
def test_a_neighbour_in_a_house_of_many_cannot_take_an_articles_address(house: str) -> None:
    """Else whoever opens a blog there could have another's article known as a copy of his own page."""
    url, said = f"https://mallory.{house}/p/harbour", f"https://alice.{house}/p/marlow-harbour-strike"
    html = page(head=f'<link rel="canonical" href="{said}">')
    assert found(html, listed(url=url), url).canonical_url == ""
    own = said.replace("alice", "mallory")
    html = page(head=f'<link rel="canonical" href="{own}">')
    assert found(html, listed(url=url), url).canonical_url == own


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://www.example.com/amp/2026/strike-4711", "https://www.example.com/2026/strike-4711"),
        ("https://amp.example.com/2026/strike-4711.amp.html", "https://www.example.com/2026/strike-4711"),
        ("https://www.example.com/2026/strike-4711/amp/", "https://www.example.com/2026/strike-4711"),
        (
            "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/2026/strike-4711",
            "https://www.example.com/2026/strike-4711",
        ),
    ],
)
def test_the_canonical_address_of_an_amp_page_is_the_articles(url: str, said: str) -> None:
    """Also where a cache serves it from another host."""
    html = page(head=f'<link rel="canonical" href="{said}">')
    assert found(html, listed(url=url), url).canonical_url == said
