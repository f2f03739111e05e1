"""Process: the web server."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, NoReturn

import structlog
from flask import Flask
from waitress import create_server

from config.settings import Settings
from pipeline.core.errors import ServiceError
from workers.context import open_context
from workers.web import streams
from workers.web.app import create_app

log = structlog.get_logger("tocsin")

#: For pages; a stream has a thread of its own, which sleeps.
THREADS = 8
#: Connections at once; waitress counts those that are only kept alive, too.
CONNECTIONS = 400


def run(settings: Settings) -> int:
    """Serve until told to stop; requests under way are finished first.

    Raises:
        ServiceError: the port is taken, or the database cannot be reached.

    """
    with open_context(settings, name="web") as context:
        if not context.store.is_current():
            context.store.migrate()
        app = create_app(context)
        server = listen(app, settings.host, settings.port)

        def stop(_number: int, _frame: FrameType | None) -> NoReturn:
            app.extensions["streams"].close()
            raise SystemExit(0)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        log.info("web.started", url=f"http://{settings.host}:{settings.port}/")
        server.run()  # returns when stop has raised in it
        log.info("web.stopped")
    return 0


def listen(app: Flask, host: str, port: int) -> Any:  # noqa: ANN401 - waitress has no types
    """A server of ``app``, not running yet.

    Raises:
        ServiceError: the port is taken, or there is no such host.

    """
    try:
        return create_server(
            app,
            host=host,
            port=port,
            threads=THREADS + streams.MOST,
            connection_limit=CONNECTIONS,
            # So that a stream's end is noticed although nothing more is to be read.
            channel_request_lookahead=1,
            ident=None,
            max_request_body_size=app.config["LONGEST_BODY"],
            # Nothing here believes a proxy's headers; /metrics must see that there are any.
            clear_untrusted_proxy_headers=False,
        )
    except (OSError, ValueError) as exc:  # waitress has a ValueError for a host that is none
        cause = exc.strerror if isinstance(exc, OSError) else "there is no such host"
        raise ServiceError(
            f"the web cannot listen on {host} port {port}: {cause}; choose another HOST or PORT"
        ) from exc
