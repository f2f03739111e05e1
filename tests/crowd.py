"""One of many processes at one store at the same time; see :mod:`tests.test_store_crowd`.

``python -m tests.crowd ROLE URL NUMBER`` writes what it did as JSON to stdout.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from typing import Any

from sqlalchemy import select

from pipeline.core.model import Sent
from pipeline.core.turns import Courtesy
from pipeline.store import deliveries, engine, pages, subscriptions
from pipeline.store.engine import Store
from pipeline.store.tables import raw_items
from tests import stock
from tests.stock import T0, Ring

#: Words that several feeds carry at the same time, under the same and under other URLs.
SHARED = 12
#: Houses that print each of the texts at the same time, each in a version of its own.
VERSIONS = 4


def schedule(store: Store, _number: int) -> list[Any]:
    """Claim what is due, a few at a time, and commit what it brought; the slots that were polled."""
    slots: list[Any] = []
    while claimed := stock.claim(store, limit=3):
        slots += [(feed.id, feed.seq) for feed in claimed]
        found = [stock.result(feed, stock.document([f"{feed.id}-{n}" for n in range(3)])) for feed in claimed]
        stock.commit(store, found)
    return slots


def ingest(store: Store, number: int) -> list[Any]:
    """Take open items and save them, with texts and URLs that others save too; the items taken."""
    taken: list[Any] = []
    with store.read() as tx:
        ids = sorted(tx.execute(select(raw_items.c.id)).scalars())
        ring = Ring(tuple(row.id for row in subscriptions.rows(tx)))
    part = len(ids) // 4
    for start in range(0, len(ids), 7):
        # Each begins elsewhere and goes over all: everybody meets everybody.
        batch = [ids[(start + n + number * part) % len(ids)] for n in range(7)]
        items = stock.take(store, batch)
        taken += [item.id for item in items]
        # One direction for odd, the other for even ones: locks taken in order of arrival would deadlock.
        items = items[::-1] if number % 2 else items
        found = [
            stock.parsed(
                item,
                stock.entry(f"shared {item.id % SHARED}", guid=f"{item.id}-{n}", body=_body(item.id + n)),
                stock.entry(f"own {item.id}", body=f"Copied {item.id % SHARED}."),
            )
            for n, item in enumerate(items)
        ]
        stock.ingest(store, found, ring=ring)
    return taken


def _body(number: int) -> str:
    return f"A text {number % 3} that its feeds tell differently." + "." * (number % 5)


def copy(store: Store, number: int) -> list[Any]:
    """Print every text in a version of one's own, in few batches, each in another order; the fates."""
    with store.read() as tx:
        ids = sorted(tx.execute(select(raw_items.c.id)).scalars())
        ring = Ring(tuple(row.id for row in subscriptions.rows(tx)))
    texts = list(range(SHARED))
    texts = texts[number:] + texts[:number]
    fates: list[Any] = []
    for start in range(0, SHARED, 4):
        batch = [ids[text * VERSIONS + number] for text in texts[start : start + 4]]
        items = {item.id: item for item in stock.take(store, batch)}
        found = [
            stock.parsed(items[id_], stock.printed(f"v{id_}", version(text, number)))
            for id_, text in zip(batch, texts[start : start + 4], strict=True)
        ]
        fates += [one.reason for one in stock.ingest(store, found, ring=ring).decisions]
    return fates


def version(text: int, number: int) -> str:
    """Text ``text`` as house ``number`` prints it: one word is its own."""
    words = [f"{a}{b}{c}"[text % 2 :] for a, b, c in product(("ba", "ko", "li"), ("ru", "ten"), _ends(text))]
    words.insert(5 + number * 7, ("nearly", "about", "roughly", "almost")[number])
    return " ".join(words)


def _ends(text: int) -> list[str]:
    return [f"{chr(97 + text)}{end}" for end in ("a", "en", "is", "or", "um", "eth", "old", "ing", "ert")]


def deliver(store: Store, number: int) -> list[Any]:
    """Claim every delivery and settle it; those claimed."""
    claimed: list[Any] = []
    with store.read() as tx:
        ids = [row.id for row in deliveries.rows(tx)]
    for id_ in ids if number % 2 else ids[::-1]:
        job = store.write(lambda tx, id_=id_: deliveries.claim(tx, id_, now=T0, lease_s=60))
        if job is not None:
            claimed.append(id_)
            store.write(
                lambda tx, id_=id_: deliveries.settle(
                    tx, id_, sent=Sent(ok=True), next_attempt_at=None, now=T0
                )
            )
    return claimed


def fetch(store: Store, _number: int) -> list[Any]:
    """Claim pages at one moment until there is none; those claimed."""
    claimed: list[Any] = []
    while due := store.write(
        lambda tx: pages.claim(tx, now=T0, limit=5, lease_s=60, courtesy=Courtesy(at_once=2, gap_s=0))
    ):
        claimed += [page.id for page in due]
    return claimed


if __name__ == "__main__":
    role, url, number = sys.argv[1:]
    opened = engine.open(url)
    sys.stdin.readline()  # all begin at the same moment
    json.dump(globals()[role](opened, int(number)), sys.stdout)
    opened.close()
