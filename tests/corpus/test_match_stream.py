"""Real headlines of two years: natural queries find what plain patterns find."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pipeline.core.analyse import Analysed, analyse
from pipeline.core.match import Percolator
from pipeline.core.model import Subscription

# For each pattern of the truth file, the query that an analyst would write.
NATURAL = {
    "invasion": "invasion OR invade",
    "sanction": "sanction",
    "ukraine": "ukraine OR ukrainian",
    "kyiv|kiev": "kyiv OR kiev",
    "troops": "troop",
    "nato": "nato",
    "missile": "missile",
    "ceasefire": "ceasefire",
    "refugee": "refugee",
    "coup": "coup",
    "taiwan": "taiwan OR taiwanese",
    "nuclear": "nuclear",
    "putin": "putin",
    "war crime": "war crime",
    "oil": "oil",
    "EU": "EU",
}
# The same patterns as quoted words: every form that they list, and no other.
EXACT = {
    "invasion": '"invasion" OR "invasions" OR "invade" OR "invades" OR "invaded" OR "invading"',
    "sanction": '"sanction" OR "sanctions" OR "sanctioned" OR "sanctioning"',
    "troops": '"troop" OR "troops"',
    "missile": '"missile" OR "missiles"',
    "refugee": '"refugee" OR "refugees"',
    "coup": '"coup" OR "coups"',
    "war crime": '"war crime" OR "war crimes"',
    "putin": '"putin"',
}


def article(row: dict[str, str]) -> Analysed:
    # The truth was counted over the text with its tags stripped.
    return analyse(row["title"], re.sub("<[^>]+>", "", row["description"]), "", row["language"])


def test_natural_queries_find_all_that_the_patterns_find(corpus: Path) -> None:
    """Recall is whole for words by their lemmas, and exact for quoted forms."""
    folder = corpus / "articles"
    patterns = json.loads((folder / "rss_stream_keyword_truth.json").read_text())["patterns"]
    rows = [json.loads(line) for line in (folder / "rss_stream_2021-22.jsonl").read_text().splitlines()]
    names = [*NATURAL, *(f"exact {name}" for name in EXACT)]
    asked = [*NATURAL.values(), *EXACT.values()]
    percolator = Percolator()
    percolator.apply(
        Subscription(id=number, name=name, query=query, active=True, version=1)
        for number, (name, query) in enumerate(zip(names, asked, strict=True))
    )
    found: dict[str, set[str]] = {name: set() for name in names}
    for row in rows:
        for hit in percolator.match(article(row)):
            found[names[hit.subscription_id]].add(row["id"])
    for name in NATURAL:
        flags = 0 if name == "EU" else re.IGNORECASE
        pattern = re.compile(patterns[name], flags)
        plain = {
            row["id"]
            for row in rows
            if pattern.search(row["title"] + "\n" + re.sub("<[^>]+>", "", row["description"]))
        }
        assert plain <= found[name], (name, sorted(plain - found[name])[:5])
        if name in EXACT:
            assert found[f"exact {name}"] == plain, (name, sorted(found[f"exact {name}"] ^ plain)[:5])
