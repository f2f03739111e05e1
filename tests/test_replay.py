"""The ledger and the marks of a replay."""

from __future__ import annotations

from pipeline.core.replay import Difference, Kind, Ledger, Marks


def gained(title: str) -> Difference:
    """A gained alert."""
    return Difference(
        kind=Kind.GAINED,
        article_id=1,
        story_id=1,
        item_id=None,
        url="",
        title=title,
        subscription_id=1,
        subscription="war",
    )


def test_the_digest_is_of_all_results_in_their_order() -> None:
    """The same results give the same digest; another one, or another order, gives another."""
    digests = []
    for titles in (("a", "b"), ("a", "b"), ("b", "a"), ("a",), ("ab",)):
        told: list[Difference] = []
        ledger = Ledger(told.append)
        for title in titles:
            ledger.result(title)
            ledger.differs(gained(title))
        assert [one.title for one in told] == list(titles)
        assert ledger.gained["war"] == len(titles)
        digests.append(ledger.digest())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_marks_hold_what_was_marked_from_the_lowest_on() -> None:
    """Ids below the lowest are never marked, and none that was not."""
    marks = Marks(10)
    for id_ in (10, 5000, 9):
        marks.add(id_)
    assert [id_ for id_ in (0, 9, 10, 11, 4999, 5000, 5001) if id_ in marks] == [10, 5000]
