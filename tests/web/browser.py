"""What every test of the web app needs: the app, a way to log in, and a scheduler that beats."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from waitress import wasyncore
from werkzeug.test import TestResponse

from config.settings import Settings
from pipeline.store import processes
from pipeline.store.engine import Store
from pipeline.store.processes import Process
from tests.seed import NOW
from workers.context import Context, now
from workers.web.app import create_app
from workers.web.serve import listen

PASSWORD = "correct horse"
EVIL = '<img src=x onerror="alert(1)">'
SAME = {"Sec-Fetch-Site": "same-origin"}


def context(settings: Settings, store: Store) -> Context:
    """That of a web process."""
    process = Process(id="web-1", kind="web", pid=1, host="h", started_at=NOW)
    return Context(settings=settings, store=store, process=process)


def csrf(page: TestResponse) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def log_in(client: FlaskClient, password: str = PASSWORD, target: str = "/") -> TestResponse:
    """Fill in the login form and send it."""
    token = csrf(client.get("/login"))
    return client.post("/login", data={"csrf": token, "password": password, "next": target})


def beat(store: Store, *, age_s: float = 0.0) -> None:
    """Let a scheduler have given a sign of life so many seconds ago."""
    at = now() - timedelta(seconds=age_s)
    store.write(
        lambda tx: processes.beat(tx, Process(id="s", kind="scheduler", pid=1, host="h", started_at=at), at)
    )


@contextmanager
def served(settings: Settings, store: Store) -> Iterator[tuple[Any, int]]:
    """The app and the port it is served on, as the web process serves it."""
    app = create_app(context(settings, store))
    server = listen(app, "127.0.0.1", 0)

    def run() -> None:
        try:
            server.run()
        except OSError:
            return  # closed under it

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield app, server.effective_port
    finally:
        app.extensions["streams"].close()
        server.task_dispatcher.shutdown()
        wasyncore.close_all(server._map, ignore_all=True)
        thread.join(10)
