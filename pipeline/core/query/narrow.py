"""Which stored terms an article must have for a query to hold: what an index can be asked.

A narrowing never loses an article that the query meets; it may let others
through, so the matcher has the last word on every candidate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.analyse import dictionaries_for, fold, forms_in
from pipeline.core.query.tree import TEXT_FIELDS, And, Kind, Near, Node, Not, Or, Phrase, Query, Word


@dataclass(frozen=True, slots=True)
class Term:
    """The article has at least one of these terms, or one that begins with a prefix."""

    forms: frozenset[str]
    prefixes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Narrow, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Narrow, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """No term is needed: every article is a candidate."""


Narrow = Term | All | Any | Everything


def narrowing(query: Query, languages: Iterable[str | None] | None = None) -> Narrow:
    """The terms that articles must have, for articles declared as ``languages`` (None: as any).

    A word's lemma depends on the article's language, so a term holds those of
    every dictionary in question.  Naming the languages that the archive holds
    saves loading the others, which takes a minute for all.
    """
    tags = None if languages is None else frozenset(languages)
    return _narrow(query.root, tags)


def _narrow(node: Node, tags: frozenset[str | None] | None) -> Narrow:
    match node:
        case Word():
            return _word(node, tags)
        case Phrase(_, parts):
            return _all(dict.fromkeys(_word(part, tags) for part in parts))
        case Near(_, parts):
            return _all(_any(_narrow(way, tags) for way in ways) for ways in parts)
        case And(parts):
            return _all(_narrow(part, tags) for part in parts)
        case Or(parts):
            return _any(_narrow(part, tags) for part in parts)
        case Not():
            return Everything()


def _word(word: Word, tags: frozenset[str | None] | None) -> Narrow:
    if word.field not in {"", *TEXT_FIELDS}:  # the index holds the text alone
        return Everything()
    match word.kind:
        case Kind.INFLECTED:
            return Term(_forms(word.surface, tags))
        case Kind.PREFIX:
            return Term(frozenset(), frozenset({word.surface}))
        case Kind.WILDCARD:
            return Term(frozenset(), frozenset({word.surface.partition("?")[0]}))
        case Kind.FUZZY | Kind.FACET:
            return Everything()
        case _:
            return Term(frozenset({fold(word.surface)}))


def _forms(surface: str, tags: frozenset[str | None] | None) -> frozenset[str]:
    dictionaries = dictionaries_for(surface, tags)
    return frozenset().union(*(forms_in(language)[surface] for language in dictionaries))


def _all(parts: Iterable[Narrow]) -> Narrow:
    needed = tuple(part for part in parts if not isinstance(part, Everything))
    return All(needed) if len(needed) > 1 else needed[0] if needed else Everything()


def _any(parts: Iterable[Narrow]) -> Narrow:
    branches = tuple(parts)
    if any(isinstance(branch, Everything) for branch in branches):
        return Everything()
    return Any(branches) if len(branches) > 1 else branches[0]
