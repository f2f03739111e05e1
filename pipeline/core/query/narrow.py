"""Which stored terms an article must have for a query to hold: what an index can be asked.

A narrowing never loses an article that the query meets; it may let others
through, so the matcher has the last word on every candidate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.query.tree import Query


@dataclass(frozen=True, slots=True)
class Term:
    """The article has at least one of these terms."""

    forms: frozenset[str]


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
    """The terms that articles must have, for articles of ``languages`` (None: of any language).

    Naming the languages that the archive holds saves loading the dictionaries
    of all others, which takes long.
    """
    raise NotImplementedError
