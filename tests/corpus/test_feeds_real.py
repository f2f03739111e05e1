"""The real documents: entries agree with what feedparser finds in the whole, cut or not."""

from __future__ import annotations

import io
import json
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import feedparser

from pipeline.core import urls
from pipeline.core.errors import DocumentError
from pipeline.core.model import Entry
from pipeline.core.text import line, plain
from tests.documents import BASE, cut_up, documents, entries, parsed

# Not documents of one feed: for each, why the whole holds more than we take.
EXCEPTIONS = {
    "fastfeedparser__osm-pl.rss": "cut off in the midst of its last item, which is not complete",
    "fastfeedparser__test_encoding.py.rss": "source code with several documents in it; the first is taken",
}
NOT_JSON_FEEDS = {"reader__invalid.json"}


def test_entries_agree_with_feedparser_on_the_whole_document(corpus: Path) -> None:
    """For every document the titles, links and texts are those that feedparser finds, once each."""
    differing = {}
    seen = 0
    for path in documents(corpus / "feeds-real"):
        if path.suffix == ".json":
            continue
        seen += 1
        body = path.read_bytes()
        ours = Counter(set(map(_essence, entries(body))))
        theirs = Counter(_reference(body))
        if ours != theirs:
            differing[path.name] = (ours - theirs, theirs - ours)
    assert set(differing) == set(EXCEPTIONS), differing
    assert seen >= 205


def test_json_feeds_list_what_their_items_say(corpus: Path) -> None:
    """For every JSON Feed each item is an entry, with its own address."""
    seen = 0
    for path in documents(corpus / "feeds-real"):
        if path.suffix != ".json" or path.name in NOT_JSON_FEEDS:
            continue
        seen += 1
        body = path.read_bytes()
        items = json.loads(body)["items"]
        found = entries(body, content_type="application/feed+json")
        assert len(found) == len(items), path.name
        links = [item.get("url") or item.get("external_url") or item["id"] for item in items]
        assert [entry.url for entry in found] == [urls.untracked(urls.absolute(link, BASE)) for link in links]
        assert all(entry.title and (entry.summary or entry.body) for entry in found), path.name
    assert seen == 6


def test_cut_and_whole_documents_give_the_same_entries(corpus: Path) -> None:
    """Cutting is only a saving: for every document the distinct entries are the same without it."""
    cut = 0
    for path in documents(corpus / "feeds-real"):
        body = path.read_bytes()
        cut += cut_up(body).cut
        assert _distinct(entries(body)) == _distinct(entries(body, cut=False)), path.name
    assert cut >= 200


def test_what_a_feed_says_of_itself_is_the_same_from_every_piece(corpus: Path) -> None:
    """Title, site and language of a feed do not depend on which piece was parsed."""
    for path in documents(corpus / "feeds-real"):
        said = {(one.feed_title, one.feed_site_url, one.feed_language) for one in parsed(path.read_bytes())}
        assert len(said) <= 1, path.name


def test_broken_json_is_refused_with_a_reason(corpus: Path) -> None:
    """The one JSON document that is no JSON Feed says so."""
    (path,) = [path for path in documents(corpus / "feeds-real") if path.name in NOT_JSON_FEEDS]
    try:
        found = entries(path.read_bytes())
    except DocumentError as error:
        reason = error.reason
    else:
        reason = "" if found else "empty"
    assert reason in {"malformed", "not-a-feed", "empty"}


def _distinct(found: list[Entry]) -> list[Entry]:
    return list(dict.fromkeys(found))


def _essence(entry: Entry) -> tuple[str, str, str]:
    return entry.title, entry.url, entry.body or entry.summary


def _reference(body: bytes) -> set[tuple[str, str, str]]:
    """What feedparser, given the raw whole, finds; an entry without anything aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    return {essence for entry in found.entries if any(essence := _reference_essence(entry, found))}


def _reference_essence(entry: Any, found: Any) -> tuple[str, str, str]:
    text = max([content["value"] for content in entry.get("content", [])], key=len, default="")
    text = _text(text or entry.get("summary", ""), entry)
    title = entry.get("title", "")
    is_html = entry.get("title_detail", {}).get("type") != "text/plain"
    title = " ".join(plain(title).split()) if is_html else line(title)
    base = BASE if found.version.startswith("atom") else found.feed.get("link", BASE)
    link = entry.get("feedburner_origlink") or entry.get("link", "")
    return title, urls.untracked(urls.absolute(link, base)), text


def _text(text: str, entry: Any) -> str:
    return plain(text)
