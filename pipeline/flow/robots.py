"""What robots.txt says of an address: asked for once a day for each origin, and kept in the database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from pipeline.core import retry
from pipeline.core.errors import FetchError
from pipeline.core.model import Response
from pipeline.core.robots import MOST_BYTES, Rules, read
from pipeline.fetch import Fetcher, Want
from pipeline.flow.ground import Ground, InStore, log
from pipeline.store import robots
from pipeline.store.robots import RobotsRow

#: The product token that files name us by.
ROBOT = "Tocsin"
_KEPT = timedelta(days=1)
_WANT = Want(hops=5, first_bytes=MOST_BYTES)
# An origin that does not answer is asked again after a quarter of an hour, and ever later up to a day.
_AGAIN_BASE_S, _AGAIN_FACTOR, _AGAIN_CAP_S = 900.0, 2.0, 86_400.0
_SHORT_CHARS = 16_384  # of a file; rules take fifteen times as much
#: Rules that were read hold on for so long while the file cannot be reached.
_STALE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Word:
    """What an origin says of one address."""

    allowed: bool
    reason: str = ""  # robots, or robots-unreachable
    delay_s: float = 0.0  # that it asks for between two requests


class Robots:
    """Asks and remembers; ``in_store`` runs its calls where the store may be used."""

    def __init__(self, ground: Ground, fetcher: Fetcher, in_store: InStore) -> None:
        self._ground = ground
        self._fetcher = fetcher
        self._in_store = in_store
        self._asking: dict[str, asyncio.Task[RobotsRow]] = {}

    async def word(self, url: str) -> Word:
        """Whether ``url`` may be asked for."""
        parts = urlsplit(url)
        row = await self._row(f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}")
        if row.state == "unreachable" and not self._holds_on(row):
            return Word(allowed=False, reason="robots-unreachable")
        rules = _rules(row.lines)
        allowed = rules.allows(url)
        return Word(allowed=allowed, reason="" if allowed else "robots", delay_s=rules.delay_s)

    async def _row(self, origin: str) -> RobotsRow:
        """What is kept of an origin, or what it says now; however many ask, it is asked once."""
        row = await self._in_store(lambda: self._kept(origin))
        if row is not None and row.expires_at > self._ground.clock():
            return row
        task = self._asking.get(origin)
        if task is None:
            task = self._asking[origin] = asyncio.create_task(self._ask(origin, row))
            task.add_done_callback(lambda _: self._asking.pop(origin, None))
        return await asyncio.shield(task)

    def _kept(self, origin: str) -> RobotsRow | None:
        with self._ground.store.read() as tx:
            return robots.find(tx, origin)

    async def _ask(self, origin: str, before: RobotsRow | None) -> RobotsRow:
        try:
            answer: Response | None = await self._fetcher.get(f"{origin}/robots.txt", want=_WANT)
        except FetchError as exc:
            log.debug("robots.unreachable", origin=origin, cause=str(exc))
            answer = None
        row = self._heard(origin, answer, before)
        await self._in_store(lambda: self._ground.store.write(lambda tx: robots.keep(tx, row)))
        return row

    def _heard(self, origin: str, answer: Response | None, before: RobotsRow | None) -> RobotsRow:
        """RFC 9309, 2.3.1: what is not there allows all, what cannot be reached allows nothing."""
        now = self._ground.clock()
        if answer is None or answer.status >= 500 or answer.status == 429:
            failures = before.failures if before else 0
            wait_s = retry.backoff(
                failures,
                base_s=_AGAIN_BASE_S,
                factor=_AGAIN_FACTOR,
                cap_s=_AGAIN_CAP_S,
                jitter=self._ground.chance(),
            )
            return RobotsRow(
                origin=origin,
                state="unreachable",
                lines=before.lines if before else "",
                fetched_at=before.fetched_at if before else now - _STALE,
                expires_at=now + timedelta(seconds=wait_s),
                failures=failures + 1,
            )
        there = 200 <= answer.status < 300
        lines = _lines(answer.body) if there else ""
        return RobotsRow(
            origin=origin,
            state="read" if there else "none",
            lines=lines,
            fetched_at=now,
            expires_at=now + _KEPT,
            failures=0,
        )

    def _holds_on(self, row: RobotsRow) -> bool:
        return row.fetched_at > self._ground.clock() - _STALE


def _lines(body: bytes) -> str:
    rules = read(body[:MOST_BYTES].decode("utf-8", "replace"), ROBOT)
    return "\n".join(rules.lines)


def _rules(lines: str) -> Rules:
    """The rules that the lines make; long ones are read each time, as they would fill the memory."""
    return _remembered(lines) if len(lines) <= _SHORT_CHARS else _read(lines)


def _read(lines: str) -> Rules:
    return read(f"user-agent: *\n{lines}", ROBOT)


_remembered = lru_cache(maxsize=256)(_read)
