r"""A real HTTP server on this machine, in threads, that plays what a test scripts.

It serves feeds and pages, and receives webhooks::

    with Site() as site:
        site.answer("/feed", Reply(body=xml, headers={"ETag": '"1"'}))
        site.answer("/slow", Reply(body=xml, drip_s=0.1))        # one byte each 0.1 s
        site.answer("/dead", Reply(hang=True))                   # accepts, never answers
        site.answer("/cut", Reply(body=xml, cut=100))            # closes after 100 bytes of the body
        site.answer("/raw", Reply(raw=b"SSH-2.0-x\r\n"))         # not HTTP at all
        site.answer("/flaky", Reply(503), Reply(200))            # one after another; the last one stays
        site.answer("/hook", lambda request: Reply(204))         # decided for each request
        site.answer("/news", conditional(xml))                   # ETag and 304, as good servers do
        site.answer("/new", redirect("/feed"))
        ... site.url("/feed") ...                                # http://127.0.0.1:PORT/feed
        hooks = site.wait_for(3, "/hook")                        # the first 3 requests, or a failure after 10 s
        assert hooks[0].headers["webhook-id"] == ...             # header names in lower case

Unknown paths answer 404.  Every request is recorded in ``site.requests`` (and
``site.seen(path)``), in the order of arrival.  Connections are kept alive;
``site.connections`` counts them.  ``Site(port=…)`` takes a port again after
another site on it was closed, ``site.answers`` may be changed at any time.
Leaving the context ends every hanging and dripping answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    method: str
    path: str  # with the query
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the site answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_s: float = 0.0  # seconds between the bytes of the body
    delay_s: float = 0.0  # seconds before the first byte
    hang: bool = False  # no answer until the site is closed
    cut: int | None = None  # bytes of the body after which the connection is closed
    raw: bytes | None = None  # sent instead of an HTTP answer


Script = Reply | Callable[[Request], Reply]


class Site:
    """The server; a context manager."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.requests: list[Request] = []
        self.answers: dict[str, list[Script]] = {}
        self.connections = 0
        self._arrived = threading.Condition()
        self.closing = threading.Event()
        self._server = _Server((host, port), _Handler)
        self._server.site = self
        self.host, self.port = host, self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/", *, host: str | None = None, scheme: str = "http", user: str = "") -> str:
        """The address of ``path``; ``host`` may be another name of this machine, ``user`` is ``name:password``."""
        return f"{scheme}://{user}{'@' if user else ''}{host or self.host}:{self.port}{path}"

    def answer(self, path: str, *scripts: Script) -> str:
        """Play ``scripts`` for ``path`` (without its query), one after another; give back its address."""
        self.answers[path] = list(scripts)
        return self.url(path)

    def seen(self, path: str) -> list[Request]:
        """The requests for ``path``, whatever their query."""
        return [request for request in list(self.requests) if request.path.partition("?")[0] == path]

    def wait_for(self, count: int, path: str, *, timeout_s: float = 10.0) -> list[Request]:
        """The requests for ``path`` once there are ``count``; AssertionError if they don't come in time."""
        with self._arrived:
            there = self._arrived.wait_for(lambda: len(self.seen(path)) >= count, timeout_s)
        assert there, f"{len(self.seen(path))} of {count} requests for {path} after {timeout_s} s"
        return self.seen(path)

    def take(self, request: Request) -> Reply:
        """Record ``request`` and choose its answer."""
        with self._arrived:
            self.requests.append(request)
            scripts = self.answers.get(request.path.partition("?")[0], [Reply(404)])
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
            self._arrived.notify_all()
        return script(request) if callable(script) else script


def conditional(body: bytes, content_type: str = "application/rss+xml") -> Callable[[Request], Reply]:
    """``body`` with an ETag; 304 to who has it already."""
    etag = f'"{sha256(body).hexdigest()[:16]}"'

    def reply(request: Request) -> Reply:
        if request.headers.get("if-none-match") == etag:
            return Reply(304, headers={"ETag": etag})
        return Reply(body=body, headers={"ETag": etag, "Content-Type": content_type})

    return reply


def redirect(to: str, status: int = 302) -> Reply:
    """An answer that leads to ``to``."""
    return Reply(status, headers={"Location": to})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.site.connections += 1

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        site = self.server.site
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = site.take(Request(self.command, self.path, headers, self.rfile.read(length)))
        if reply.delay_s:
            site.closing.wait(reply.delay_s)
        if reply.hang:
            site.closing.wait()
            self.close_connection = True
        elif reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
        else:
            self._send(reply)

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815 - the names http.server looks for

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        bodiless = reply.status in {204, 304}
        names = {name.lower() for name in reply.headers}
        if not bodiless and not names & {"content-length", "transfer-encoding"}:
            self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        if reply.drip_s:
            self._drip(body, reply.drip_s)
        elif body and not bodiless and self.command != "HEAD":
            self.wfile.write(body)
        if reply.cut is not None:
            self.close_connection = True

    def _drip(self, body: bytes, gap_s: float) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.server.site.closing.wait(gap_s):
                return
