"""Visits: a page is asked for as a guest, hop by hop, and not where its site does not want us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pipeline.core import urls
from pipeline.core.errors import FetchError
from pipeline.core.model import Response
from pipeline.core.page import may_be_html
from pipeline.fetch import Fetcher, Want
from pipeline.flow.ground import Ground, InStore
from pipeline.flow.robots import Robots
from pipeline.store import blocks
from pipeline.store.blocks import Block

_HOPS = 10
_WANT = Want(hops=0, takes=may_be_html)
_MOVED = frozenset({301, 302, 303, 307, 308})
#: A file that asks for more is not obeyed further.
_LONGEST_DELAY_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of asking for a page: an answer, or why none was asked for."""

    answer: Response | None = None
    delay_s: float = 0.0  # that the host of the answer wants between two requests
    reason: str = ""  # blocked, robots or robots-unreachable
    cause: str = ""
    until: datetime | None = None  # of a block


class Visitor:
    """Asks for pages; ``in_store`` runs its calls where the store may be used."""

    def __init__(self, ground: Ground, fetcher: Fetcher, in_store: InStore) -> None:
        self._ground = ground
        self._fetcher = fetcher
        self._in_store = in_store
        self._robots = Robots(ground, fetcher, in_store)

    async def visit(self, url: str) -> Visit:
        """Ask for ``url``, and for where it leads, each only where blocks and robots.txt let us.

        Raises:
            FetchError: as the fetcher's; ``content-type`` where the answer is no page.

        """
        for _ in range(_HOPS + 1):
            block = await self._in_store(partial(self._block, url))
            if block is not None:
                return Visit(
                    reason="blocked", cause=f"{block.host} refuses us: {block.text}", until=block.until
                )
            delay_s = 0.0
            if self._ground.policy.robots:
                word = await self._robots.word(url)
                if not word.allowed:
                    return Visit(reason=word.reason, cause=_WHY[word.reason])
                delay_s = min(word.delay_s, _LONGEST_DELAY_S)
            answer = await self._fetcher.get(url, want=_WANT)
            target = _target(answer)
            if not target:
                return Visit(answer=answer, delay_s=delay_s)
            url = target
        raise FetchError("redirects", f"more than {_HOPS} redirects")

    def _block(self, url: str) -> Block | None:
        """What keeps us from the host now."""
        with self._ground.store.read() as tx:
            found = blocks.find(tx, urls.host(url))
        if found is None or found.until is None or found.until <= self._ground.clock():
            return None
        return found


_WHY = {
    "robots": "the site's robots.txt does not allow it",
    "robots-unreachable": "the site's robots.txt cannot be read",
}


def _target(answer: Response) -> str:
    """Where a redirect leads; "" where the answer is none."""
    location = answer.headers.get("location", "")
    if answer.status not in _MOVED or not location:
        return ""
    target = urls.absolute(location, answer.url)
    if not target:
        raise FetchError("redirects", "redirected to something that is no web address")
    return target
