"""The query language: from what a user wrote to a tree that can be matched."""

from pipeline.core.query.narrow import All, Any, Everything, Narrow, Term, narrowing
from pipeline.core.query.read import parse
from pipeline.core.query.tree import And, Leaf, Node, Not, Or, Phrase, Query, Word, leaves

__all__ = [
    "All",
    "And",
    "Any",
    "Everything",
    "Leaf",
    "Narrow",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Query",
    "Term",
    "Word",
    "leaves",
    "narrowing",
    "parse",
]
