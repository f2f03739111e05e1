"""Two years of real headlines through the pipeline: exact queries find what patterns find, natural ones more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.core.model import FullText
from pipeline.flow import search
from pipeline.store import alerts, articles, audit
from pipeline.store.engine import Store
from pipeline.store.engine import open as open_store
from tests import newswire
from tests.ground import Bench
from tests.newswire import rss
from tests.once import once
from tests.sites import Reply, Site

# For each pattern of the truth file: the forms that it lists, and the query that an analyst would write.
QUERIES = {
    "invasion": (
        "exact:(invasion OR invasions OR invade OR invades OR invaded OR invading)",
        "invasion OR invade",
    ),
    "sanction": ("exact:(sanction OR sanctions OR sanctioned OR sanctioning)", "sanction"),
    "ukraine": ("exact:(ukraine OR ukrainian OR ukrainians)", "ukraine OR ukrainian"),
    "kyiv|kiev": ("exact:(kyiv OR kiev)", "kyiv OR kiev"),
    "troops": ("exact:(troop OR troops)", "troop"),
    "nato": ("exact:nato", "nato"),
    "missile": ("exact:(missile OR missiles)", "missile"),
    "ceasefire": ('exact:(ceasefire OR ceasefires) OR "cease fire" OR "cease fires"', "ceasefire"),
    "refugee": ("exact:(refugee OR refugees)", "refugee"),
    "coup": ("exact:(coup OR coups)", "coup"),
    "taiwan": ("exact:(taiwan OR taiwanese)", "taiwan OR taiwanese"),
    "nuclear": ("exact:nuclear", "nuclear"),
    "putin": ("exact:putin", "putin"),
    "war crime": ('"war crime" OR "war crimes"', "war crime"),
    "oil": ("exact:oil", "oil"),
    "EU": ("case:EU", "EU"),
}
# How many articles the natural query finds beyond the pattern, each looked at: docs/queries.md.
SURPLUS = {"war crime": 1}
PER_DOCUMENT = 500

Item = dict[str, str]


@dataclass(frozen=True)
class Stream:
    """The stream's items, and a store that holds them after the whole way from poll to alert."""

    items: tuple[Item, ...]
    patterns: Mapping[str, str]
    store: Store

    def plain(self, name: str) -> set[str]:
        """The ids of the items that a pattern of the truth file finds, by its rule."""
        pattern = re.compile(self.patterns[name], 0 if name == "EU" else re.IGNORECASE)
        return {item["id"] for item in self.items if pattern.search(_text(item))}

    def found(self, query: str) -> set[str]:
        """The ids of the articles that the archive finds."""
        return {row.url.rpartition("/")[2] for row, _ in search(self.store, query, limit=len(self.items))}

    def rung(self, query: str) -> set[int]:
        """The stories of a query's alerts; most of the stream is old news by now."""
        with self.store.read() as tx:
            return {row.story_id for row in alerts.rows(tx) if row.subscription_name == query}

    def stories(self, query: str) -> set[int]:
        """The stories that the archive finds."""
        return {row.story_id for row, _ in search(self.store, query, limit=len(self.items))}


@pytest.fixture(scope="module")
def stream(corpus: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Stream:
    """Every query subscribed, and all of the stream polled and ingested, each item under its own address."""
    folder = corpus / "articles"
    lines = (folder / "rss_stream_2021-22.jsonl").read_text().splitlines()
    items = tuple(json.loads(line) for line in lines)
    made = once(
        tmp_path_factory, "stream", lambda at: _take_in(at / "tocsin.sqlite3", sqlite_template, items)
    )
    truth = json.loads((folder / "rss_stream_keyword_truth.json").read_text())
    return Stream(items, truth["patterns"], open_store(f"sqlite:///{made / 'tocsin.sqlite3'}"))


def _take_in(path: Path, template: Path, items: Sequence[Item]) -> None:
    path.write_bytes(template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    bench = Bench(store)
    for query in {query for pair in QUERIES.values() for query in pair}:
        bench.subscribe(query)
    with Site() as site:
        for start in range(0, len(items), PER_DOCUMENT):
            listed = items[start : start + PER_DOCUMENT]
            body = rss(*(_entry(number, item) for number, item in enumerate(listed, start)))
            bench.feed(site.answer(f"/{start}", Reply(body=body)), full_text=FullText.NEVER)
        bench.poll()
    bench.ingest()
    store.close()


def _entry(number: int, item: Item) -> str:
    link = f"https://stream.example/{item['id']}"
    at = datetime.fromisoformat(item["published"])
    return newswire.item(number, item["title"], item["description"], link=link, at=at, name="stream")


def _text(item: Item) -> str:
    return item["title"] + "\n" + re.sub("<[^>]+>", "", item["description"])


def test_every_item_of_the_stream_is_an_article(stream: Stream) -> None:
    """Nothing is lost on the way, and nothing that is not the same address is merged."""
    with stream.store.read() as tx:
        assert audit.check(tx) == []
        urls = [row.url for row in articles.rows(tx)]
    assert sorted(url.rpartition("/")[2] for url in urls) == sorted(item["id"] for item in stream.items)


@pytest.mark.parametrize("name", QUERIES)
def test_exact_forms_find_what_the_pattern_finds(stream: Stream, name: str) -> None:
    """The same articles, in the archive and as alerts: nothing more and nothing less."""
    exact, _ = QUERIES[name]
    assert stream.found(exact) == stream.plain(name)
    assert stream.rung(exact) == stream.stories(exact)


@pytest.mark.parametrize("name", QUERIES)
def test_the_natural_query_finds_at_least_that(stream: Stream, name: str) -> None:
    """Recall is whole; how much more it finds, and whether rightly, is told in docs/queries.md."""
    _, natural = QUERIES[name]
    surplus = stream.found(natural) - stream.plain(name)
    assert stream.plain(name) <= stream.found(natural)
    assert len(surplus) == SURPLUS.get(name, 0)
    assert stream.rung(natural) == stream.stories(natural)
