"""The real documents: cut or whole they bring the same entries."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.core import urls
from pipeline.core.model import Entry
from tests.documents import BASE, cut_up, documents, entries, parsed

#: A JSON document that is no JSON Feed.
NOT_JSON_FEEDS = {"reader__invalid.json"}


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


def _distinct(found: list[Entry]) -> list[Entry]:
    return list(dict.fromkeys(found))
