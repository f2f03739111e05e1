"""The percolator of a worker process: built once, brought up to date before each batch; and its limits."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.analyse import Analysed
from pipeline.core.errors import DocumentError
from pipeline.core.match import Percolator
from pipeline.core.model import Hit
from pipeline.flow.ground import Ground, log
from pipeline.store import subscriptions
from pipeline.store.engine import Store


class LivePercolator:
    """All active subscriptions, in force from the first batch after their change.

    Each change of any subscription has a version of its own, so bringing the
    percolator up to date costs one look at the newest version and, where that
    grew, the rows that changed.
    """

    def __init__(self) -> None:
        self._percolator = Percolator()
        self._version = 0

    def current(self, store: Store) -> Percolator:
        """The percolator with every change that is committed by now."""
        self._percolator.tidy()
        with store.read() as tx:
            if subscriptions.version(tx) == self._version:
                return self._percolator
            changed = subscriptions.since(tx, self._version)
        for id_ in self._percolator.apply(changed):
            # Queries are checked when saved; one that can no longer be read must not silence the others.
            log.error("subscription.unreadable", subscription=id_)
        self._version = max((one.version for one in changed), default=self._version)
        return self._percolator


#: What one query may take of a document's CPU limit, where all of them together took too much.
SHARE = 0.05
#: So many queries may be too slow for a document's articles before the document is given up.
MOST_SLOW = 50


def matched(ground: Ground, percolator: Percolator, articles: Sequence[Analysed]) -> list[tuple[Hit, ...]]:
    """What each article of a document rings for, within the document's CPU limit.

    Where the limit is met, no article may be lost for a few queries' sake: each is tried
    by itself then, and those that take too long are left out and told.

    Raises:
        DocumentError: the articles alone take longer than the limit, or too many queries do.

    """
    limit_s = ground.policy.cpu_limit_s
    with ground.limit(limit_s):
        for article in articles:
            article.terms  # noqa: B018 - analysed here, so that what follows is the queries' doing
    try:
        with ground.limit(limit_s):
            return [tuple(percolator.match(article)) for article in articles]
    except DocumentError:
        log.warning("match.slow", articles=len(articles))
    found: list[tuple[Hit, ...]] = []
    limit_s, left = ground.policy.cpu_limit_s * SHARE, MOST_SLOW
    for article in articles:
        hits, slow = percolator.match_apart(article, lambda: ground.limit(limit_s), most_slow=left)
        for id_ in slow:
            log.error("subscription.slow", subscription=id_)
        left = max(0, left - len(slow))
        found.append(tuple(hits))
    return found
