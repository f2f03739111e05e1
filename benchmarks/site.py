"""The site: ready-made answers from memory, in a process of its own, so that it costs next to nothing.

``python -m benchmarks.site FEEDS EDITIONS`` prints its port when it is ready.
``/control/edition/N`` puts an edition up; ``/control/served`` tells how many
answers of each status were given.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import cast

import uvloop

from benchmarks.press import print_feed
from benchmarks.text import Writer

SEED = 20_261_123


@dataclass(frozen=True, slots=True)
class SiteProcess:
    """The site, seen from the process that measures."""

    base_url: str

    def feed_url(self, number: int) -> str:
        return f"{self.base_url}/{number}.xml"

    def put_up(self, edition: int) -> None:
        """Serve this edition of every feed from now on."""
        self._get(f"/control/edition/{edition}")

    def served(self) -> dict[str, int]:
        """Answers given so far, by status."""
        return dict(json.loads(self._get("/control/served")))

    def _get(self, path: str) -> bytes:
        connection = HTTPConnection(self.base_url.partition("//")[2], timeout=10)
        connection.request("GET", path)
        body = connection.getresponse().read()
        connection.close()
        return body


@contextmanager
def running(feeds: int, editions: int) -> Iterator[SiteProcess]:
    """A site with ``feeds`` feeds in ``editions`` editions, which ends with the block."""
    command = [sys.executable, "-m", "benchmarks.site", str(feeds), str(editions)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield SiteProcess(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.terminate()


class Press:
    """All documents as answers, ready to be written to a socket."""

    def __init__(self, feeds: int, editions: int) -> None:
        writer, now = Writer(SEED), datetime.now(UTC)
        self.edition = 0
        self.served = {"200": 0, "304": 0}
        self._answers: list[dict[bytes, tuple[bytes, bytes, bytes]]] = [{} for _ in range(editions)]
        for number in range(feeds):
            for edition, document in enumerate(print_feed(writer, number, editions, now)):
                full = (
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\n"
                    b"ETag: %b\r\nContent-Length: %d\r\n\r\n%b"
                    % (document.etag, len(document.compressed), document.compressed)
                )
                unchanged = b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % document.etag
                self._answers[edition][b"/%d.xml" % number] = (document.etag, full, unchanged)

    def answer(self, request: bytes) -> bytes:
        """The answer to one request, given whole."""
        path = request.split(b" ", 2)[1]
        found = self._answers[self.edition].get(path)
        if found is None:
            return self._control(path)
        etag, full, unchanged = found
        if etag in request:  # nowhere but in If-None-Match
            self.served["304"] += 1
            return unchanged
        self.served["200"] += 1
        return full

    def _control(self, path: bytes) -> bytes:
        if path.startswith(b"/control/edition/"):
            self.edition = int(path.rsplit(b"/", 1)[1])
        elif path != b"/control/served":
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        body = json.dumps(self.served).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            len(body),
            body,
        )


class Connection(asyncio.Protocol):
    """One client's connection; requests have no bodies."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._waiting = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are not derived from it

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        *requests, self._waiting = (self._waiting + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._press.answer(request))


async def _serve(feeds: int, editions: int) -> None:
    press = Press(feeds, editions)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(press), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
