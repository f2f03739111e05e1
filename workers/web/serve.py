"""Process: the web server."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

import structlog
from waitress import create_server

from config.settings import Settings
from pipeline.core.errors import ServiceError
from workers.context import open_context
from workers.web.app import create_app

log = structlog.get_logger("tocsin")

THREADS = 8
#: Bytes of a request's body; the largest form here has a password in it.
LONGEST_BODY = 64 * 1024


def run(settings: Settings) -> int:
    """Serve until told to stop; requests under way are finished first.

    Raises:
        ServiceError: the port is taken, or the database cannot be reached.

    """
    with open_context(settings, name="web") as context:
        if not context.store.is_current():
            context.store.migrate()
        app = create_app(context)
        try:
            server = create_server(
                app,
                host=settings.host,
                port=settings.port,
                threads=THREADS,
                ident=None,
                max_request_body_size=LONGEST_BODY,
                # Nothing here believes a proxy's headers; /metrics must see that there are any.
                clear_untrusted_proxy_headers=False,
            )
        except (OSError, ValueError) as exc:  # waitress has a ValueError for a host that is none
            cause = exc.strerror if isinstance(exc, OSError) else "there is no such host"
            raise ServiceError(
                f"the web cannot listen on {settings.host} port {settings.port}: {cause};"
                " choose another HOST or PORT"
            ) from exc
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)
        log.info("web.started", url=f"http://{settings.host}:{settings.port}/")
        server.run()  # returns when _stop has raised in it
        log.info("web.stopped")
    return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
