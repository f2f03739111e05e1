"""Two other ways, for scale: a loop over every query's regexes, and pyahocorasick with verification.

Both look for the words as the query writes them, so they miss inflections.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from time import process_time
from types import ModuleType
from typing import Any

from benchmarks import yardstick
from benchmarks.match.measure import Article, read
from benchmarks.match.queries import Drawn, Term
from pipeline.core.match import evaluate
from pipeline.core.query import parse


def regexes(queries: list[Drawn], articles: list[Article]) -> dict[str, Any]:
    """Every query's regexes on each article, one by one."""
    compiled = [
        ([tuple(map(_regex, group)) for group in query.groups], tuple(map(_regex, query.never)))
        for query in queries
    ]
    _regex.cache_clear()
    began, hits = process_time(), 0
    for article in articles:
        text = _text(article)
        for groups, never in compiled:
            hits += all(_any(group, text) for group in groups) and not _any(never, text)
    return _figures(len(articles), process_time() - began, hits)


def aho_corasick(queries: list[Drawn], articles: list[Article]) -> dict[str, Any]:
    """One pass finds the rarest term of each query; each query it points at is evaluated by itself."""
    began = process_time()
    parsed = [parse(query.text) for query in queries]
    waiting: dict[str, list[tuple[int, bool]]] = {}
    for number, query in enumerate(queries):
        for term in query.rarest:
            waiting.setdefault(term.plain, []).append((number, term.is_prefix))
    automaton = _module().Automaton()
    for word, numbers in waiting.items():
        automaton.add_word(word, (len(word), numbers))
    automaton.make_automaton()
    built = process_time() - began
    began, hits, candidates = process_time(), 0, 0
    for article in articles:
        pointed = _pointed(automaton.iter(text := _text(article)), text)
        analysed = read(article)
        hits += sum(evaluate(parsed[number], analysed) is not None for number in pointed)
        candidates += len(pointed)
    figures = _figures(len(articles), process_time() - began, hits)
    return {**figures, "build_s": round(built, 3), "candidates": round(candidates / len(articles), 1)}


def _pointed(found: Iterable[tuple[int, tuple[int, list[tuple[int, bool]]]]], text: str) -> set[int]:
    """The queries whose term stands in the text as a whole word, or begins one where it is a prefix."""
    pointed: set[int] = set()
    for last, (length, numbers) in found:
        if not text[last - length : last - length + 1].isalnum():
            whole = not text[last + 1 : last + 2].isalnum()
            pointed.update(number for number, is_prefix in numbers if whole or is_prefix)
    return pointed


@cache
def _regex(term: Term) -> re.Pattern[str]:
    words = r"\W+".join(map(re.escape, term.plain.split()))
    return re.compile(rf"\b{words}" if term.is_prefix else rf"\b{words}\b")


def _any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _text(article: Article) -> str:
    return f" {article[0]}\n{article[1]} ".lower()


def _figures(articles: int, seconds: float, hits: int) -> dict[str, Any]:
    return {"articles_per_s": round(articles / seconds, 2), "hits_per_article": round(hits / articles, 2)}


def _module() -> ModuleType:
    """pyahocorasick from the environment of the yardsticks; it is one extension module."""
    folder = str(yardstick.environment().parents[1])
    path = sysconfig.get_path("platlib", vars={"base": folder, "platbase": folder})
    sys.path.append(path)
    try:
        import ahocorasick
    finally:
        sys.path.remove(path)
    return ahocorasick  # type: ignore[no-any-return]
