"""The query language: from what a user wrote to a tree that can be matched."""

from pipeline.core.query.narrow import All, Any, Everything, Narrow, Term, narrowing
from pipeline.core.query.read import parse
from pipeline.core.query.tree import (
    ABOUT_FIELDS,
    FACETS,
    TEXT_FIELDS,
    And,
    Kind,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Word,
    asks_beside,
    leaves,
)

__all__ = [
    "ABOUT_FIELDS",
    "FACETS",
    "TEXT_FIELDS",
    "All",
    "And",
    "Any",
    "Everything",
    "Kind",
    "Leaf",
    "Narrow",
    "Near",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Query",
    "Term",
    "Word",
    "asks_beside",
    "leaves",
    "narrowing",
    "parse",
]
