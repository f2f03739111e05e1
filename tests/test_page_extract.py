"""Article text from pages written in the manner of agency reports."""

import time
from contextlib import suppress

import pytest

from pipeline.core.errors import DocumentError
from pipeline.core.page import Found, Listed, judge
from pipeline.core.page.claims import read
from pipeline.core.page.extract import parsed

URL = "https://agency.example/world/talks-2021-12-28"
PARAGRAPHS = [
    "MOSCOW, Dec 28 (Agency) - Russia and the United States will hold security talks on January 10, officials said.",
    "The talks follow weeks of a build-up of troops near the border, which Western capitals fear; Moscow has denied that an imminent invasion is planned.",
    "“We will answer with economic sanctions like none he has ever seen,” an official told reporters on Tuesday.",
    "NATO envoys are to meet their counterparts two days later in Brussels, and the OSCE will sit in Vienna on January 13, diplomats said.",
]
MENU = "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(30))
TEASERS = "".join(
    f'<div class="teaser"><a href="/t/{n}">Read: a quite other story {n}</a></div>' for n in range(12)
)


def extract(html: bytes, *, url: str, content_type: str) -> Found:
    """The article of a page whose entry says nothing to hold it against."""
    return judge(
        html, url=url, content_type=content_type, listed=Listed(url=url, title="", summary="", body="")
    )


def page(*, head: str = "", html: str = '<html lang="en-GB">', paragraphs: list[str] = PARAGRAPHS) -> str:
    """A report with all that surrounds one."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"""<!DOCTYPE html>{html}<head><title>Talks - Agency</title>{head}
<script>var secret = "not a word of this";</script><style>p {{ color: red }}</style></head>
<body><nav><ul>{MENU}</ul></nav><header><a href="/">Agency</a></header>
<article><h1>Russia to hold security talks with US next month</h1><p class="byline">By A. Reporter</p>{body}</article>
<aside>{TEASERS}</aside>
<section id="comments" class="comments"><h3>Comments</h3><div class="comment"><p>First! What an invasion of trolls.</p></div></section>
<footer>© Agency. <a href="/privacy">We value your privacy</a></footer></body></html>"""


def test_the_report_is_told_from_what_surrounds_it() -> None:
    """Every paragraph, in order, one to a line; no menu, teaser, comment, script or footer."""
    found = extract(page().encode(), url=URL, content_type="text/html; charset=utf-8")
    lines = found.text.split("\n")
    assert [text for text in PARAGRAPHS if text not in lines] == []
    assert lines.index(PARAGRAPHS[0]) < lines.index(PARAGRAPHS[3])
    for other in ("Section 1", "quite other story", "trolls", "secret", "privacy", "color"):
        assert other not in found.text
    assert found.language == "en"


def test_the_page_says_where_it_lives_and_what_it_is_called() -> None:
    """A canonical link is made absolute; the title for others is the title, else the heading."""
    head = '<link rel="canonical" href="/a/1"><meta property="og:title" content="Talks &amp; tensions">'
    said = read(parsed(page(head=head)), page(head=head), URL)
    assert said.canonical_url == "https://agency.example/a/1"
    assert said.title == "Talks & tensions"
    assert read(parsed(page()), page(), URL).title == "Russia to hold security talks with US next month"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "", "http://[", "mailto:x@y"])
def test_a_canonical_link_out_of_the_web_is_none(link: str) -> None:
    """Only http and https addresses are taken from a page."""
    html = page(head=f'<link rel="canonical" href="{link}">')
    assert read(parsed(html), html, URL).canonical_url in {"", URL}


RUSSIAN = [
    "МОСКВА, 28 декабря (Агентство) - Россия и США проведут переговоры о безопасности 10 января, сообщили чиновники.",
    "Переговоры пройдут на фоне наращивания войск у границы, которое на Западе считают подготовкой к вторжению; в Москве это отрицают.",
    "Представители НАТО встретятся двумя днями позже в Брюсселе, а ОБСЕ соберётся в Вене, рассказали дипломаты.",
]


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("utf-8", "text/html", ""),
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("windows-1251", "text/html", '<meta charset="windows-1251">'),
        ("koi8-r", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'),
        ("utf-8", "text/html; charset=windows-none", '<meta charset="utf-8">'),
        ("utf-8", 'text/html; charset="UTF-8"', '<meta charset="windows-1251">'),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html; charset=windows-1251", ""),
    ],
)
def test_encodings_are_obeyed(encoding: str, content_type: str, head: str) -> None:
    """Byte order mark, header, the page's own word, in this order."""
    html = page(html='<html lang="ru">', head=head, paragraphs=RUSSIAN).encode(encoding)
    found = extract(html, url=URL, content_type=content_type)
    assert RUSSIAN[1] in found.text
    assert found.language == "ru"


def test_a_wrong_declaration_is_survived() -> None:
    """UTF-8 that is none is read as Windows-1252; an encoding made to smuggle is not honoured."""
    paragraphs = [
        *PARAGRAPHS,
        "The café at the border has closed, said its owner, who did not want to be named either.",
    ]
    html = page(paragraphs=paragraphs).replace("“", "").replace("”", "").encode("cp1252")
    assert "café" in extract(html, url=URL, content_type="text/html; charset=utf-8").text
    assert "café" in extract(html, url=URL, content_type="text/html; charset=utf-7").text
    wide = page(head='<meta charset="utf-16">').encode()
    assert PARAGRAPHS[1] in extract(wide, url=URL, content_type="text/html").text


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"%PDF-1.7 ...", "application/pdf", "not-html"),
        (b"%PDF-1.7 ...", "text/html", "not-html"),
        (b'{"a": 1}', "application/json", "not-html"),
        (b"just words", "text/plain", "not-html"),
        (b"\x89PNG\r\n", "", "not-html"),
        (b"", "text/html", "empty"),
        (b"   ", "text/html", "empty"),
        (b"<html><body></body></html>", "text/html", "empty"),
        (b"<html><body><nav><a href=/>Home</a></nav></body></html>", "text/html", "empty"),
        (b"\x00" * 100, "text/html", "empty"),
        (b"<p>" + b"x" * 5_000_000, "text/html", "too-large"),
        (b"<p " + b"".join(b"x%d " % n for n in range(200_000)) + b">", "text/html", "too-large"),
        (b"<p>a-" + b"b9z" * 300_000, "text/html; charset=punycode", "empty"),
    ],
)
def test_what_is_no_article_is_a_document_error(body: bytes, content_type: str, reason: str) -> None:
    """With a reason that can be counted."""
    with pytest.raises(DocumentError) as caught:
        extract(body, url=URL, content_type=content_type)
    assert caught.value.reason == reason


def test_a_page_without_a_type_is_taken_for_what_it_is() -> None:
    """Some servers name no type, or a wrong one."""
    for content_type in ("", "application/octet-stream", "TEXT/HTML", "text/plain"):
        assert PARAGRAPHS[1] in extract(page().encode(), url=URL, content_type=content_type).text


def test_control_characters_do_not_survive() -> None:
    """What is stored is tidy: no NUL, no escape codes, no direction overrides."""
    paragraphs = [PARAGRAPHS[0], PARAGRAPHS[1] + " &#27;[31m red \u202e gnp &#0; end of it.", *PARAGRAPHS[2:]]
    found = extract(page(paragraphs=paragraphs).encode(), url=URL, content_type="text/html")
    assert all(line.isprintable() for line in found.text.split("\n"))


@pytest.mark.parametrize("unit", ["<div>", "<b>", "<table><tr><td>", "<ul><li>", "<p", "&lt;", "<a href='"])
def test_hostile_nesting_is_bounded(unit: str) -> None:
    """A page of nothing but openings ends in text or an error, soon."""
    started = time.process_time()
    with suppress(DocumentError):
        extract((page() + unit * 20_000).encode(), url=URL, content_type="text/html")
    assert time.process_time() - started < 5
