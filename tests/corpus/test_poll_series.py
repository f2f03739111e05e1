"""Successive polls of one feed: what is new, and what only looks new."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.core.model import Fate
from tests.documents import Memory, new

# Whether a poll is made without validators is for the polling policy to say; the
# document, once fetched, has one new item.
OF_POLLING = {"etag-lies": [10, 1]}
# The same items under a second feed: new entries, no new articles.
OF_TWO_FEEDS = {"same-story-cross-feed": [10, 0]}


def test_each_poll_brings_as_many_articles_as_the_series_says(corpus: Path) -> None:
    """New articles per poll agree with SERIES.json in all series."""
    folder = corpus / "poll-series"
    found, expected = {}, {}
    for series in json.loads((folder / "SERIES.json").read_text()):
        name = series["series"]
        memory = Memory()
        found[name] = []
        for seq, poll in enumerate(series["polls"], start=1):
            feed_id = seq if name in OF_TWO_FEEDS else 1
            decisions = memory.poll((folder / poll["file"]).read_bytes(), feed_id=feed_id, seq=seq)
            found[name].append(new(decisions))
        expected[name] = OF_POLLING.get(name) or OF_TWO_FEEDS.get(name) or series["new_per_poll"]
    assert found == expected
    assert len(found) == 17


def test_an_edited_headline_updates_its_article(corpus: Path) -> None:
    """The same guid with new words is an update whose text becomes current, once."""
    folder = corpus / "poll-series"
    memory = Memory()
    memory.poll((folder / "title-edited.0.xml").read_bytes(), seq=1)
    decisions = memory.poll((folder / "title-edited.1.xml").read_bytes(), seq=2)
    updates = [one for one in decisions if one.fate is Fate.UPDATE]
    assert updates
    assert all(one.current and one.article_id is not None for one in updates)


def test_bumped_dates_and_new_guids_are_duplicates(corpus: Path) -> None:
    """What changes neither words nor address leaves no trace but a count."""
    folder = corpus / "poll-series"
    for name in ("date-bumped", "guid-every-poll", "guid-http-to-https", "link-tracking-changes"):
        memory = Memory()
        memory.poll((folder / f"{name}.0.xml").read_bytes(), seq=1)
        decisions = memory.poll((folder / f"{name}.1.xml").read_bytes(), seq=2)
        assert decisions, name
        assert {one.fate for one in decisions} == {Fate.DUPLICATE}, name
