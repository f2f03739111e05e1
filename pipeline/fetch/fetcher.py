"""One document by URL: redirects followed, limits kept, what went wrong told in a word."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from pipeline.core.addresses import Allow
from pipeline.core.errors import FetchError
from pipeline.core.model import Response
from pipeline.fetch.decode import Decoder
from pipeline.outbound.session import Outbound, web_url

_REDIRECTS = 10
_MOVED = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_REPEATED = frozenset({307, 308})  # a form is sent again to where these lead
# What a request carries to another host: questions about the document, never who asks.
_PUBLIC = frozenset({"if-none-match", "if-modified-since", "accept", "accept-language"})
_ACCEPTED = {"Accept-Encoding": "gzip, deflate, br"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What a request wants otherwise than a feed's poll, which wants the whole document, wherever it is."""

    hops: int | None = None  # redirects that are followed; one more is the answer, and None makes it an error
    first_bytes: int | None = None  # of the body; the rest is not read
    takes: Callable[[str], bool] = lambda _: True  # content types whose bodies are read


_ALL = Want()


class Fetcher:
    """Fetches feeds and pages; an async context manager.

    ``timeout_s`` is for a whole fetch, redirects and body included; waiting for
    one of the ``concurrency`` places is not counted.  ``body_limit`` bounds the
    bytes on the wire, ``document_limit`` those after decompression.
    """

    def __init__(
        self,
        allow: Allow,
        *,
        timeout_s: float,
        body_limit: int,
        document_limit: int,
        user_agent: str,
        concurrency: int,
        resolver: AbstractResolver | None = None,
        proxies: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._timeout_s = timeout_s
        self._body_limit = body_limit
        self._document_limit = document_limit
        self._now = now
        self._places = asyncio.Semaphore(concurrency)
        self._outbound = Outbound(
            allow, user_agent=user_agent, concurrency=concurrency, resolver=resolver, proxies=proxies
        )

    async def __aenter__(self) -> Self:
        await self._outbound.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._outbound.__aexit__(kind, error, trace)

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        want: Want = _ALL,
    ) -> Response:
        """The answer to a GET, whatever its status; the body is read for 2xx only.

        ``headers`` and ``auth`` (user, password) do not follow a redirect to
        another host.  Raises FetchError, with reason ``content-type`` for a body
        that is not wanted, or RefusedError where the guard stands in the way.
        """
        async with self._places:
            started = time.perf_counter()
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._follow(web_url(url), dict(headers or {}), auth, want, started)
            except TimeoutError as e:
                raise FetchError("timeout", f"no complete answer within {self._timeout_s:g} s") from e

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        """The status of the answer to a form; 307 and 308 are followed, no body is read.

        Raises FetchError, or RefusedError where the guard stands in the way.
        """
        async with self._places:
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._send(web_url(url), urlencode(form).encode())
            except TimeoutError as e:
                raise FetchError("timeout", f"no answer within {self._timeout_s:g} s") from e

    async def _send(self, url: URL, data: bytes) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for _ in range(_REDIRECTS + 1):
            async with self._outbound.request("POST", url, headers=headers, data=data) as answer:
                location = answer.headers.get("Location") if answer.status in _REPEATED else None
                if not location:
                    return answer.status
            url = _joined(url, location)
        raise FetchError("redirects", f"more than {_REDIRECTS} redirects")

    async def _follow(
        self,
        url: URL,
        headers: dict[str, str],
        auth: tuple[str, str] | None,
        want: Want,
        started: float,
    ) -> Response:
        moved = True  # as long as every redirect is a permanent one
        for hop in range(_REDIRECTS + 1):
            url, sent = _addressed(url, headers, auth)
            async with self._outbound.request("GET", url, headers=sent) as answer:
                location = answer.headers.get("Location") if answer.status in _MOVED else None
                if not location or hop == want.hops:
                    found = await self._read(answer, url, want, started)
                    return replace(found, moved=str(url)) if hop and moved else found
                status = answer.status
            target = _joined(url, location)
            moved = moved and status in _FOR_GOOD and not (url.scheme == "https" and target.scheme == "http")
            if not _same_party(url, target):
                headers = {name: value for name, value in headers.items() if name.lower() in _PUBLIC}
                auth = None
            url = target
        raise FetchError("redirects", f"more than {_REDIRECTS} redirects")

    async def _read(self, answer: aiohttp.ClientResponse, url: URL, want: Want, started: float) -> Response:
        body, complete = b"", True
        if 200 <= answer.status < 300:
            kind = _clean(answer.headers.get("Content-Type", ""))
            if not want.takes(kind):
                raise FetchError("content-type", f"the answer is of another kind: {kind[:80]}")
            body, complete = await self._body(answer, want.first_bytes)
        return Response(
            status=answer.status,
            url=str(url),
            headers=_headers(answer),
            body=body,
            complete=complete,
            fetched_at=self._now(),
            elapsed_s=time.perf_counter() - started,
        )

    async def _body(self, answer: aiohttp.ClientResponse, first_bytes: int | None) -> tuple[bytes, bool]:
        if first_bytes is None:
            self._within_limit(answer.content_length or 0)
        decoder = Decoder(answer.headers.get("Content-Encoding", ""), self._document_limit)
        read = 0
        cut = False
        try:
            async for chunk in answer.content.iter_any():
                read += len(chunk)
                self._within_limit(read)
                decoder.feed(chunk)
                if first_bytes is not None and read >= first_bytes:
                    return decoder.finish()[0][:first_bytes], False
        except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, ConnectionError):
            if not read:
                raise
            cut = True  # what came may hold whole items
        body, whole = decoder.finish()
        return body, whole and not cut

    def _within_limit(self, size: int) -> None:
        if size > self._body_limit:
            raise FetchError("too-large", f"the answer is larger than {self._body_limit} bytes")


def _addressed(
    url: URL, headers: Mapping[str, str], auth: tuple[str, str] | None
) -> tuple[URL, dict[str, str]]:
    """The URL without the credentials that stand in it, and the headers to send."""
    if url.user is not None or url.password is not None:
        auth = auth or (url.user or "", url.password or "")
        url = url.with_user(None)
    sent = {**_ACCEPTED, **headers}
    if auth is not None:
        sent["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
    return url, sent


def _joined(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location))
    except ValueError as e:
        raise FetchError("redirects", "redirected to something that is no URL") from e
    return web_url(str(target))


def _same_party(url: URL, target: URL) -> bool:
    """Whether ``target`` may learn what ``url`` was told: the same origin, or its move from http to https."""
    ways = (url.scheme, url.port), (target.scheme, target.port)
    return url.host == target.host and (ways[0] == ways[1] or ways == (("http", 80), ("https", 443)))


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """By name in lower case; of several of one name the last counts, but for links, which are a list."""
    found = {name.lower(): _clean(value) for name, value in answer.headers.items()}
    if "link" in found:
        found["link"] = ", ".join(map(_clean, answer.headers.getall("Link")))
    return found


def _clean(value: str) -> str:
    """A header's value as text that any database takes."""
    if value.isascii() and value.isprintable():
        return value
    text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text)
