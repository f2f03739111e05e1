"""Where a list of feeds comes from: a file, standard input, or an address."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import ServiceError, UsageError
from workers.cli.feeds.options import check_url

if TYPE_CHECKING:
    from config.settings import Settings
    from pipeline.core.model import Response

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A list as it came, and what to call it."""

    name: str
    data: bytes


def read(named: str, settings: Settings, *, most: int) -> Source:
    """The list at ``named``, no more than just over ``most`` bytes of it.

    Raises:
        UsageError: the file cannot be read, or nothing can be fetched at such an address.
        FetchError: the address cannot be fetched, or the guard does not let a request out to it.
        ServiceError: the server answered with an error, or its answer ended early.

    """
    if named == STDIN:
        if sys.stdin is None:
            raise UsageError("standard input is closed: nothing can be read from it")
        return Source("standard input", sys.stdin.buffer.read(most + 1))
    if named.lower().startswith(("http://", "https://")):
        url = check_url(named)
        return Source(url, _fetched(url, settings))
    path = Path(named)
    try:
        with path.open("rb") as file:
            return Source(path.name, file.read(most + 1))
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from exc


def _fetched(url: str, settings: Settings) -> bytes:
    from pipeline.core.poll import readable

    answer = asyncio.run(_fetch(url, settings))
    if not readable(answer):
        raise ServiceError(f"the server answered {answer.status}; nothing was imported")
    if not answer.complete:
        raise ServiceError("the server's answer was cut short; nothing was imported")
    return answer.body


async def _fetch(url: str, settings: Settings) -> Response:
    from workers.context import open_fetcher

    async with open_fetcher(settings) as fetcher:
        return await fetcher.get(url)
