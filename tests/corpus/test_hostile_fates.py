"""The corpus's hostile documents through split and parse: each gets the fate that is written beside it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from pipeline.core.errors import DocumentError
from pipeline.core.model import Entry, Fate
from tests.documents import NOW, Memory, cut_up, entries, parsed

#: Refused as a whole: the reason.
REFUSED = {
    "empty.xml": "empty",
    "whitespace-only.xml": "empty",
    "html-404-page.xml": "not-a-feed",
    "html-captive-portal.xml": "not-a-feed",
    "json-error.xml": "not-a-feed",
    "plain-text.xml": "not-a-feed",
}
#: Cut short: the complete items, of those that begin in it.
SHORT = {
    "trunc-mid-item.xml": (2, 3),
    "trunc-mid-tag.xml": (4, 5),
    "trunc-mid-utf8.xml": (0, 1),
    "cdata-unterminated.xml": (0, 1),
}
#: One item too costly to read; it is refused, and nothing else would have been in the document.
REJECTED = ("deep-nesting.xml", "many-categories.xml")
#: Whatever is wrong with them, so many entries are read.
READ = {
    "leading-junk.xml": 5, "bom-utf8.xml": 5, "double-bom.xml": 5, "two-documents.xml": 5,
    "null-bytes.xml": 5, "control-chars.xml": 5, "lone-surrogate.xml": 2, "undeclared-entities.xml": 2,
    "unescaped-amp.xml": 2, "mismatched-tags.xml": 1, "undeclared-namespace.xml": 2, "cdata-nested.xml": 2,
    "deep-nesting-escaped-html.xml": 1, "huge-attribute.xml": 2, "huge-title.xml": 2, "huge-guid.xml": 2,
    "many-namespaces.xml": 1, "billion-laughs.xml": 1, "quadratic-blowup.xml": 1, "xxe-file.xml": 1,
    "xxe-http.xml": 1, "xinclude.xml": 1, "xslt-pi.xml": 5, "unknown-encoding.xml": 1,
    "mixed-encodings.xml": 2, "zwj-rtl-combining.xml": 1, "missing-guid.xml": 4,
    "missing-guid-same-link.xml": 4, "no-guid-no-link.xml": 3, "duplicate-guid.xml": 4, "empty-guid.xml": 3,
    "no-title.xml": 2, "no-link.xml": 2, "only-guid.xml": 2, "relative-links.xml": 2,
    "tracking-params.xml": 3, "case-and-slash-variants.xml": 4, "javascript-links.xml": 7,
    "ssrf-links.xml": 7, "crlf-in-title.xml": 2, "format-string-title.xml": 1, "csv-formula.xml": 2,
    "sql-title.xml": 2, "xss-payloadbox.xml": 400, "xss-dompurify.xml": 53, "xss-atom-xhtml.xml": 2,
    "xss-miniflux-cve-2023-27592.xml": 1, "dates.xml": 30, "utf7-xss.xml": 1, "utf16le-nobom.xml": 1,
    "nested-item.xml": 3,
}  # fmt: skip
#: What EXPECT.json says of the words in other encodings.
WORDS = {
    "declared-utf8-is-cp1251.xml": "Переговоры о санкциях",
    "declared-cp1251-is-utf8.xml": "Санкції проти Росії",
    "koi8-r.xml": "Переговоры о санкциях",
    "utf16-bom.xml": "Санкції проти Росії",
}
#: Whose script the title must be in, whole.
SCRIPTS = {
    "shift-jis.xml": "[\u3040-\u30ff\u4e00-\u9fff]",
    "euc-kr.xml": "[\uac00-\ud7a3]",
    "big5.xml": "[\u4e00-\u9fff]",
    "gb18030.xml": "[\u4e00-\u9fff\U00020000-\U0003ffff]",
}
#: Two of four spellings of one address, and so on: (entries, articles).
ARTICLES = {"tracking-params.xml": (3, 1), "case-and-slash-variants.xml": (4, 1)}
#: Packed ones are the fetcher's, see test_fetch_hostile; these are keys to others.
OTHERS = {"dates.json", "xss-dompurify-expect.json", "not-gzip-but-declared.xml"}


@pytest.fixture
def folder(corpus: Path) -> Path:
    """Where the documents are."""
    return corpus / "feeds-hostile"


def _content_types(folder: Path) -> dict[str, str]:
    cases = json.loads((folder / "EXPECT.json").read_text())
    return {
        case["file"]: case.get("http_headers", {}).get("Content-Type", "application/xml") for case in cases
    }


def _read(folder: Path, name: str) -> list[Entry]:
    return entries((folder / name).read_bytes(), content_type=_content_types(folder)[name])


def test_every_document_has_its_place_here(folder: Path) -> None:
    """No case of EXPECT.json is forgotten."""
    packed = {name for name in _content_types(folder) if name.endswith((".gz", ".bin"))}
    told = {*REFUSED, *SHORT, *REJECTED, *READ, *WORDS, *SCRIPTS, *OTHERS}
    assert set(_content_types(folder)) - packed == told


def test_what_is_no_feed_is_refused_with_its_reason(folder: Path) -> None:
    """Empty answers, error pages and other formats bring no entries."""
    found = {}
    for name in REFUSED:
        with pytest.raises(DocumentError) as caught:
            cut_up((folder / name).read_bytes(), content_type=_content_types(folder)[name])
        found[name] = caught.value.reason
    assert found == REFUSED


def test_of_a_broken_off_document_the_complete_items_are_taken(folder: Path) -> None:
    """The document counts as malformed, the broken item as rejected."""
    for name, (complete, seen) in SHORT.items():
        document = cut_up((folder / name).read_bytes())
        assert (len(document.pieces), document.seen, document.malformed) == (complete, seen, True), name
        assert document.rejected == ("cut-short: The item is cut short.",), name
        assert len(entries((folder / name).read_bytes())) == complete, name


def test_an_item_that_costs_too_much_is_rejected_unread(folder: Path) -> None:
    """50,000 categories, or as many elements in one another, cost a count of tags."""
    for name in REJECTED:
        document = cut_up((folder / name).read_bytes())
        assert (document.seen, document.pieces) == (1, ()), name
        (reason,) = document.rejected
        assert reason.startswith("too-many-tags: The item has more than 20000 tags."), name


def test_the_rest_is_read_in_bounded_time(folder: Path) -> None:
    """Each gives the entries that it holds, within the CPU limit of a document."""
    found = {}
    for name in READ:
        began = time.process_time()
        found[name] = len(_read(folder, name))
        assert time.process_time() - began < 2, name
    assert found == READ


def test_words_are_whole_in_every_encoding(folder: Path) -> None:
    """Wrong, odd and missing declarations of the encoding included."""
    for name, words in WORDS.items():
        assert words in _read(folder, name)[0].title, name
    for name, script in SCRIPTS.items():
        title = _read(folder, name)[0].title
        assert re.search(script, title), (name, title)
        assert "\ufffd" not in title, (name, title)


def test_no_text_can_hurt_the_store(folder: Path) -> None:
    """Everything is valid UTF-8 without controls, and within the limits of its field."""
    for name in [*READ, *WORDS, *SCRIPTS]:
        for entry in _read(folder, name):
            whole = "".join((entry.title, entry.summary, entry.body, entry.html, entry.author, *entry.tags))
            whole.encode()
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", whole), name
            assert "\n" not in entry.title, name
            assert "\r" not in entry.title, name
            assert (len(entry.title) <= 1_000, len(entry.url) <= 2_048) == (True, True), name
            assert (len(entry.key), len(entry.content_hash)) == (16, 16), name


def test_nothing_is_expanded_included_or_fetched(folder: Path) -> None:
    """Entities that name files, addresses or each other leave nothing of what they name."""
    secrets = Path("/etc/passwd").read_text().splitlines()[0]
    for name in (
        "xxe-file.xml",
        "xxe-http.xml",
        "xinclude.xml",
        "billion-laughs.xml",
        "quadratic-blowup.xml",
    ):
        for entry in _read(folder, name):
            whole = entry.title + entry.summary + entry.body + entry.html
            assert secrets not in whole, name
            assert len(whole) < 250_000, name


def test_links_lead_to_http_alone(folder: Path) -> None:
    """Scripts, files and data in links are no addresses."""
    for name in ("javascript-links.xml", "ssrf-links.xml", "xss-payloadbox.xml", "relative-links.xml"):
        for entry in _read(folder, name):
            assert entry.url == "" or entry.url.startswith(("http://", "https://")), (name, entry.url)


def test_stored_html_holds_no_script(folder: Path) -> None:
    """No element, handler or address in it runs anything."""
    live = re.compile(
        r"<(?:script|iframe|svg|math|object|embed|style|form|img|base|meta|link)\b", re.IGNORECASE
    )
    for name in ("xss-payloadbox.xml", "xss-dompurify.xml", "xss-atom-xhtml.xml", "utf7-xss.xml"):
        for entry in _read(folder, name):
            assert not live.search(entry.html), (name, entry.html)
            tags = "".join(re.findall(r"<[^>]*>", entry.html)).lower()
            assert not re.search(r"\son\w+\s*=|=\"?\s*(?:javascript|data|vbscript):", tags), (
                name,
                entry.html,
            )


def test_a_second_poll_brings_nothing_new(folder: Path) -> None:
    """Whatever identifies the entries, the same document a second time has no news."""
    for name in [*READ, *WORDS, *SCRIPTS]:
        body = (folder / name).read_bytes()
        memory = Memory()
        memory.poll(body, seq=1)
        memory.fingerprints.clear()
        again = memory.poll(body, seq=2)
        assert again, name
        assert not any(one.fate is Fate.ARTICLE for one in again), name


def test_spellings_of_one_address_are_one_article(folder: Path) -> None:
    """Tracking parameters, case of the host, ports and slashes make no second article."""
    for name, (listed, articles) in ARTICLES.items():
        decisions = Memory().poll((folder / name).read_bytes())
        made = sum(one.fate is Fate.ARTICLE for one in decisions)
        assert (len(decisions), made) == (listed, articles), name


def test_dates_are_read_as_the_corpus_says(folder: Path) -> None:
    """Each of its dates gives its moment, or none; no item is lost for its date."""
    cases = json.loads((folder / "dates.json").read_text())
    found = [one.published_at for one in _read(folder, "dates.xml")]
    assert len(found) == len(cases)
    for case, moment in zip(cases, found, strict=True):
        expected = str(case["expected"])
        written = moment.isoformat().replace("+00:00", "Z") if moment else "None"
        if re.match(r"\d{4}-\d\d-\d\dT\S+$", expected) or expected == "None":
            assert written == expected, case["raw"]
        elif " or null" in expected or expected[:2] == "20":
            assert written in (expected.split(maxsplit=1)[0], "None"), case["raw"]


def test_what_is_ambiguous_has_no_date(folder: Path) -> None:
    """The policies that the corpus leaves open: no day is guessed, and no moment runs over."""
    cases = json.loads((folder / "dates.json").read_text())
    by_raw = {
        case["raw"]: one.published_at for case, one in zip(cases, _read(folder, "dates.xml"), strict=True)
    }
    assert by_raw["01/03/2022 10:00"] is None
    assert by_raw["just now"] is None
    far = by_raw["9999-12-31T23:59:59Z"]
    assert far is not None
    assert far > NOW


def test_what_a_feed_says_of_itself_survives(folder: Path) -> None:
    """An XSS payload in a feed's own title is text."""
    for one in parsed((folder / "xss-payloadbox.xml").read_bytes()):
        assert "\n" not in one.feed_title
