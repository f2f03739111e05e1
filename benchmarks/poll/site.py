"""A site of any number of feeds with one small document, which never changes; its address is all of 127/8.

``python -m benchmarks.poll.site`` prints its port when it is ready.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

ETAG = '"the same as ever"'
_ITEMS = "".join(
    f"<item><title>Report {n}</title><guid>{n}</guid><link>https://wire.example/{n}</link></item>"
    for n in range(30)
)
_BODY = f"<rss version='2.0'><channel><title>Wire</title>{_ITEMS}</channel></rss>".encode()
# What a server behind a cache says of itself, so that headers cost what they do.
_HEADERS = (
    f"Server: nginx\r\nDate: Fri, 27 Nov 2026 18:00:00 GMT\r\nETag: {ETAG}\r\nVary: Accept-Encoding\r\n"
    "Last-Modified: Fri, 27 Nov 2026 17:00:00 GMT\r\nCache-Control: max-age=60\r\nX-Cache: HIT\r\n"
)
_FULL = (
    f"HTTP/1.1 200 OK\r\n{_HEADERS}Content-Type: application/rss+xml\r\nContent-Length: {len(_BODY)}\r\n\r\n"
).encode() + _BODY
_UNCHANGED = f"HTTP/1.1 304 Not Modified\r\n{_HEADERS}\r\n".encode()


@contextmanager
def running() -> Iterator[int]:
    """The port of a site that ends with the block."""
    command = [sys.executable, "-m", "benchmarks.poll.site"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def url(port: int, number: int, hosts: int) -> str:
    """The address of a feed, on one of so many hosts."""
    host = number % hosts
    return f"http://127.{host // 62_500 + 1}.{host // 250 % 250}.{host % 250 + 1}:{port}/{number}.xml"


class _Connection(asyncio.Protocol):
    """One client's connection; requests have no bodies."""

    def __init__(self) -> None:
        self._waiting = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are not derived from it

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        *requests, self._waiting = (self._waiting + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(_UNCHANGED if ETAG.encode() in request else _FULL)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
