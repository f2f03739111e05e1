"""How a query stands to other subscriptions: the same, within one, or around one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from pipeline.core.analyse import exact_forms, forms_in, tokens
from pipeline.core.errors import QueryError
from pipeline.core.lint import leaves
from pipeline.core.lint.advice import Advice, every_leaf, whole
from pipeline.core.lint.logic import Relations, negation
from pipeline.core.lint.names import name_of
from pipeline.core.query import Query, parse

MOST_COMPARED = 200  # other queries: those that share the most words
_MOST_LEAVES = 10_000  # of all that are compared
_MOST_NAMED = 5
# How a word with an open ending begins; one edit leaves most words their first letter.
_OPEN = re.compile(r"(\w)\w*~|(\w\w?)[\w?]*[*?]")

_SAID = {
    "same": "this and the subscription {} find the same: one of them is enough",
    "contained": "all that this finds, the subscription {} finds already",
    "contains": "all that the subscription {} finds, this finds too: it may be needless",
}


def beside(query: Query, others: Mapping[str, str], languages: Sequence[str] = ("en",)) -> Iterator[Advice]:
    """Which of ``others`` (queries by name) the query makes needless, or is made needless by.

    What is said holds for every article, or for those in the language named.
    Where there are very many others, those that share few words may be passed over.
    """
    found: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for name, other in _candidates(query, others, tuple(languages)):
        for language in (None, *languages):
            if relation := _relation(query, other, language):
                found[relation, language].append(name)
                break
    start, end = whole(query.text)
    for relation, said in _SAID.items():
        for language in (None, *languages):
            if names := found.get((relation, language)):
                where = f", in {name_of(language)}" if language else ""
                message = said.format(_listed(names)) + where
                yield Advice(code=relation, message=message, start=start, end=end)


def _relation(query: Query, other: Query, language: str | None) -> str | None:
    """Which finds all that the other finds, if that can be told."""
    if query.root == other.root:
        return "same"
    relations = Relations([query.root, other.root], language)
    if relations.impossible([other.root]):
        return None
    within = relations.impossible([query.root, negation(other.root)])
    around = relations.impossible([other.root, negation(query.root)])
    return "same" if within and around else "contained" if within else "contains" if around else None


def _candidates(
    query: Query, others: Mapping[str, str], languages: tuple[str, ...]
) -> Iterator[tuple[str, Query]]:
    """The others that share words, those that share the most first, as many as the limits allow."""
    every = every_leaf(query.root)
    own = frozenset().union(
        *(leaves.keys(leaf, language) for leaf in every for language in (None, *languages))
    )
    words = [word.surface for leaf in every for word in leaves.parts(leaf)]
    starts = frozenset(word[:size].lower() for word in words for size in (1, 2))
    open_starts = tuple(_open_starts(query.text))
    ranked: list[tuple[float, str]] = []
    for name, text in others.items():
        there = [_keys(token, languages if token[:2].lower() in starts else ()) for token in tokens(text)]
        shared = sum(not own.isdisjoint(keys) for keys in there)
        shared += sum(start in starts for start in _open_starts(text))
        if open_starts:
            shared += sum(any(key.startswith(open_starts) for key in keys) for keys in there)
        if shared:
            ranked.append((-shared / (len(there) + len(words)), name))
    left = _MOST_LEAVES
    for _, name in sorted(ranked)[:MOST_COMPARED]:
        try:
            other = parse(others[name])
        except QueryError:
            continue  # what cannot be read finds nothing
        left -= len(every) + len(every_leaf(other.root))
        if left < 0:
            return
        yield name, other


def _open_starts(text: str) -> list[str]:
    if not any(sign in text for sign in "*?~"):
        return []
    return [found[1] or found[2] for found in _OPEN.finditer(text.lower())]


@lru_cache(maxsize=1 << 15)
def _keys(token: str, languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset(exact_forms(token)).union(*(forms_in(language)[token] for language in languages))


def _listed(names: Sequence[str]) -> str:
    shown = sorted(names)[:_MOST_NAMED]
    more = len(names) - len(shown)
    return ", ".join(f'"{name}"' for name in shown) + (f" and {more} more" if more else "")
