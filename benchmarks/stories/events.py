"""``./run bench stories --events``: are stories that tell the same news found, and no others?

Labelled pairs are judged as the store judges them; a stream is played through
as it came, for what one may look like that nobody labelled.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.core.analyse import analyse
from pipeline.core.event import HOLDERS, SAME, Candidate, Held, Sightings, Telling, best, likeness, tell

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "articles"
WINDOW = timedelta(hours=72)
PRECISION = 0.95
_SAME_MOST, _OTHER_LEAST = 1.67, 3.5  # of SemEval's scores from 1 (the same) to 4
_TITLE_WORDS = 12  # taken for the title where a text has none of its own


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of stories: how alike we find them, and whether people found them the same event."""

    group: str
    alike: float
    same: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """A story of the stream that joined another's event."""

    title: str
    other: str
    alike: float


def measured() -> dict[str, Any]:
    """The figures of pairs and of the stream."""
    pairs = [*live(), *semeval()]
    english = [one for one in pairs if one.group in {"live: same or different", "SemEval en-en"}]
    odd, even = english[1::2], english[::2]
    return {
        "threshold": SAME,
        "groups": {
            group: figures_of([one for one in pairs if one.group == group]) for group in _groups(pairs)
        },
        "english": figures_of(english),
        "halves": [figures_of(odd), figures_of(even)],
        "held_out": [_held_out(odd, even), _held_out(even, odd)],
        "stream": stream(),
    }


def live() -> list[Judged]:
    """Pairs of one hour's world feeds, where what half of them speak of is worth little."""
    read = json.loads((FOLDER / "live_2026-02-18_cross_source.json").read_text())
    told = [_tell(row["title"], unescape(row["summary"] or ""), "en") for row in read["items"]]
    shelf = _Shelf()
    for number, telling in enumerate(told):
        shelf.put(number, telling)
    found = []
    for pair in read["pairs"]:
        one, other = told[pair["a"]], told[pair["b"]]
        group = "live: related" if pair["label"] == "related-story" else "live: same or different"
        alike = 0.0
        if one and other:
            worth = shelf.sightings(other, len(told), first=0, but=pair["b"]).worth(other.weights)
            alike = likeness(one.at(worth), other.at(worth))
        found.append(Judged(group, alike, pair["label"] in {"same-event", "near-duplicate"}))
    return found


def semeval(languages: frozenset[str] | None = None) -> list[Judged]:
    """Pairs of SemEval-2022 task 8 whose score says that they tell the same or something else."""
    with (FOLDER / "semeval2022_task8_pairs.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = []
    for row in rows:
        if _SAME_MOST < row["overall"] < _OTHER_LEAST:
            continue
        if languages is not None and not languages.issuperset({row["lang1"], row["lang2"]}):
            continue
        one, other = (_tell(*_split(row[f"text{n}"]), row[f"lang{n}"]) for n in (1, 2))
        alike = likeness(one, other) if one and other else 0.0
        found.append(Judged(f"SemEval {row['lang1']}-{row['lang2']}", alike, row["overall"] <= _SAME_MOST))
    return found


def stream() -> dict[str, Any]:
    """A stream of feeds as it came: how many stories join an event, and what that costs."""
    joins, sizes, spent = played()
    return {
        "stories": spent["stories"],
        "joined": len(joins),
        "events_of_several": sum(size > 1 for size in sizes.values()),
        "largest": sorted(sizes.values(), reverse=True)[:10],
        "tell_ms": spent["tell_ms"],
        "join_ms": spent["join_ms"],
    }


def played() -> tuple[list[Joined], Counter[int], dict[str, Any]]:
    """Every join of the stream, the sizes of events, and the CPU that a story took."""
    with (FOLDER / "rss_stream_2021-22.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    begun = time.process_time()
    told = [_tell(row["title"], row["description"] or "", (row["language"] or "en")[:2]) for row in rows]
    tell_s = time.process_time() - begun
    at = [datetime.fromisoformat(row["published"]) for row in rows]
    shelf, events, joins = _Shelf(), list(range(len(rows))), []
    begun, first = time.process_time(), 0
    for number, telling in enumerate(told):
        while at[number] - at[first] > WINDOW:
            first += 1
        if telling is None:
            continue
        seen = shelf.sightings(telling, number, first)
        candidates = [
            Candidate(story_id=one, event_id=events[one], telling=other)
            for one in seen.nearest()
            if (other := told[one]) is not None and at[number] - at[events[one]] <= WINDOW
        ]
        worth = seen.worth(telling.weights)
        if (met := best(telling, candidates, worth)) is not None:
            events[number] = met.event_id
            alike = likeness(telling.at(worth), met.telling.at(worth))
            joins.append(Joined(rows[number]["title"], rows[met.story_id]["title"], alike))
        shelf.put(number, telling)
    join_s = time.process_time() - begun
    spent = {"stories": len(rows), "tell_ms": 1000 * tell_s / len(rows), "join_ms": 1000 * join_s / len(rows)}
    return joins, Counter(events), spent


class _Shelf:
    """Tellings by their keys, as the store keeps them."""

    def __init__(self) -> None:
        self.holders: Mapping[int, list[int]] = defaultdict(list)

    def put(self, number: int, telling: Telling | None) -> None:
        for key in telling.keys if telling else ():
            self.holders[key].append(number)

    def sightings(self, telling: Telling, number: int, first: int, but: int | None = None) -> Sightings:
        holders = {
            key: [one for one in self.holders[key] if one >= first and one != but][-HOLDERS:]
            for key in telling.keys
        }
        return Sightings(
            shared=Counter(one for ids in holders.values() for one in ids),
            held={key: Held(number=len(ids), first_id=ids[0]) for key, ids in holders.items() if ids},
            first_id=first,
            story_id=number,
        )


def show(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    console = Console(width=None if Console().is_terminal else 120)
    table = Table("pairs", "same", "found", "other", "taken for the same", "precision", "recall")
    named = [*figures["groups"].items(), ("live and SemEval en-en", figures["english"])]
    named += zip(("  odd pairs", "  even pairs"), figures["halves"], strict=True)
    named += zip(("  threshold of the other half: odd", "  threshold of the other half: even"),
                 figures["held_out"], strict=True)  # fmt: skip
    for name, row in named:
        table.add_row(name, *(str(row[key]) for key in ("same", "found", "other", "wrong")),
                      _share(row["precision"]), _share(row["recall"]))  # fmt: skip
    console.print(table)
    console.print(
        f"same from a likeness of {figures['threshold']} on; the stream: {figures['stream']}", highlight=False
    )


def figures_of(pairs: Sequence[Judged], threshold: float = SAME) -> dict[str, Any]:
    taken = [one.same for one in pairs if one.alike >= threshold]
    same = sum(one.same for one in pairs)
    return {
        "same": same,
        "other": len(pairs) - same,
        "found": sum(taken),
        "wrong": len(taken) - sum(taken),
        "precision": sum(taken) / len(taken) if taken else None,
        "recall": sum(taken) / same if same else None,
    }


def _held_out(judged: Sequence[Judged], tuned: Sequence[Judged]) -> dict[str, Any]:
    """One half, judged by the threshold that the other would choose: the least that is precise enough."""
    steps = sorted({one.alike for one in tuned} | {1.0}, reverse=True)
    least = 1.0
    for _, step in pairwise(steps):
        precision = figures_of(tuned, step)["precision"]
        if precision is not None and precision >= PRECISION:
            least = step
    return figures_of(judged, least)


def _groups(pairs: Iterable[Judged]) -> list[str]:
    return sorted({one.group for one in pairs})


def _tell(title: str, text: str, language: str) -> Telling | None:
    return tell(analyse(title, text, "", language), language)


def _split(text: str) -> tuple[str, str]:
    """Title and rest: the first line, or its first words where the text is in one line."""
    head, broken, rest = text.strip().partition("\n")
    if broken and len(head) < 200:
        return head, rest
    words = text.split()
    return " ".join(words[:_TITLE_WORDS]), " ".join(words[_TITLE_WORDS:])


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
