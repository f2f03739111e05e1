"""A query with exclusions added, written so that it means just that."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.errors import QueryError
from pipeline.core.query import And, Leaf, Node, Not, Or, Query, parse


def excluding(text: str, terms: Sequence[str]) -> Query:
    """The query that meets what ``text`` meets and none of ``terms``, each a word or a phrase.

    The old query is put into brackets where it would be read otherwise without:
    ``(a OR b) NOT c``, but ``a NOT b NOT c``.

    Raises:
        QueryError: a term cannot be asked for, or the query would be over a limit.

    """
    one_line = " ".join(text.split())
    old = parse(one_line).root
    wanted = And((*(old.parts if isinstance(old, And) else (old,)), *(Not(_leaf(term)) for term in terms)))
    added = "".join(f" NOT {term}" for term in terms)
    try:
        query = parse(one_line + added)
    except QueryError:  # ambiguous without brackets
        query = None
    if query is None or query.root != wanted:
        query = parse(f"({one_line}){added}")
        assert query.root == wanted, "brackets keep a query whole"
    return query


def _leaf(term: str) -> Leaf:
    node: Node = parse(term).root
    if isinstance(node, And | Or | Not):
        raise QueryError("an exclusion is one word or one phrase", 0)
    return node
