"""Moves: three equal permanent redirects in a row, and nothing less."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.moves import Move, follow, hindrance
from tests import stock
from tests.test_poll import FEED

NEW = "https://new.example/feed"


def answer(moved: str = NEW, status: int = 200) -> object:
    """An answer that came by permanent redirects."""
    return replace(stock.response(status=status), moved=moved)


@pytest.mark.parametrize("status", [200, 304])
def test_third_equal_redirect_in_a_row_settles_it(status: int) -> None:
    """Whether the document had changed or not."""
    feed = FEED
    for times in (1, 2, 3):
        move = follow(feed, answer(status=status))  # type: ignore[arg-type]
        assert move == Move(to=NEW, times=times)
        assert move.settled is (times == 3)
        feed = replace(feed, moved_to=move.to, moved_times=move.times)


def test_other_answers_begin_anew_and_failures_say_nothing() -> None:
    """Another address counts from one, an answer in place ends it; an error is no answer."""
    feed = replace(FEED, moved_to=NEW, moved_times=2)
    assert follow(feed, answer("https://other.example/feed")) == Move(
        to="https://other.example/feed", times=1
    )  # type: ignore[arg-type]
    assert follow(feed, answer("")) == Move(to="", times=0)  # type: ignore[arg-type]
    assert follow(feed, answer(status=503)) is None  # type: ignore[arg-type]
    assert follow(FEED, answer("")) is None  # type: ignore[arg-type]


def test_secrets_do_not_move_to_another_host() -> None:
    """Who has credentials or headers is asked; on the same host nothing changes for them."""
    private = replace(FEED, auth=("me", "pw"))
    assert "credentials" in hindrance(private, NEW)
    assert hindrance(private, FEED.url + "/2") == ""
    assert hindrance(FEED, NEW) == ""
