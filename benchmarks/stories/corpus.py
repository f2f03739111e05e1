"""Real articles of the corpus beside the clone, as they would be compared."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.core import urls
from pipeline.core.copies import Print

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "articles"


@dataclass(frozen=True, slots=True)
class Item:
    """An article of a collection; ``at`` None where the collection has no dates."""

    print: Print
    url: str = ""
    at: datetime | None = None
    label: str = ""  # items with one label are copies of one text


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items whose likeness people have judged."""

    a: Item
    b: Item
    label: str


def stream(folder: Path = FOLDER) -> list[Item]:
    """Entries of news feeds, alternate weeks of November 2021 to March 2022."""
    return [
        Item(
            Print(row["title"], row["description"] or "", ""),
            urls.canonical(row["link"]),
            datetime.fromisoformat(row["published"]),
        )
        for row in _lines(folder / "rss_stream_2021-22.jsonl")
    ]


def ag_news(folder: Path = FOLDER) -> list[Item]:
    """Titles and leads of 2004, many of one agency in several house styles."""
    return [Item(Print(title, lead, "")) for _, title, lead in _rows(folder / "ag_news_test_half.csv")]


def bbc(folder: Path = FOLDER) -> list[Item]:
    """Articles of 2004 and 2005 in lower case; labelled by their text where the set has copies of it."""
    rows = list(_rows(folder / "bbc_2004-05_half.csv"))
    return [Item(Print(*_titled(text)), label=text if int(copies) > 1 else "") for _, _, copies, text in rows]


def semeval(folder: Path = FOLDER) -> list[Item]:
    """Articles in ten languages, some of them translated there and back by machine."""
    rows = _lines(folder / "semeval2022_task8_pairs.jsonl")
    texts = {text.strip(): None for row in rows for text in (row["text1"], row["text2"])}
    return [Item(Print(*_titled(text))) for text in texts]


def _titled(text: str) -> tuple[str, str, str]:
    """A text whose first words, for want of a title of its own, stand for one."""
    words = text.split(None, 8)
    return " ".join(words[:8]), "", "".join(words[8:])


def live(folder: Path = FOLDER) -> tuple[list[Item], list[Pair]]:
    """A dozen world feeds of one hour, and pairs that one reader has labelled."""
    read = json.loads((folder / "live_2026-02-18_cross_source.json").read_text())
    items = [
        Item(Print(row["title"], row["summary"] or "", ""), urls.canonical(row["link"]))
        for row in read["items"]
    ]
    return items, [Pair(items[row["a"]], items[row["b"]], row["label"]) for row in read["pairs"]]


def scoop(folder: Path = FOLDER) -> list[Item]:
    """Items of technical news; the label is the story that people put them in."""
    return [
        Item(
            Print(row["title"] or "", row["body_text"] or "", ""),
            urls.canonical(row["url"]),
            label=row["story_gt_id"],
        )
        for row in _lines(folder / "scoop_dedup_items.jsonl")
    ]


def near_in_time(a: Item, b: Item, window: timedelta) -> bool:
    return a.at is None or b.at is None or abs(a.at - b.at) <= window


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        yield from rows
