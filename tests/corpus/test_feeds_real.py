"""The real documents: cut or whole they bring the same entries."""

from __future__ import annotations

import json
import re
from pathlib import Path

import feedparser

from pipeline.core import text, urls
from pipeline.core.model import Entry
from tests.documents import BASE, cut_up, documents, entries, parsed

#: A JSON document that is no JSON Feed.
NOT_JSON_FEEDS = {"reader__invalid.json"}


#: Where feedparser's view of the whole document is not ours, and why.
OTHERWISE = {
    "FeedReader__Rss20TheMirror.rss": "its bytes are read by their declaration, without the parser's mojibake",
    "fastfeedparser__osm-pl.rss": "the document breaks off in its last item, which comes with the next poll",
    "fastfeedparser__test_encoding.py.rss": "three documents in one file: the first is the feed",
}


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


def test_cut_documents_give_what_whole_ones_do_and_what_the_parser_finds(corpus: Path) -> None:
    """Cutting is only a saving: distinct entries, and what a feed says of itself, are the same without it.

    For every XML document there are as many entries, with the same titles, as feedparser finds in it.
    """
    differing = {}
    cut = seen = 0
    for path in documents(corpus / "feeds-real"):
        body = path.read_bytes()
        cut += cut_up(body).cut
        pieces = parsed(body)
        found = [entry for one in pieces for entry in one.entries]
        assert _distinct(found) == _distinct(entries(body, cut=False)), path.name
        said = {(one.feed_title, one.feed_site_url, one.feed_language) for one in pieces}
        assert len(said) <= 1, path.name
        if path.suffix != ".json":
            seen += 1
            if path.name not in OTHERWISE and (missing := _missing(body, found)):
                differing[path.name] = missing
    assert differing == {}
    assert seen == 205
    assert cut >= 200


def _missing(body: bytes, found: list[Entry]) -> list[str]:
    """Titles that the parser finds in the whole document and we do not; or how many entries there should be."""
    ours = {_letters(entry.title) for entry in found}
    whole = feedparser.parse(body, response_headers={"content-location": BASE}).entries
    theirs = {_letters(text.plain(one.get("title", ""))) for one in whole} - {""}
    if not theirs <= ours:
        return sorted(theirs - ours)
    # Items that are equal to the byte are one; what has neither text nor link is none.
    return [f"{len(whole)} entries"] if len(_distinct(found)) < len(theirs) else []


def _letters(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()


def _distinct(found: list[Entry]) -> list[Entry]:
    return list(dict.fromkeys(found))
