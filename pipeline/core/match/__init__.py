"""Which queries an article meets, and with which words."""

from functools import lru_cache

from pipeline.core.analyse import Analysed
from pipeline.core.match.explain import Clause, Explanation, explain
from pipeline.core.match.percolate import Matcher, Percolator
from pipeline.core.match.spellings import Spellings
from pipeline.core.model import Match
from pipeline.core.query import Query

__all__ = ["Clause", "Explanation", "Matcher", "Percolator", "Spellings", "evaluate", "explain"]


def evaluate(query: Query, article: Analysed) -> tuple[Match, ...] | None:
    """The places where a query meets an article; None when it does not."""
    return _matcher(query).match(article)


@lru_cache(maxsize=16)
def _matcher(query: Query) -> Matcher:
    return Matcher(query)
