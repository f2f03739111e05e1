"""One HTTP session behind the guard, and the network's faults as our own errors."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from types import TracebackType
from typing import Self

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver
from yarl import URL

from pipeline.core.addresses import Allow
from pipeline.core.errors import FetchError, RefusedError
from pipeline.outbound.guard import Guard
from pipeline.outbound.resolver import Resolver

_HEADER_BYTES = 32 * 1024  # one header line: real sites send long security policies
_HEADERS = 256
_LOOKUPS = 32  # names looked up at once


class Outbound:
    """Guarded requests, one hop each: redirects are not followed, cookies not kept, bodies not unpacked.

    An async context manager; ``concurrency`` bounds the open connections.
    ``resolver`` takes the place of the system's; ``proxies`` that of the
    environment's.
    """

    def __init__(
        self,
        allow: Allow,
        *,
        user_agent: str,
        concurrency: int = 100,
        resolver: AbstractResolver | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self._guard = Guard(allow, proxies)
        self._user_agent = user_agent
        self._concurrency = concurrency
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=self._concurrency,
            resolver=self._resolver or Resolver(min(self._concurrency, _LOOKUPS)),
            ttl_dns_cache=60,
            socket_factory=self._guard.open_socket,
            ssl=_tls(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._user_agent},
            timeout=aiohttp.ClientTimeout(total=None),  # deadlines are the caller's
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
            max_headers=_HEADERS,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def request(
        self, method: str, url: URL, *, headers: Mapping[str, str], data: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to one request, its body still to be read.

        Raises FetchError for whatever the network does, also while the body is
        read inside; RefusedError when the guard stands in the way.
        """
        assert self._session is not None, "enter the context first"
        with self._guard.hop(url) as hop:
            try:
                answer = await self._session.request(
                    method, url, headers=headers, data=data, allow_redirects=False, proxy=hop.proxy
                )
            except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as e:
                # ValueError: a header with a line break; RuntimeError: uvloop, of a socket that went away.
                raise hop.refusal() or fault(e, hop.host) from e
            try:
                async with answer:
                    yield answer
            except (aiohttp.ClientError, OSError) as e:
                raise fault(e, hop.host) from e


def web_url(text: str) -> URL:
    """``text`` as an http(s) URL with a host; FetchError if it is none, RefusedError for other schemes."""
    try:
        url = URL(text)
        host = url.host
    except ValueError as e:
        raise FetchError("protocol", f"not a usable URL: {e}") from e
    if url.scheme not in {"http", "https"}:
        raise RefusedError(f"only http and https URLs are opened, not {url.scheme[:20] or 'a relative one'}")
    if not host:
        raise FetchError("protocol", "the URL has no host")
    return url


def fault(error: Exception, host: str) -> FetchError:  # noqa: PLR0911 - a table
    """The network's fault in our words; never with a URL in it, which may hold secrets."""
    match error:
        case asyncio.TimeoutError():
            return FetchError("timeout", f"{host} took too long to answer")
        case aiohttp.InvalidURL():
            return FetchError("protocol", f"{host} is not a usable host")
        case aiohttp.ClientConnectorDNSError() | UnicodeError():  # of a label that is empty or too long
            return FetchError("dns", f"the name {host} cannot be resolved")
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() | ssl.SSLError():
            return FetchError("tls", f"no trusted TLS connection to {host}: {_detail(error)}")
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return FetchError("connect", f"the proxy does not connect to {host}")
        case aiohttp.ClientConnectionError() | OSError():
            return FetchError("connect", f"no connection to {host}: {_detail(error)}")
        case aiohttp.ClientPayloadError():
            return FetchError("protocol", f"{host} ended its answer early")
        case _:
            return FetchError("protocol", f"{host} does not speak HTTP as it should")


def _detail(error: Exception) -> str:
    cause = getattr(error, "os_error", None) or error
    text = getattr(cause, "strerror", None) or type(cause).__name__
    return " ".join(str(text).split())[:120]


@cache
def _tls() -> ssl.SSLContext:
    """One for the process: reading the trusted roots takes some 20 ms."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())  # a bare container has no roots of its own
    return context
