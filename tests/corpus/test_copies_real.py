"""Copies among real texts: what docs/stories.md says is so, on a sample where the whole takes long."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.stories import corpus as real
from benchmarks.stories import measure, report

EACH = 25


@pytest.fixture(scope="module")
def articles(corpus: Path) -> Path:
    """The folder of real articles."""
    return corpus / "articles"


@pytest.mark.parametrize("name", ["stream", "ag_news", "bbc", "live", "scoop"])
def test_no_two_texts_are_taken_for_one_that_a_reader_told_apart(articles: Path, name: str) -> None:
    """Among every two texts, whenever they were published: each merge is of equal texts, or was read."""
    items = {
        "stream": real.stream,
        "ag_news": real.ag_news,
        "bbc": real.bbc,
        "live": lambda folder: real.live(folder)[0],
        "scoop": real.scoop,
    }[name](articles)
    assert [one for one in report.judged(items)["near"] if one["verdict"] != "same"] == []


def test_copies_that_people_found_are_found(articles: Path) -> None:
    """Exact copies all; of near ones those that are one text, and none that people told apart."""
    told = report.labelled(real.live(articles)[1], real.scoop(articles), real.bbc(articles))
    assert told == {
        "live, near-duplicates": [2, 6],  # four tell the same with leads of their own
        "live, other pairs": [0, 144],
        "scoop, same story": [127, 132],
        "bbc, exact copies": [12, 12],
    }


def test_copies_made_of_real_texts_are_found_and_traps_are_not(articles: Path) -> None:
    """Recall 0.95 and precision 0.995 over eleven ways to copy and three to tell something else."""
    copies = found = traps = caught = 0
    for items in (real.stream(articles), real.ag_news(articles), real.bbc(articles)):
        made, other = measure.forged(report.long_enough(items), each=EACH)
        copies += sum(tally.tried for tally in made.values())
        found += sum(tally.found for tally in made.values())
        traps += sum(tally.tried for tally in other.values())
        caught += sum(tally.found for tally in other.values())
    assert copies == 3 * 11 * EACH
    assert traps > 150
    assert found / copies >= 0.95
    assert found / (found + caught) >= 0.995
