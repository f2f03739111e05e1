"""The article is found on pages of many makes, and no menu, advertisement or teaser rings with it."""

import pytest

from pipeline.core.page import Listed, judge
from tests.layouts import Layout, elders, held_out, markup, newsrooms, scripts

LAYOUTS = (
    *newsrooms.LAYOUTS,
    *markup.LAYOUTS,
    *elders.LAYOUTS,
    *scripts.LAYOUTS,
    *held_out.LAYOUTS,
)
ENOUGH = 0.95  # of an article's sentences


@pytest.mark.parametrize("one", LAYOUTS, ids=lambda one: one.name)
def test_the_article_is_found_and_nothing_else(one: Layout) -> None:
    """Nearly every sentence is in the text, and none of the furniture's phrases."""
    entry = Listed(url=one.url, title=one.story.title, summary=one.story.summary, body="")
    text = judge(one.html, url=one.url, content_type=one.content_type, listed=entry).text
    found = " ".join(text.split())
    missing = [sentence for sentence in one.story.sentences if sentence not in found]
    assert len(missing) <= (1 - ENOUGH) * len(one.story.sentences), missing
    assert [phrase for phrase in one.furniture if phrase in found] == []


def test_the_layouts_are_many_and_have_furniture_that_could_ring() -> None:
    """A layout without furniture would only show that text is found."""
    assert len(LAYOUTS) >= 50
    assert [one.name for one in LAYOUTS if not one.furniture] == []
