"""The percolator of a worker process: built once, brought up to date before each batch."""

from __future__ import annotations

from pipeline.core.match import Percolator
from pipeline.flow.ground import log
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
        with store.read() as tx:
            if subscriptions.version(tx) == self._version:
                return self._percolator
            changed = subscriptions.since(tx, self._version)
        for id_ in self._percolator.apply(changed):
            # Queries are checked when saved; one that can no longer be read must not silence the others.
            log.error("subscription.unreadable", subscription=id_)
        self._version = max((one.version for one in changed), default=self._version)
        return self._percolator
