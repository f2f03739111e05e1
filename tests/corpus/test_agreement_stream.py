"""One matcher, on real articles: queries of their own words, asked in every way, on both databases."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pipeline.core.analyse import tokens
from pipeline.core.model import About
from pipeline.store.engine import Store
from tests import archive
from tests.naive import Text
from tests.test_agreement import compare
from tests.test_match import readable

ARTICLES = 80
PER_ROUND = 50


def _texts(corpus: Path, chance: random.Random) -> list[Text]:
    lines = (corpus / "articles" / "rss_stream_2021-22.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in chance.sample(lines, ARTICLES)]
    return [
        Text(row["title"], row["description"], "", row["language"], About(url=row["link"])) for row in rows
    ]


def _term(words: list[str], chance: random.Random) -> str:
    word, other = chance.choice(words), chance.choice(words)
    return chance.choice(
        [
            *(word, word, word, f"exact:{word}", f"case:{word}", f"title:{word}", f"summary:{word}"),
            *(f"{word[:4]}*", f"{word[:-1]}?", f"{word}~1", f'"{word} {other}"', f'"{word} {other}"~8'),
            f'ordered:"{word} {other}"~15',
        ]
    )


def _query(words: list[str], chance: random.Random) -> str:
    joint = chance.choice([" ", " AND ", " OR ", " NOT "])
    return joint.join(_term(words, chance) for _ in range(chance.randint(1, 3)))


def test_all_ways_to_ask_agree_on_real_articles(
    store: Store, corpus: Path, pytestconfig: pytest.Config
) -> None:
    """Headlines and summaries as they come, with their markup, names, numbers and quotes."""
    chance = random.Random(20_220_224)
    known = archive.fill(store, _texts(corpus, chance))
    tried = 0
    while tried < pytestconfig.getoption("queries"):
        words = tokens(" ".join((text := chance.choice(known)[1]).title.split() + text.summary.split()))
        asked = [query for query in (_query(words, chance) for _ in range(PER_ROUND)) if readable(query)]
        tried += len(asked)
        compare(store, known, asked)
