"""Which queries an article meets, and with which words."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.analyse import Analysed
from pipeline.core.model import Hit, Match, Subscription
from pipeline.core.query import Query


def evaluate(query: Query, article: Analysed) -> tuple[Match, ...] | None:
    """The places where a query meets an article; None when it does not."""
    raise NotImplementedError


class Percolator:
    """All subscriptions, indexed so that one article is tested against every one at once.

    Not safe for use by several threads at once.
    """

    def apply(self, subscriptions: Iterable[Subscription]) -> list[int]:
        """Add or replace subscriptions; inactive ones are dropped.

        Returns the ids whose query cannot be read (none should: they are checked when saved).
        """
        raise NotImplementedError

    def match(self, article: Analysed) -> list[Hit]:
        """The subscriptions whose query the article meets, by rising id."""
        raise NotImplementedError

    def prepare(self, language: str | None) -> None:
        """Do now what the first article of a language would wait for (up to some seconds)."""
        raise NotImplementedError
