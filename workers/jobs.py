"""What RQ calls: one short function for each hop, ids in, the spine called, the next hop pushed.

A worker process settles in once: its context, with database connections and
percolator, stays between jobs.  Under a stock ``rq worker``, which forks for
each job, the context is built for the job from the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from config.settings import load
from pipeline import flow
from pipeline.core.errors import PoisonError
from workers.context import Context, open_context
from workers.limits import hard_limit
from workers.queues import JOB_TIMEOUT_S

#: Wall seconds after which a job that no exception could stop takes its process down.
HARD_LIMIT_S = JOB_TIMEOUT_S + 15


class _Resident:
    """The context that stays in a worker process between jobs."""

    context: Context | None = None


def settle_in(context: Context) -> None:
    """Keep ``context`` for every job of this process."""
    _Resident.context = context


def move_out() -> None:
    """Forget the context; the running sends are waited for by their sender's own close."""
    _Resident.context = None


@contextmanager
def _context() -> Iterator[Context]:
    with ExitStack() as stack:
        yield _Resident.context or stack.enter_context(open_context(load(os.environ), name="job"))


def ingest(ids: Sequence[int]) -> dict[str, Any]:
    """Parse, deduplicate, match and store raw items.

    Raises:
        PoisonError: some items went to the dead letters; pressing requeue tries them once more.

    """
    with _context() as context, hard_limit(HARD_LIMIT_S):
        done = flow.ingest(context.ground, context.percolator, ids)
    if done.poisoned:
        raise PoisonError("; ".join(done.poisoned[:5]))
    return done.as_json()


def pages(ids: Sequence[int]) -> dict[str, Any]:
    """Extract fetched pages, store their text and match again.

    Raises:
        PoisonError: some pages went to the dead letters.

    """
    with _context() as context, hard_limit(HARD_LIMIT_S):
        done = flow.extract_pages(context.ground, context.percolator, ids)
    if done.poisoned:
        raise PoisonError("; ".join(done.poisoned[:5]))
    return done.as_json()


def deliver(ids: Sequence[int]) -> dict[str, Any]:
    """Send deliveries; a slow receiver's go on behind the job, under their lease."""
    with _context() as context:
        return context.sender.deliver(ids, patience_s=None if _Resident.context is None else PATIENCE_S)


#: A deliver job waits this long for its sends; those of slow receivers go on without it.
PATIENCE_S = 0.3
