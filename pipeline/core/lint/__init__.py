"""What is likely wrong with a query that can be read: contradictions, needless parts, words that mislead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline.core.errors import QueryError
from pipeline.core.lint import contradictions, redundancy
from pipeline.core.lint.advice import Advice
from pipeline.core.lint.archive import Measured, seen
from pipeline.core.lint.habits import habits
from pipeline.core.lint.logic import Relations
from pipeline.core.lint.others import beside
from pipeline.core.query import Query
from pipeline.core.query.read import read_whole

__all__ = ["Advice", "Measured", "accept", "lint", "refusal"]


def lint(
    query: Query,
    *,
    others: Mapping[str, str] | None = None,
    measured: Measured | None = None,
    languages: Sequence[str] = ("en",),
) -> tuple[Advice, ...]:
    """What is likely wrong with a query, from left to right; errors alone where there are any.

    ``others`` are the queries of other subscriptions by their names.
    ``languages`` are the dictionaries by which words count as forms of one word;
    one that is not loaded takes up to some seconds.
    """
    query = read_whole(query.text)  # the short way notes no places
    strict = Relations([query.root])
    if errors := contradictions.never(query, strict):
        return _in_order(errors)
    found = [*contradictions.dead(query, strict), *redundancy.redundant(query, strict), *habits(query)]
    for language in languages:
        found += _as_written(query, strict, language)
    found += seen(query, measured, languages) if measured else ()
    found += beside(query, others, languages) if others else ()
    return _in_order(found)


def accept(text: str) -> Query:
    """Read a query that is to be stored.

    Raises:
        QueryError: it cannot be read, or no article can ever meet it.

    """
    query = read_whole(text)
    for error in _in_order(contradictions.never(query, Relations([query.root]))):
        raise QueryError(error.message, error.start)
    return query


def refusal(text: str, error: QueryError) -> Advice:
    """Why a query cannot be read, at the word where that shows."""
    start = min(error.position, len(text))
    word = re.compile(r"\S*").match(text, start)
    end = word.end() if word and word.end() > start else min(start + 1, len(text))
    return Advice(code="refused", message=error.message, start=start, end=end, severity="error")


def _in_order(found: Iterable[Advice]) -> tuple[Advice, ...]:
    """Advice from left to right, each once."""
    unique = {(one.code, one.start, one.end): one for one in reversed(list(found))}
    return tuple(sorted(unique.values(), key=lambda one: (one.start, one.end, one.code)))


def _as_written(query: Query, strict: Relations, language: str) -> Iterator[Advice]:
    written = Relations([query.root], language, written=True)
    yield from contradictions.as_written(query, strict, written, language)
    yield from redundancy.as_written(query, strict, written, language)
