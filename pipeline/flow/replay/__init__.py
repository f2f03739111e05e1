"""Replay: what is kept goes the way of ingest once more, and what would be otherwise is told.

Raw items are parsed and matched as ingest does it, by today's code, with the
moment of their fetch as the clock; articles whose raw items are purged, and what
pages said, are matched as they are stored.  Nothing is sent and no article is
touched; the alerts that would be gained may be stored as backlog.

The order is that of ids, and every result goes into a digest: the same span of
the same database, code and queries gives the same digest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core.match import Percolator
from pipeline.core.model import Subscription
from pipeline.core.replay import Difference, Kind, Ledger, Marks
from pipeline.flow.ground import Ground
from pipeline.flow.percolate import LivePercolator
from pipeline.flow.replay.course import Course
from pipeline.flow.replay.items import replay_items
from pipeline.flow.replay.rings import lost
from pipeline.flow.replay.texts import replay_texts
from pipeline.store import replay as kept
from pipeline.store import subscriptions
from pipeline.store.replay import Span
from pipeline.store.subscriptions import SubscriptionRow

__all__ = ["Difference", "Kind", "Report", "Span", "replay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a replay came to."""

    span: Span
    items: int  # raw items that went the way of ingest
    texts: int  # stored texts that were matched
    broken: int  # raw items that cannot be parsed
    slow: int  # stored texts that could not be matched within their CPU limit
    counts: dict[str, int]  # differences by kind
    fields: dict[str, int]  # in which changed articles differ
    gained: dict[str, int]  # alerts by subscription
    lost: dict[str, int]
    stored: int  # gained alerts that are backlog now
    unstored: int  # gained alerts that no stored text has, so that nothing could be shown for them
    digest: str  # SHA-256


def replay(
    ground: Ground,
    span: Span,
    *,
    only: SubscriptionRow | None = None,
    backlog: bool = False,
    tell: Callable[[Difference], None] = lambda _one: None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Go through ``span`` once more, for all active subscriptions or for one; ``tell`` gets each difference.

    With ``backlog`` gained alerts are stored as backlog: they are in sight, and never delivered.
    """
    percolator, listed = _percolator(ground, only)
    with ground.store.read() as tx:
        sizes = kept.sizes(tx, span)
    course = Course(
        ground=ground,
        span=span,
        only=only.id if only else None,
        percolator=percolator,
        subscriptions=listed,
        policies={id_: row.policy for id_, row in listed.items()},
        ledger=Ledger(tell),
        step=_steps(progress, sizes.items + sizes.articles),
        store=backlog,
        reached=Marks(sizes.first_article),
        confirmed=Marks(sizes.first_alert),
    )
    replay_items(course)
    replay_texts(course)
    lost(course)
    return _report(course)


def _steps(progress: Callable[[int, int], None], every: int) -> Callable[[int], None]:
    done = 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        progress(done, every)

    return step


def _report(course: Course) -> Report:
    ledger = course.ledger
    return Report(
        span=course.span,
        items=course.items,
        texts=course.texts,
        broken=len(course.broken),
        slow=course.slow,
        counts={str(kind): ledger.counts[kind] for kind in Kind},
        fields=dict(sorted(ledger.fields.items())),
        gained=dict(sorted(ledger.gained.items())),
        lost=dict(sorted(ledger.lost.items())),
        stored=course.stored,
        unstored=course.unstored,
        digest=ledger.digest(),
    )


def _percolator(
    ground: Ground, only: SubscriptionRow | None
) -> tuple[Percolator, dict[int, SubscriptionRow]]:
    """The queries that are in force, and their subscriptions."""
    if only is None:
        with ground.store.read() as tx:
            listed = {row.id: row for row in subscriptions.rows(tx)}
        return LivePercolator().current(ground.store), listed
    percolator = Percolator()
    active = only.state == "active"
    percolator.apply([Subscription(id=only.id, name=only.name, query=only.query, active=active, version=1)])
    return percolator, {only.id: only}
