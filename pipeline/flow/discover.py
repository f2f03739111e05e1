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


@dataclass(frozen=True, slots=True)
class _No:
    """Why an address is no feed, and what the page that is there instead links to."""

    reason: str
    links: tuple[Candidate, ...] = ()


Tried = dict[Candidate, Look | _No]


async def discover(fetcher: Fetcher, url: str, read: Read, *, patience_s: float = PATIENCE_S) -> Discovery:
    """The feeds at ``url``: itself, else those that it links to, else those at the usual addresses.

    Where a page links to no feed, but to pages that may be about feeds, what those
    link to is looked at.  Of the usual addresses the first that is a feed is taken.

    Raises FetchError: the page cannot be fetched.
    """
    page = await fetcher.get(url)
    itself = _read(page, read)
    tried: Tried = {Candidate(url=url, how=How.ITSELF): itself}
    left = 0
    if isinstance(itself, _No):
        tried = await _all(fetcher, itself.links[:MOST], read, patience_s)
        left = len(itself.links[MOST:])
    if not _any(tried):
        further = _further(tried)
        tried |= await _all(fetcher, further[:MOST], read, patience_s)
        left += len(further[MOST:])
    if not _any(tried):
        tried |= await _first(fetcher, usual(page.url), read, patience_s)
    return Discovery(
        status=page.status,
        feeds=_distinct(tried),
        failed=tuple((one, seen.reason) for one, seen in tried.items() if isinstance(seen, _No)),
        left=left,
    )


def _any(tried: Tried) -> bool:
    return any(isinstance(seen, Look) for seen in tried.values())


def _further(tried: Tried) -> list[Candidate]:
    """What the pages that readers' links led to link to in their turn, and was not tried."""
    asked = {one.url for one in tried}
    pages = [seen for one, seen in tried.items() if one.how is How.ANCHOR and isinstance(seen, _No)]
    found = {one.url: one for page in pages for one in page.links if one.url not in asked}
    return list(found.values())


async def _all(fetcher: Fetcher, wanted: Sequence[Candidate], read: Read, patience_s: float) -> Tried:
    places = asyncio.Semaphore(SIDE_BY_SIDE)
    seen: Tried = {}

    async def tried(one: Candidate) -> None:
        async with places:
            seen[one] = await _try(fetcher, one, read)

    with suppress(TimeoutError):  # what has answered until then is told
        async with asyncio.timeout(patience_s):
            await asyncio.gather(*map(tried, wanted))
    late = _No(f"no answer within {patience_s:g} s")
    return {one: seen.get(one, late) for one in wanted}


async def _first(fetcher: Fetcher, wanted: Sequence[Candidate], read: Read, patience_s: float) -> Tried:
    """The first that is a feed, alone, or nothing: that a guess is wrong is not worth telling."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            for one in wanted:
                seen = await _try(fetcher, one, read)
                if isinstance(seen, Look):
                    return {one: seen}
    return {}


async def _try(fetcher: Fetcher, one: Candidate, read: Read) -> Look | _No:
    try:
        answer = await fetcher.get(one.url)
    except FetchError as exc:
        return _No(exc.message)
    return _read(answer, read)


def _read(answer: Response, read: Read) -> Look | _No:
    if not readable(answer):
        return _No(f"the server answered {answer.status}")
    try:
        return read(answer)
    except DocumentError as exc:
        links = candidates(
            answer.body,
            url=answer.url,
            content_type=answer.headers.get("content-type", ""),
            link_header=answer.headers.get("link", ""),
        )
        return _No(exc.message, links)


def _distinct(tried: Tried) -> tuple[Found, ...]:
    """The feeds among them; of several addresses that lead to the same one, the first."""
    found: dict[str, Found] = {}
    for one, seen in tried.items():
        if isinstance(seen, Look):
            found.setdefault(seen.answer.url, Found(candidate=one, look=seen))
    return tuple(found.values())
