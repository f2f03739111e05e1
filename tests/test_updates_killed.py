"""Fifty copies and three corrections are one alert and three updates, whatever process is killed when."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from pipeline.core.model import FullText
from pipeline.store import audit, channels, feeds, subscriptions
from pipeline.store.tables import articles, deliveries
from pipeline.store.tables import subscriptions as subscriptions_table
from tests.house import House, wait_for
from tests.newswire import item, rss
from tests.sites import Reply, Request, Site
from tests.test_updates import TEXT

OUTLETS = 50
#: What is printed, and how many outlets print it: a correction is taken over by some of them.
EDITIONS = (
    ("Invasion: 12 ships stopped", TEXT, OUTLETS),
    ("Invasion: 15 ships stopped", TEXT, 9),
    ("CORRECTED: Invasion: 15 ships stopped", TEXT, 6),
    ("Invasion: 15 ships stopped", f"{TEXT} This report has been withdrawn.", 3),
)
HOPS = ("scheduler", "ingest", "deliver")


class Press:
    """Fifty feeds with one item each, whose words change from edition to edition."""

    def __init__(self, house: House, site: Site) -> None:
        self.house, self.site = house, site
        self.edition = 0
        self._served = threading.Event()
        self.start = datetime.now(UTC)
        site.answer("/hook", Reply(204))
        with house.store.begin() as tx:
            desk = channels.add(
                tx, name="desk", url=site.url("/hook"), secret="whsec_" + "A" * 32, now=self.start
            )
            subscriptions.add(tx, name="invasion", query="invasion", channel_ids=[desk], now=self.start)
            tx.execute(update(subscriptions_table).values(policy={"updates": True}))
            for number in range(OUTLETS):
                site.answer(f"/{number}.xml", self._feed)
                feeds.add(
                    tx,
                    url=site.url(f"/{number}.xml"),
                    interval_s=1,
                    every_s=1,
                    full_text=FullText.NEVER,
                    now=self.start,
                )

    def _feed(self, request: Request) -> Reply:
        number = int(request.path[1:].partition(".")[0])
        title, text, _ = edition = self._printed(number)
        if edition == EDITIONS[self.edition]:
            self._served.set()
        return Reply(body=rss(item(number, title, text, at=self.start), title=f"Outlet {number}"))

    def _printed(self, number: int) -> tuple[str, str, int]:
        """What an outlet's feed says now."""
        return [one for one in EDITIONS[: self.edition + 1] if number < one[2]][-1]

    def prints(self, edition: int, *, killing: str) -> None:
        """Print an edition, kill a process of one kind while it is taken up, and wait until it was told."""
        self.edition = edition
        self._served.clear()
        assert self._served.wait(30), self.house.logs()
        self.house.kill(killing, signal.SIGKILL)
        self.house.start(killing)
        wait_for(
            lambda: len(self.told()) > edition, seconds=60, what=f"word of it ({edition})", house=self.house
        )

    def told(self) -> list[str]:
        """What the receiver was told, each id once: the type, and what changed."""
        said = {}
        for request in self.site.seen("/hook"):
            body = json.loads(request.body)
            said[request.headers["webhook-id"]] = body["data"].get("change", {}).get("summary", body["type"])
        return list(said.values())

    def settled(self) -> bool:
        """Whether no work is open, and every outlet's newest words were taken in."""
        newest = sorted(self._printed(number)[:2] for number in range(OUTLETS))
        with self.house.store.read() as tx:
            texts = sorted(map(tuple, tx.execute(select(articles.c.title, articles.c.summary))))
            pending = tx.execute(select(deliveries.c.id).where(deliveries.c.state == "pending")).first()
        return texts == newest and pending is None


@pytest.fixture
def press(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Press]:
    """The outlets, and every process that they need, on both databases."""
    with Site() as site:
        house = House(tmp_path, database_url, redis_url, env={"TOCSIN_LEASE_S": "1"})
        yield Press(house, site)
        house.close()


def test_killed_at_every_step_it_is_one_alert_and_three_updates(press: Press) -> None:
    """SIGKILL of one process after another, each while the next edition is taken up."""
    press.house.start(*HOPS)
    for edition, kind in enumerate(("ingest", "scheduler", "deliver", "ingest")):
        press.prints(edition, killing=kind)
    wait_for(press.settled, seconds=60, what="end of all work", house=press.house)
    assert press.told() == [
        "alert.created",
        "headline: 12 → 15",
        "corrected: CORRECTED: Invasion: 15 ships stopped",
        "retracted: This report has been withdrawn.",
    ]
    with press.house.store.read() as tx:
        assert audit.check(tx) == []
