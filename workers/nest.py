"""The canary's nest: its feed, served by the scheduler to itself over a loopback port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from pipeline.core.addresses import Allow
from pipeline.core.canary import document
from pipeline.core.model import Feed, Response
from pipeline.fetch import Fetcher

_LIMIT = 100_000  # bytes
_TIMEOUT_S = 10.0


class Nest:
    """Serves the feed and fetches it; an async context manager.

    The fetcher is one of its own, that may reach this machine and is asked for
    this address alone; what feeds of others may reach stays as it is.
    """

    def __init__(self, clock: Callable[[], datetime], user_agent: str) -> None:
        self._clock = clock
        self._fetcher = Fetcher(
            Allow.parse("127.0.0.1"),
            timeout_s=_TIMEOUT_S,
            body_limit=_LIMIT,
            document_limit=_LIMIT,
            user_agent=user_agent,
            concurrency=1,
            proxies={},
        )
        self._stack = AsyncExitStack()
        self._port = 0
        self._seq = 0

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        await self._stack.enter_async_context(server)
        await self._stack.enter_async_context(self._fetcher)
        self._port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def get(self, feed: Feed) -> Response:
        """The feed with the item of this poll.

        Raises:
            FetchError: this machine does not reach itself.

        """
        self._seq = feed.seq
        return await self._fetcher.get(f"http://127.0.0.1:{self._port}/feed.xml")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            body = document(self._seq, self._clock())
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked is gone
        finally:
            writer.close()
