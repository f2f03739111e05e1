"""Lint: what is likely wrong with a query, by itself, beside the other subscriptions and on the archive."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pipeline.core.analyse import Analysed, analyse, prepare, primary
from pipeline.core.errors import QueryError
from pipeline.core.lint import Advice, Measured, refusal
from pipeline.core.lint import lint as lint_query
from pipeline.core.match import Percolator, Spellings
from pipeline.core.model import Subscription
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
    """What the lint says of a query; ``name`` is that of its subscription, None where it has none."""

    name: str | None
    text: str
    advice: tuple[Advice, ...]


def lint(store: Store, text: str, name: str | None = None, *, effort: Effort = THOROUGH) -> Report:
    """What is likely wrong with a query, which is or becomes that of the subscription ``name``."""
    with store.read() as tx:
        return next(_reports(tx, [(name, text)], _active(tx), effort))


def lint_all(store: Store, *, effort: Effort = THOROUGH) -> Iterator[Report]:
    """What is likely wrong with the query of each active subscription, by name."""
    with store.read() as tx:
        every = _active(tx)
        yield from _reports(tx, sorted(every.items()), every, effort)


def _reports(
    tx: Tx, asked: Sequence[tuple[str | None, str]], others: Mapping[str, str], effort: Effort
) -> Iterator[Report]:
    languages = _languages(tx, effort)
    measured = _measured(tx, [text for _, text in asked], effort, languages)
    for name, text in asked:
        beside = {each: query for each, query in others.items() if each != name}
        try:
            advice = lint_query(parse(text), others=beside, measured=measured.get(text), languages=languages)
        except QueryError as error:
            advice = (refusal(text, error),)
        yield Report(name=name, text=text, advice=advice)


def _active(tx: Tx) -> dict[str, str]:
    """The queries that ring, by their subscriptions' names."""
    return {one.name: one.query for one in subscriptions.since(tx, 0) if one.active}


def _measured(tx: Tx, texts: Iterable[str], effort: Effort, languages: Sequence[str]) -> dict[str, Measured]:
    """The queries that can be read against the newest articles in some languages, within the effort."""
    queries = _readable(texts)
    if not queries:
        return {}
    percolator = Percolator()
    percolator.apply(
        Subscription(id=number, name=text, query=text, active=True, version=number)
        for number, text in enumerate(queries)
    )
    spellings = {text: each for text, query in queries.items() if (each := Spellings(query))}
    met: Counter[int] = Counter()
    words: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    of = 0
    end = time.process_time() + effort.seconds
    for article in _newest_in(tx, effort.articles, languages):
        of += 1
        met.update(hit.subscription_id for hit in percolator.match(article))
        for text, each in spellings.items():
            for leaf, there in each.of(article).items():
                words[text][leaf].update(there)
        if time.process_time() > end:
            break
    return {text: Measured(met=met[number], of=of, words=words[text]) for number, text in enumerate(queries)}


def _readable(texts: Iterable[str]) -> dict[str, Query]:
    found = {}
    for text in texts:
        with suppress(QueryError):
            found[text] = parse(text)
    return found


def _languages(tx: Tx, effort: Effort) -> list[str]:
    """English and the languages of most new articles, their dictionaries loaded."""
    chosen = [_ENGLISH]
    if effort.languages > 1:
        counts = Counter(primary(row.language) for row in _newest(tx, _STEP))
        chosen += [language for language, _ in counts.most_common() if language != _ENGLISH]
    for language in chosen[: effort.languages]:
        prepare(language)
    return chosen[: effort.languages]


def _newest_in(tx: Tx, most: int, languages: Sequence[str]) -> Iterator[Analysed]:
    for row in _newest(tx, most):
        article = analyse(row.title, row.summary, row.body, row.language, row.about)
        if article.language in languages:
            yield article


def _newest(tx: Tx, most: int) -> Iterator[ArticleRow]:
    before: int | None = None
    for start in range(0, most, _STEP):
        rows = articles.rows(tx, limit=min(_STEP, most - start), before_id=before)
        yield from rows
        if len(rows) < _STEP:
            return
        before = rows[-1].id
