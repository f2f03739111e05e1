"""What the tests of the fetcher share: one fetch in a line, and a resolver of the test's own."""

import asyncio
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.core.addresses import Allow
from pipeline.core.errors import FetchError
from pipeline.core.model import Response
from pipeline.fetch import Fetcher

FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title></channel></rss>"
HERE = Allow.parse("127.0.0.1")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def get(url: str, *, allow: Allow = HERE, asked: dict[str, Any] | None = None, **options: Any) -> Response:
    """One fetch, with a fetcher of its own."""
    return get_all([url], allow=allow, asked=asked, **options)[0]


def get_all(
    urls: list[str], *, allow: Allow = HERE, asked: dict[str, Any] | None = None, **options: Any
) -> list[Response]:
    """Fetches one after another with the same fetcher, so that connections are reused."""
    settings: dict[str, Any] = {
        "timeout_s": 5.0,
        "body_limit": 1_000_000,
        "document_limit": 3_000_000,
        "user_agent": "Tocsin/test",
        "concurrency": 10,
        "proxies": {},
        "now": lambda: NOW,
    } | options

    async def run() -> list[Response]:
        async with Fetcher(allow, **settings) as fetcher:
            return [await fetcher.get(url, **(asked or {})) for url in urls]

    return asyncio.run(run())


def refusal(url: str, **options: Any) -> FetchError:
    """The error that a fetch ends with."""
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value


class Names(AbstractResolver):
    """A resolver of the test's own: each look-up of a name takes its next answer."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): list(found) for name, found in addresses.items()}

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the interface's
    ) -> list[ResolveResult]:
        found = self.addresses[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [
            ResolveResult(hostname=host, host=part, port=port, family=socket.AF_INET, proto=0, flags=0)
            for part in address.split("+")
        ]

    async def close(self) -> None:
        """Nothing to let go of."""
