"""Documents without anything in common: honest streams are never taken for floods, and drifted ones are."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import pytest

from pipeline.core import drift
from pipeline.core.drift import Drift, Past, Told
from pipeline.core.model import Entry
from tests.documents import entries

FEEDS = ("http://rss.cnn.com/rss/edition.rss", "http://feeds.bbci.co.uk/news/rss.xml")


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _entry(row: dict[str, str]) -> Entry:
    return Entry(
        key=_hash(row["link"]),
        url=row["link"],
        url_key=_hash(row["link"]),
        title=row["title"],
        summary=row["description"] or "",
        body="",
        html="",
        author="",
        language="en",
        tags=(),
        published_at=datetime.fromisoformat(row["published"]).astimezone(UTC),
        content_hash=_hash(row["title"] + (row["description"] or "")),
        text_key=None,
    )


def stream(corpus: Path, feed: str) -> list[tuple[datetime, Entry]]:
    """What a feed listed, with when it came: some time after it says that it was published."""
    chance = random.Random(7)
    found = []
    for line in (corpus / "articles" / "rss_stream_2021-22.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["source"] == feed:
            entry = _entry(row)
            assert entry.published_at is not None
            found.append((entry.published_at + timedelta(minutes=chance.expovariate(1 / 30)), entry))
    return sorted(found, key=lambda pair: pair[0])


def told(entry: Entry) -> Told:
    """The entry as an article that was stored."""
    return Told(
        article_id=int.from_bytes(entry.key[:6]),
        url=entry.url,
        title=entry.title,
        opening=drift.opening_of(entry.summary, entry.body),
        content_hash=entry.content_hash,
        published_at=entry.published_at,
    )


class Reader:
    """What is known of a feed that is polled; judges each document that has nothing in common with the last."""

    def __init__(self) -> None:
        self.past = Past()
        self.window: list[Entry] = []
        self.keys: set[bytes] = set()

    def poll(self, window: Sequence[Entry]) -> Drift | None:
        """One document; None where it has something in common with the one before, or is the first."""
        listed = {entry.key for entry in self.window}
        strange = [entry for entry in window if entry.key not in self.keys]
        apart = bool(self.window) and listed.isdisjoint(entry.key for entry in window)
        found = None
        if apart and strange:
            left = [entry for entry in strange if entry.key not in drift.recognised(strange, self.past)]
            found = drift.judge(left, self.past, seen=len(window), brought=len(window))
        dates = [one.published_at for one in (*self.past.told, *map(told, strange)) if one.published_at]
        self.past = Past(
            told=[*map(told, strange), *self.past.told][:500],
            most=max(self.past.most, len(strange)) if self.window else 0,
            overlapped=self.past.overlapped or (bool(self.window) and not apart),
            newest=max(dates, default=None),
        )
        self.keys |= {entry.key for entry in window}
        self.window = list(window)
        return found


def windows(pairs: Sequence[tuple[datetime, Entry]], size: int, every: timedelta) -> Iterator[list[Entry]]:
    """The newest ``size`` entries at each poll, newest first."""
    at, index = pairs[0][0], 0
    while index < len(pairs):
        while index < len(pairs) and pairs[index][0] <= at:
            index += 1
        yield [entry for _, entry in pairs[max(index - size, 0) : index][::-1]]
        at += every


@pytest.mark.parametrize(("feed", "size"), [(FEEDS[0], 5), (FEEDS[1], 20)])
def test_honest_streams_are_never_floods(corpus: Path, feed: str, size: int) -> None:
    """Two busy feeds over four months, polled four times a day and each second day."""
    pairs = stream(corpus, feed)
    for hours in (6, 48):
        reader = Reader()
        found = Counter(reader.poll(window) for window in windows(pairs, size, timedelta(hours=hours)))
        assert not [kind for kind in found if kind is not None and kind.flood], (hours, found)
        if hours == 48:
            assert found[Drift.GAP] > 5  # far more comes in two days than the window holds


@pytest.mark.parametrize(
    ("name", "judged"),
    [
        ("guid-every-poll", Drift.NONE),
        ("guid-http-to-https", Drift.NONE),
        ("date-bumped", Drift.NONE),
        ("link-tracking-changes", Drift.NONE),
        ("gap-overflow", Drift.GAP),
    ],
)
def test_series_of_polls_are_judged_as_they_are_meant(corpus: Path, name: str, judged: Drift) -> None:
    """Only what overflowed between two polls is a gap; new names of old items are seen through."""
    folder = corpus / "poll-series"
    before, after = (entries((folder / f"{name}.{number}.xml").read_bytes()) for number in (0, 1))
    newest = max(entry.published_at for entry in before if entry.published_at)
    past = Past(told=[told(entry) for entry in before], most=4, overlapped=True, newest=newest)
    known = {entry.key for entry in before} | {entry.url_key for entry in before}
    strange = [entry for entry in after if not {entry.key, entry.url_key} & known]
    renamed = drift.recognised(strange, past)
    left = [entry for entry in strange if entry.key not in renamed]
    assert drift.judge(left, past, seen=len(after), brought=len(after)) is judged


def test_a_site_that_moved_is_recognised_or_put_aside(corpus: Path) -> None:
    """New names, links, dates and texts at once: the more is new, the less can be recognised, and nothing rings."""
    pairs = stream(corpus, FEEDS[0])
    reader = Reader()
    for window in windows(pairs[:600], 30, timedelta(hours=1)):
        reader.poll(window)
    now = max(entry.published_at for entry in reader.window if entry.published_at) + timedelta(hours=1)
    moved = [
        replace(
            entry,
            key=_hash(f"new {n}"),
            url=f"https://new.example/{n}",
            url_key=_hash(f"url {n}"),
            published_at=now,
        )
        for n, entry in enumerate(reader.window)
    ]
    assert len(drift.recognised(moved, reader.past)) == 30
    strange = [replace(entry, title=f"N° {n}", content_hash=_hash(str(n))) for n, entry in enumerate(moved)]
    assert drift.recognised(strange, reader.past) == {}
    assert drift.judge(strange, reader.past, seen=30, brought=30) is Drift.MOVED
    dated = [replace(one, published_at=now - timedelta(days=9)) for one in strange]
    assert drift.judge(dated, reader.past, seen=30, brought=30) is Drift.OLD
