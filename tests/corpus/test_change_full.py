"""Material changes, and those that are none, made of real texts in several languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.core.change import Version, change
from pipeline.core.model import Fate
from tests.documents import Memory

#: Of each language of the corpus, so many texts.
OF_EACH = 100
_HEAD = re.compile(r"\n|(?<=[.!?])\s|(?<=[。！？])")


@pytest.fixture(scope="module")
def versions(corpus: Path) -> list[Version]:
    """Real texts of ten languages, under their first line as headline."""
    taken: dict[str, dict[str, Version]] = {}
    for line in (corpus / "articles" / "semeval2022_task8_pairs.jsonl").read_text().splitlines():
        pair = json.loads(line)
        if pair["mojibake"] or pair["mt_garbage"]:
            continue
        for side in "12":
            language = pair[f"lang{side}"]
            title, body, *_ = *_HEAD.split(pair[f"text{side}"].strip(), maxsplit=1), ""
            held = taken.setdefault(language, {})
            if len(held) < OF_EACH and 10 < len(title) < 200 and len(body) > 600:
                held.setdefault(title, Version(title, "", body[:4_000].strip(), language))
    return [one for held in taken.values() for one in held.values()]


def _redated(one: Version) -> Version:
    return Version(
        one.title, one.summary, f"17 February 2026, 10:45 GMT\n{one.body}\nUpdated: 18.02.2026 11:15"
    )


def _typeset(one: Version) -> Version:
    body = re.sub(r"\s+", "  ", one.body).replace('"', "”").replace("'", "’").replace(" - ", " – ")
    return Version(f"{one.title} ", one.summary, body)


def _cut(one: Version) -> Version:
    return Version(one.title, one.summary, one.body[: len(one.body) // 3].rpartition(" ")[0] + "…")


def _labelled(one: Version) -> Version:
    return Version(f"UPDATED: {one.title}", one.summary, one.body)


def _furnished(one: Version) -> Version:
    return Version(
        one.title, one.summary, f"3 min read\n1,204 views\n{one.body}\nRead more: all the news\n© The Wire"
    )


def _teased(one: Version) -> Version:
    return Version(one.title, one.body[:200], one.body)


@pytest.mark.parametrize("edit", [_redated, _typeset, _cut, _labelled, _furnished, _teased])
def test_edits_that_say_nothing_new_are_no_changes(
    versions: list[Version], edit: Callable[[Version], Version]
) -> None:
    """Other dates, typography, labels and furniture, and cuts: on every text."""
    assert len(versions) >= 100
    told = [one.title for one in versions if change(one, edit(one), texts=True)]
    assert told == []


def _recounted(one: Version) -> tuple[Version, Version]:
    return Version(f"{one.title} 4711", "", one.body, one.language), Version(
        f"{one.title} 4713", "", one.body, one.language
    )


def _noticed(one: Version) -> tuple[Version, Version]:
    notice = "Correction: an earlier version of this article misstated the number of ships."
    return one, Version(one.title, "", f"{one.body}\n{notice}", one.language)


def _grown(one: Version) -> tuple[Version, Version]:
    return Version(one.title, "", one.body[: len(one.body) // 2], one.language), one


@pytest.mark.parametrize("edit", [_recounted, _noticed, _grown])
def test_edits_that_say_something_new_are_changes(
    versions: list[Version], edit: Callable[[Version], tuple[Version, Version]]
) -> None:
    """A number in the headline, a notice of correction, and a text twice as long."""
    missed = [one.title for one in versions if not change(*edit(one))]
    assert len(missed) <= 0, (len(missed), len(versions), missed)


def test_no_poll_of_the_series_is_a_material_change(corpus: Path) -> None:
    """Re-dated, re-guided, relinked and relabelled items: none of them says anything new."""
    folder = corpus / "poll-series"
    revisions = 0
    for series in json.loads((folder / "SERIES.json").read_text()):
        memory = Memory()
        texts: dict[bytes, Version] = {}
        for seq, poll in enumerate(series["polls"], start=1):
            for one in memory.poll((folder / poll["file"]).read_bytes(), seq=seq):
                entry = one.entry
                now = Version(entry.title, entry.summary, entry.body, entry.language)
                before = texts.get(entry.url_key or entry.key)
                if one.fate is Fate.UPDATE and before is not None:
                    revisions += 1
                    assert change(before, now) is None, (series["series"], before.title, now.title)
                texts[entry.url_key or entry.key] = now
    assert revisions >= 2


def test_copies_under_other_headlines_are_no_changes(corpus: Path) -> None:
    """Pairs that people called copies or the same story: other outlets' words tell nothing."""
    folder = corpus / "articles"
    live = json.loads((folder / "live_2026-02-18_cross_source.json").read_text())
    items = [Version(one["title"], one["summary"], "", "en") for one in live["items"]]
    pairs = [(items[one["a"]], items[one["b"]]) for one in live["pairs"] if one["label"] != "different"]
    stories: dict[str, list[Version]] = {}
    for line in (folder / "scoop_dedup_items.jsonl").read_text().splitlines():
        item = json.loads(line)
        version = Version(item["title"], "", item["body_text"] or "", "en")
        stories.setdefault(item["story_gt_id"], []).append(version)
    pairs += [pair for story in stories.values() for pair in pairwise(story)]
    assert len(pairs) >= 100
    assert [(a.title, b.title) for a, b in pairs if change(a, b, copy=True)] == []
