"""Feeds that move: an address is given up for another when permanent redirects have said so three times."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from pipeline.core import urls
from pipeline.core.model import Feed, Response

#: So many good answers in a row must come by permanent redirects (301, 308) from the same address.
TIMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where a feed's permanent redirects lead, and how often in a row they did."""

    to: str  # "" when the feed answers where it is
    times: int

    @property
    def settled(self) -> bool:
        """Whether the feed has moved."""
        return self.times >= TIMES


def follow(feed: Feed, response: Response) -> Move | None:
    """What an answer says of the feed's address; None when it says nothing new, as a failure does."""
    good = 200 <= response.status < 300 or response.status == HTTPStatus.NOT_MODIFIED
    if not good or not (response.moved or feed.moved_to):
        return None
    if not response.moved:
        return Move(to="", times=0)
    return Move(to=response.moved, times=feed.moved_times + 1 if response.moved == feed.moved_to else 1)


def hindrance(feed: Feed, to: str) -> str:
    """Why a feed's address is not changed by itself; "" when nothing stands against it."""
    if (feed.auth or feed.headers) and urls.host(to) != feed.host:
        return "it has credentials or headers that would go to another host"
    return ""
