"""One passing of the news day, from the first poll of the feeds to the account at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from pipeline.store import audit, status
from pipeline.store.engine import Store
from pipeline.store.status import Counts
from workers.demo import view as words
from workers.demo.clock import Clock
from workers.demo.ledger import Ledger
from workers.demo.site import Site
from workers.demo.view import View

START_S = 60.0  # for the processes to come up and poll each feed
SETTLE_S = 60.0  # for the last items to be stored, and their alerts to arrive
_ASK_EVERY_S = 0.1


class Day:
    """Publishes item after item, hears the bell, and gives an account when all is quiet again.

    It begins when ``up`` is set: the processes have been started.
    """

    def __init__(self, *, site: Site, ledger: Ledger, view: View, store: Store, speed: float) -> None:
        self.up = asyncio.Event()
        self._site = site
        self._ledger = ledger
        self._view = view
        self._store = store
        self._speed = speed
        self._clock = Clock(_now(), speed)

    def rang(self, body: Mapping[str, Any]) -> None:
        """Take an alert whose signature was good."""
        ring = self._ledger.received(body, _now())
        self._view.rang(self._clock.shows(ring.received_at), ring)

    async def pass_by(self) -> bool:
        """Let the day pass; whether all came as it should."""
        for item in self._site.edition.before:
            self._site.publish(item, _now() - timedelta(days=item.days_before))
        await self.up.wait()
        faults = []
        if not await _within(START_S, self._site.settled()):
            faults.append(f"the processes did not poll every feed within {START_S:.0f} s")
        else:
            await self._publish_all()
            if not await _within(SETTLE_S, self._quiet()):
                left = ", ".join(await asyncio.to_thread(self._left)) or "alerts to come"
                faults.append(f"{SETTLE_S:.0f} s after the day was over there were still {left}")
        return await asyncio.to_thread(self._account, faults)

    async def _publish_all(self) -> None:
        self._clock = Clock(_now(), self._speed)
        for item in self._site.edition.today:
            due_at = self._clock.at(item.minute)
            await _until(due_at)
            now = _now()
            self._site.publish(item, now)
            self._ledger.published(item, now)
            self._view.published(self._clock.shows(due_at), item)
        await _until(self._clock.dusk_at)

    async def _quiet(self) -> None:
        """Wait until all that was published is polled, all alerts have come, and nothing is left to do."""
        await self._site.settled()
        # Other processes do the work: their database can only be asked.
        while await asyncio.to_thread(self._left) or self._ledger.missing:  # noqa: ASYNC110
            await asyncio.sleep(_ASK_EVERY_S)

    def _left(self) -> list[str]:
        """What waits for something to be done, in words."""
        with self._store.read() as tx:
            counts = status.counts(tx)
        backlog = len(self._site.edition.before)  # its pages are fetched when there is nothing better to do
        waiting = {
            "items to ingest": counts.items.get("new", 0),
            "pages to fetch": max(0, counts.pages.get("due", 0) - backlog),
            "pages to read": counts.pages.get("fetched", 0),
            "deliveries to make": counts.deliveries.get("pending", 0),
        }
        return [f"{number} {what}" for what, number in waiting.items() if number]

    def _account(self, faults: list[str]) -> bool:
        """Say how the day went; whether it went well."""
        with self._store.read() as tx:
            counts, odd = status.counts(tx), audit.check(tx)
        ledger = self._ledger
        addresses = len({item.page_path for item in self._site.edition.items})
        if counts.articles != addresses:
            faults.append(f"{counts.articles} articles were stored, {addresses} were published")
        faults += [f"no alert: {words.name(key)}" for key in ledger.missing]
        faults += [f"an alert too many: {words.name(key)}" for key in ledger.surplus]
        faults += [f"{ledger.refused} requests to the bell were not rightly signed"] if ledger.refused else []
        faults += [f"{fault.table} {fault.id}: {fault.sentence}" for fault in odd]
        self._view.closing(ledger, self._facts(counts, sound=not odd), faults)
        return not faults

    def _facts(self, counts: Counts, *, sound: bool) -> dict[str, str]:
        site, ledger = self._site, self._ledger
        rings = [ring for rings in ledger.rings.values() for ring in rings]
        delays = sorted(ring.delay_s for ring in rings if ring.delay_s is not None)
        early, late = len(site.edition.before), len(site.edition.today)
        polls, unchanged = sum(site.polls.values()), site.polls.get(304, 0)
        due, backlog = len(ledger.expected), counts.backlog_alerts
        facts = {
            "published": f"{late} over the day, {early} before it",
            "feeds polled": f"{polls} times, {unchanged} of them unchanged (304)",
            "pages fetched": f"{site.pages_served}",
            "articles stored": f"{counts.articles}, in {counts.stories} stories",
            "alerts": f"{due} expected, {len(rings)} received; {backlog} more kept as backlog",
            "accounting": "every item, article and delivery adds up" if sound else "does not add up",
        }
        if delays:
            facts["published to told"] = f"median {median(delays):.1f} s, slowest {delays[-1]:.1f} s"
        return facts


async def _within(seconds: float, waiting: Awaitable[object]) -> bool:
    try:
        await asyncio.wait_for(waiting, seconds)
    except TimeoutError:
        return False
    return True


async def _until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - _now()).total_seconds()))


def _now() -> datetime:
    return datetime.now(UTC)
