"""``./run replay`` on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store.engine import Store
from tests import archive
from tests.command import Command
from tests.naive import Text


@pytest.fixture
def run(tmp_path: Path, database_url: str, store: Store) -> Command:
    """The command line on two articles whose raw items are gone, and a subscription that came later."""
    texts = [Text(title="A \x1b[31m war", body="The invasion began."), Text(title="Sport")]
    archive.fill(store, texts, now=datetime.now(UTC))
    run = Command(tmp_path, database_url)
    run.ok("subscriptions", "add", "War", "invasion")
    return run


def test_a_report_for_people_and_programs(run: Command) -> None:
    """Each difference, the sums and the digest, the same twice; JSON Lines end with the report."""
    out = run.ok("replay", "--since", "1h").out
    assert "gained  War, by invasion: A  [31m war" in out
    assert "0 raw items and 2 stored texts" in out
    assert "alerts 1 gained, 0 lost" in out
    assert "\x1b" not in out
    again = run.ok("replay", "--since", "1h", "--report", "--subscription", "War").out
    assert again.splitlines()[-1] == out.splitlines()[-1]
    gained, report = run.ok("replay", "--since", "1h", "--json").lines
    assert (gained["kind"], gained["subscription"], gained["words"]) == ("gained", "War", ["invasion"])
    assert (report["kind"], report["counts"]["gained"], report["gained"]) == ("report", 1, {"War": 1})
    assert out.endswith(f"digest {report['digest']}\n")


def test_backlog_is_stored_once(run: Command) -> None:
    """It is in sight, and nothing is sent."""
    assert "1 alerts are stored as backlog" in run.ok("replay", "--since", "1h", "--backlog").out
    assert "0 alerts are stored as backlog" in run.ok("replay", "--since", "1h", "--backlog").out
    assert [row["subscription"] for row in run.ok("alerts", "list", "--backlog", "--json").lines] == ["War"]
    assert run.ok("deliveries", "list", "--json").out == ""


def test_wrong_uses(run: Command) -> None:
    """One line that says what is wrong."""
    assert "one of --report and --backlog" in run.refused("replay", "--since", "1h", "--report", "--backlog")
    assert "--since must be before --until" in run.refused("replay", "--since", "1h", "--until", "2h")
    assert "is no time" in run.refused("replay", "--since", "yesterday")
    assert "did you mean 'War'" in run.refused("replay", "--since", "1h", "--subscription", "Wer")
