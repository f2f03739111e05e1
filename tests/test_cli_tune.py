"""``./run alerts mark`` and ``./run subscriptions tune`` on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store.engine import Store
from tests.command import Command
from tests.seed import seed


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Command:
    """The command line on a migrated, empty database."""
    return Command(tmp_path, database_url)


def test_alerts_are_marked_and_listed_by_their_mark(run: Command, store: Store) -> None:
    """A mark shows in lists, on the alert itself and in the filter, until it is taken back."""
    live, old = map(str, seed(store).alerts)
    assert run.ok("alerts", "mark", live, old, "--not-relevant").out == "2 alerts are marked not relevant\n"
    (row,) = run.ok("alerts", "list", "--not-relevant", "--json").lines
    assert (row["id"], row["relevant"]) == (int(live), False)
    (row,) = run.ok("alerts", "list", "--not-relevant", "--backlog", "--json").lines
    assert row["id"] == int(old)
    heading, line = run.ok("alerts", "list").out.splitlines()
    assert line[heading.index("relevant") :].startswith("no ")
    assert run.ok("alerts", "mark", live, "--relevant").out == "1 alert is marked relevant\n"
    assert run.ok("alerts", "show", live, "--json").lines[0]["relevant"] is True
    assert run.ok("alerts", "mark", live, "--clear").out == "1 alert is no longer marked\n"
    assert run.ok("alerts", "show", live, "--json").lines[0]["relevant"] is None
    done = run.ok("alerts", "list", "--not-relevant")
    assert (done.out, done.err) == ("", "no alert is marked not relevant\n")


@pytest.mark.parametrize("said", [(), ("--relevant", "--clear"), ("--relevant", "--not-relevant")])
def test_mark_says_exactly_one_thing(run: Command, store: Store, said: tuple[str, ...]) -> None:
    """Neither silence nor a contradiction marks anything."""
    live = str(seed(store).alerts[0])
    assert "say one of" in run.refused("alerts", "mark", live, *said)
    assert run.ok("alerts", "show", live, "--json").lines[0]["relevant"] is None


def test_unknown_alert_is_not_marked(run: Command, store: Store) -> None:
    """The number that does not exist is named, and the others are not marked either."""
    live = str(seed(store).alerts[0])
    assert "no alert 12345" in run.refused("alerts", "mark", live, "12345", "--not-relevant")
    assert run.ok("alerts", "list", "--not-relevant", "--json").out == ""
