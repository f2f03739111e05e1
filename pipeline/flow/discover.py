"""Discover the feeds of a site: what its page links to is looked at, and else the usual addresses are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from pipeline.core.discover import Candidate, How, candidates, usual
from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.model import Response
from pipeline.core.poll import readable
from pipeline.fetch import Fetcher
from pipeline.flow.look import Look, Read

#: Requests under way at a time: most go to one host, which is not to be crowded.
SIDE_BY_SIDE = 3
#: Links of one page that are followed.
MOST = 25
#: Seconds that links, and then the usual addresses, have to answer.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A candidate that is a feed."""

    candidate: Candidate
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found at an address; ``failed`` has the candidates that are no feeds, with the reason."""

    status: int  # of the page's own answer
    feeds: tuple[Found, ...]
    failed: tuple[tuple[Candidate, str], ...]
    left: int  # links that were not followed, since the page has so many


async def discover(fetcher: Fetcher, url: str, read: Read, *, patience_s: float = PATIENCE_S) -> Discovery:
    """The feeds at ``url``: itself, else those that it links to, else those at the usual addresses.

    Of the usual addresses the first that answers with a feed is taken.

    Raises FetchError: the page cannot be fetched.
    """
    page = await fetcher.get(url)
    itself = Candidate(url=url, how=How.ITSELF)
    tried = [(itself, _read(page, read))]
    left = 0
    if isinstance(tried[0][1], str):
        linked = candidates(
            page.body,
            url=page.url,
            content_type=page.headers.get("content-type", ""),
            link_header=page.headers.get("link", ""),
        )
        tried = await _all(fetcher, linked[:MOST], read, patience_s)
        left = len(linked[MOST:])
    if all(isinstance(seen, str) for _, seen in tried):
        tried += await _first(fetcher, usual(page.url), read, patience_s)
    return Discovery(
        status=page.status,
        feeds=_distinct(tried),
        failed=tuple((one, seen) for one, seen in tried if isinstance(seen, str)),
        left=left,
    )


async def _all(
    fetcher: Fetcher, wanted: Sequence[Candidate], read: Read, patience_s: float
) -> list[tuple[Candidate, Look | str]]:
    places = asyncio.Semaphore(SIDE_BY_SIDE)
    seen: dict[str, Look | str] = {}

    async def tried(one: Candidate) -> None:
        async with places:
            seen[one.url] = await _try(fetcher, one, read)

    with suppress(TimeoutError):  # what has answered until then is told
        async with asyncio.timeout(patience_s):
            await asyncio.gather(*map(tried, wanted))
    return [(one, seen.get(one.url, f"no answer within {patience_s:g} s")) for one in wanted]


async def _first(
    fetcher: Fetcher, wanted: Sequence[Candidate], read: Read, patience_s: float
) -> list[tuple[Candidate, Look | str]]:
    """The first that is a feed, alone, or nothing: that a guess is wrong is not worth telling."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            for one in wanted:
                seen = await _try(fetcher, one, read)
                if isinstance(seen, Look):
                    return [(one, seen)]
    return []


async def _try(fetcher: Fetcher, one: Candidate, read: Read) -> Look | str:
    """The feed at a candidate's address, or why it is none."""
    try:
        answer = await fetcher.get(one.url)
    except FetchError as exc:
        return exc.message
    return _read(answer, read)


def _read(answer: Response, read: Read) -> Look | str:
    if not readable(answer):
        return f"the server answered {answer.status}"
    try:
        return read(answer)
    except DocumentError as exc:
        return exc.message


def _distinct(tried: Sequence[tuple[Candidate, Look | str]]) -> tuple[Found, ...]:
    """The feeds among them; of several addresses that lead to the same one, the first."""
    found: dict[str, Found] = {}
    for one, seen in tried:
        if isinstance(seen, Look):
            found.setdefault(seen.answer.url, Found(candidate=one, look=seen))
    return tuple(found.values())
