"""Process: an RQ worker for one hop (ingest, pages or deliver)."""

from __future__ import annotations

import structlog

from config.settings import Settings
from workers import jobs
from workers.context import open_context

log = structlog.get_logger("tocsin")


def run(settings: Settings, hop: str) -> int:
    """Work on one hop's queue until told to stop; the running job is finished first.

    Raises:
        ServiceError: there is no Redis to listen to, or the database cannot be reached.

    """
    with open_context(settings, name=hop) as context:
        queues = context.queues
        jobs.settle_in(context)
        try:
            worker = queues.worker(hop)
            log.info("worker.started", hop=hop, worker=worker.name)
            queues.work(worker)
        finally:
            jobs.move_out()
        log.info("worker.stopped", hop=hop)
    return 0
