"""Events on pairs of real stories that people have labelled."""

from __future__ import annotations

import pytest

from benchmarks.stories import events


@pytest.mark.usefixtures("corpus")
def test_english_pairs_are_told_apart() -> None:
    """Of those that are taken for the same event nearly all are, and most of the same are found."""
    pairs = [*events.live(), *events.semeval(frozenset({"en"}))]
    figures = events.figures_of([pair for pair in pairs if pair.group != "live: related"])
    assert figures["same"] > 70
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.75
