"""Intervals that follow rhythms, over a stream of real news in virtual time."""

from __future__ import annotations

from pathlib import Path

from benchmarks.poll import delay
from pipeline.core.rhythm import Limits


def test_items_wait_for_a_part_of_what_they_wait_for_with_one_interval(corpus: Path) -> None:
    """At most 0.6 of it, with as many polls."""
    stream = delay.read(corpus / "articles" / "rss_stream_2021-22.jsonl")
    limits = Limits(every_s=1200.0)
    found = delay.compare(stream, limits, learn_s=delay.DAY_S / 4, count_s=delay.DAY_S / 2)
    assert found["rhythm"].mean_s <= 0.6 * found["fixed"].mean_s
    assert found["rhythm"].polls <= 1.02 * found["fixed"].polls
