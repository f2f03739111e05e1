"""Lint: what is likely wrong with a query, by itself, beside the other subscriptions and on the archive."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.analyse import analyse, prepare, primary
from pipeline.core.lint import Advice, Measured
from pipeline.core.lint import lint as lint_query
from pipeline.core.match import Matcher, Spellings
from pipeline.core.query import Query, parse
from pipeline.store import articles, subscriptions
from pipeline.store.articles import ArticleRow
from pipeline.store.engine import Store, Tx

_STEP = 100  # articles read at a time
_ENGLISH = "en"
_MOST_LANGUAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much of the archive is looked at: the newest articles, and seconds of CPU time."""

    articles: int
    seconds: float
    languages: int = _MOST_LANGUAGES  # those of most articles; English alone needs no waiting


THOROUGH = Effort(articles=2_000, seconds=2.0)
QUICK = Effort(articles=300, seconds=0.2, languages=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the lint says of a query; ``measured`` is what the archive showed."""

    text: str
    advice: tuple[Advice, ...]
    measured: Measured


def lint(store: Store, text: str, name: str | None = None, *, effort: Effort = THOROUGH) -> Report:
    """What is likely wrong with a query, which is or becomes that of the subscription ``name``.

    Raises:
        QueryError: the query cannot be read.

    """
    query = parse(text)
    with store.read() as tx:
        others = {
            one.name: one.query for one in subscriptions.since(tx, 0) if one.active and one.name != name
        }
        languages = _languages(tx, effort)
        measured = _measured(tx, query, effort, languages)
    advice = lint_query(query, others=others, measured=measured, languages=languages)
    return Report(text=text, advice=advice, measured=measured)


def _measured(tx: Tx, query: Query, effort: Effort, languages: Sequence[str]) -> Measured:
    """The query against the newest articles in some languages, as far as the effort goes."""
    matcher = Matcher(query)
    spellings = Spellings(query)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    met = of = 0
    end = time.process_time() + effort.seconds
    for row in _newest(tx, effort.articles):
        article = analyse(row.title, row.summary, row.body, row.language, row.about)
        if article.language in languages:
            of += 1
            met += matcher.match(article) is not None
            for text, there in spellings.of(article).items():
                words[text].update(there)
        if time.process_time() > end:
            break
    return Measured(met=met, of=of, words=words)


def _languages(tx: Tx, effort: Effort) -> list[str]:
    """English and the languages of most new articles, their dictionaries loaded."""
    chosen = [_ENGLISH]
    if effort.languages > 1:
        counts = Counter(primary(row.language) for row in _newest(tx, _STEP))
        chosen += [language for language, _ in counts.most_common() if language != _ENGLISH]
    for language in chosen[: effort.languages]:
        prepare(language)
    return chosen[: effort.languages]


def _newest(tx: Tx, most: int) -> Iterator[ArticleRow]:
    before: int | None = None
    for start in range(0, most, _STEP):
        rows = articles.rows(tx, limit=min(_STEP, most - start), before_id=before)
        yield from rows
        if len(rows) < _STEP:
            return
        before = rows[-1].id
