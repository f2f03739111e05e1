"""The percolator's rates, and what its index takes to build, to hold and to change."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.match.queries import Drawn
from pipeline.core.analyse import Analysed, analyse, exact_forms, forms_in
from pipeline.core.match import Percolator
from pipeline.core.model import Subscription
from pipeline.core.query import parse

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = "en"
_WARM = 3_000  # articles before those that are measured: a worker lives long, and few words are new to it
_BETWEEN = 20  # articles from one edit to the next
_MEMORY_S = 300

Article = tuple[str, str]  # title and body


@dataclass
class Rates:
    """Articles a CPU second, by repetition, and the queries that an article meets."""

    whole: list[float]  # from the texts to the hits
    matching: list[float]  # from analysed articles to the hits
    hits: int = 0
    articles: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "articles_per_s": round(median(self.whole)),
            "matching_alone_per_s": round(median(self.matching)),
            "hits_per_article": round(self.hits / self.articles, 2),
            "repeats": [round(rate) for rate in self.whole],
        }


def rates(
    drawn: dict[int, list[Drawn]], articles: Iterator[Article], *, count: int, repeats: int
) -> dict[int, Rates]:
    """Rates by number of subscriptions, in turns; each article is read once, as in life."""
    found = {size: Rates([], []) for size in drawn}
    percolators: dict[int, Percolator] = {}
    for size, queries in drawn.items():
        percolators[size] = percolator = Percolator()
        if percolator.apply(subscriptions(queries)):
            raise SystemExit("bench: a query was not understood")
        for article in islice(articles, _WARM):
            percolator.match(read(article))
            percolator.tidy()
    for _ in range(repeats):
        for size, percolator in percolators.items():
            percolator.tidy()
            _rate(percolator, list(islice(articles, count)), list(islice(articles, count)), found[size])
    return found


def _rate(percolator: Percolator, first: list[Article], second: list[Article], rate: Rates) -> None:
    began = process_time()
    for article in first:
        rate.hits += len(percolator.match(read(article)))
    rate.whole.append(len(first) / (process_time() - began))
    ready = [worded(article) for article in second]
    began = process_time()
    for each in ready:
        rate.hits += len(percolator.match(each))
    rate.matching.append(len(second) / (process_time() - began))
    rate.articles += len(first) + len(second)


def build(queries: list[Drawn], article: Article, repeats: int) -> dict[str, Any]:
    """CPU seconds from subscriptions to an index that has matched its first article, the parsing apart."""
    asked = list(subscriptions(queries))
    whole, parsing, first = [], [], []
    for _ in range(repeats):
        forget()
        began = process_time()
        for each in asked:
            parse(each.query)
        parsing.append(process_time() - began)
        forget()
        ready = worded(article)
        began = process_time()
        percolator = Percolator()
        percolator.apply(asked)
        applied = process_time()
        percolator.match(ready)
        ended = process_time()
        whole.append(ended - began)
        first.append(ended - applied)
        del percolator
    found = {"build_s": median(whole), "parsing_s": median(parsing), "first_match_s": median(first)}
    found["indexing_s"] = found["build_s"] - found["parsing_s"] - found["first_match_s"]
    return {name: round(value, 3) for name, value in found.items()}


def forget() -> None:
    """Drop what earlier parsing and reading left remembered, and the garbage."""
    parse.cache_clear()
    forms_in(LANGUAGE).clear()
    exact_forms.cache_clear()
    gc.collect()


def memory(queries: list[Drawn]) -> dict[str, float]:
    """MB that a process of its own grows by from an empty percolator to the index in use."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.match.memory"],
        input="".join(f"{query.text}\n" for query in queries),
        stdout=subprocess.PIPE, text=True, check=True, timeout=_MEMORY_S, cwd=ROOT,
    )  # fmt: skip
    index, peak = map(float, done.stdout.split())
    return {"index_mb": index, "peak_mb": peak}


def edits(
    queries: list[Drawn], spare: list[Drawn], articles: Iterator[Article], seed: int
) -> dict[str, dict[str, float]]:
    """CPU milliseconds of replacing one subscription in place, and of the first match after it."""
    chance = random.Random(seed)
    percolator = Percolator()
    percolator.apply(subscriptions(queries))
    for article in islice(articles, _WARM):
        percolator.match(read(article))
    editing, both = [], []
    for query in spare:
        one = _subscription(chance.randrange(len(queries)), query)
        ready = worded(next(articles))
        began = process_time()
        percolator.apply([one])
        edited = process_time()
        percolator.match(ready)
        both.append(process_time() - began)
        editing.append(edited - began)
        for article in islice(articles, _BETWEEN):
            percolator.match(read(article))
    return {"edit_ms": _spread(editing), "edit_and_match_ms": _spread(both)}


def subscriptions(queries: list[Drawn]) -> Iterator[Subscription]:
    return (_subscription(number, query) for number, query in enumerate(queries))


def _subscription(number: int, query: Drawn) -> Subscription:
    return Subscription(id=number, name=f"query {number}", query=query.text, active=True, version=1)


def read(article: Article) -> Analysed:
    return analyse(article[0], "", article[1], LANGUAGE)


def worded(article: Article) -> Analysed:
    """An article that is analysed to the end: its words are found."""
    analysed = read(article)
    assert analysed.words
    return analysed


def _spread(values: list[float]) -> dict[str, float]:
    return {"p50": round(1000 * median(values), 3), "max": round(1000 * max(values), 3)}
