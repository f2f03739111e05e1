"""``./run subscriptions backtest`` and ``explain`` on both databases."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.core.model import About
from pipeline.store.engine import Store
from tests import archive
from tests.command import Command, Terminal
from tests.naive import Text

URL = "https://www.bbc.co.uk/news"
WAR = Text(title="A \x1b[31m war", body="They said the invasion began today.", about=About(url=URL))


@pytest.fixture
def run(tmp_path: Path, database_url: str, store: Store) -> Command:
    """The command line on an archive of yesterday's three articles."""
    talks = Text(title="Talks", body="No invasion, no sanctions.")
    archive.fill(store, [WAR, talks, Text(title="Sport")], now=datetime.now(UTC) - timedelta(days=1))
    return Command(tmp_path, database_url)


def test_backtest_shows_bars_samples_and_what_differs(run: Command) -> None:
    """People see a line a day, the words marked; nothing of a stranger's text steers the terminal."""
    run.ok("subscriptions", "add", "All", "invasion OR sport")
    out = run.ok("subscriptions", "backtest", "invasion", "--days", "7", "--against", "All").out
    assert "2 alerts in 7 days, from 2 articles" in out
    assert out.count("█" * 40) == 1
    assert "by source: The War 1, World news 1" in out
    assert "They said the «invasion» began today." in out
    assert "All would have rung 3 times: 0 gained, 1 lost" in out
    assert "\x1b" not in out
    assert "\n  20" in out
    nothing = run.ok("subscriptions", "backtest", "earthquake").out
    assert nothing == "0 alerts in 30 days, from 0 articles\n"
    assert "\x1b[1minvasion\x1b[0m" in run("subscriptions", "backtest", "invasion", out=Terminal()).out


def test_backtest_as_json_is_one_object(run: Command) -> None:
    """Programs get every count and whole samples."""
    (found,) = run.ok("subscriptions", "backtest", "invasion", "--days", "2", "--json").lines
    assert (found["alerts"], found["articles"], len(found["days"]), found["against"]) == (2, 2, 3, None)
    assert found["samples"][0]["matches"][0]["text"] == "invasion"


def test_backtest_of_a_saved_query_and_wrong_uses(run: Command) -> None:
    """--against alone tests what is saved; a wrong query or name is one line."""
    run.ok("subscriptions", "add", "All", "invasion OR sport")
    assert "3 alerts" in run.ok("subscriptions", "backtest", "--against", "All").out
    assert "name a query" in run.refused("subscriptions", "backtest")
    assert "position 10" in run.refused("subscriptions", "backtest", "invasion OR")
    assert "did you mean 'All'" in run.refused("subscriptions", "backtest", "war", "--against", "Al")


def test_explain_says_which_clause_is_missing(run: Command) -> None:
    """A stored article by its address, or any text."""
    query = 'war AND "invasion* sanction"~3'
    out = run.ok("subscriptions", "explain", query, "--url", f"{URL}?n=0&utm_source=x").out
    assert "yes   war" in out
    assert "no    invasion* within 3 of sanction" in out
    assert "it does not ring: lacks invasion* within 3 of sanction (sanction nowhere)" in out
    assert (
        "it rings" in run.ok("subscriptions", "explain", "krieg", "--text", "Kriege", "--language", "de").out
    )
    assert (
        "it rings"
        in run.ok("subscriptions", "explain", "title:a", "--text", "-", "--title", "A", stdin="b").out
    )


def test_explain_as_json_and_wrong_uses(run: Command) -> None:
    """The clause tree is one object; an unknown article says what to do."""
    run.ok("subscriptions", "add", "Saved", "invasion NOT war")
    url = f"{URL}?n=0"
    (found,) = run.ok("subscriptions", "explain", "--name", "Saved", "--url", url, "--json").lines
    assert (found["met"], found["nearest"]) == (False, "has war, which is excluded")
    assert [part["met"] for part in found["clause"]["parts"]] == [True, False]
    assert found["article"]["url"] == url
    by_id = ("--url", str(found["article"]["id"]))
    assert "it rings" in run.ok("subscriptions", "explain", "invasion", *by_id).out
    assert "no article is stored" in run.refused(
        "subscriptions", "explain", "a", "--url", "https://x.example/"
    )
    assert "either --url" in run.refused("subscriptions", "explain", "a")
    assert "QUERY or --name" in run.refused("subscriptions", "explain", "--text", "x")


def test_a_query_that_begins_with_a_dash_is_shown_its_place(run: Command) -> None:
    """The shell's words cannot tell it from an option, so the refusal says how to."""
    for command in (["articles", "search"], ["subscriptions", "lint"], ["subscriptions", "backtest"]):
        assert "after --, as in -- '-a b'" in run.refused(*command, "-sport invasion")
    assert "after --" not in run.refused("articles", "list", "-sport")
    assert len(run.ok("articles", "search", "--json", "--", "-sport invasion").lines) == 2


def test_what_is_no_text_is_refused_in_one_line(run: Command) -> None:
    """Bytes that are not UTF-8, and a standard input that is closed."""
    for args in (
        ["lint", "--name", "a\udcff"],
        ["add", "a", "war\udcff"],
        ["explain", "a", "--text", "\udcff"],
    ):
        assert "not UTF-8" in run.refused("subscriptions", *args)
    asked = ["subscriptions", "explain", "war", "--text", "-"]
    assert "standard input is closed" in run.refused(*asked, stdin=None)
    for args in (asked, ["channels", "add", "phone", "-"]):
        broken = io.TextIOWrapper(io.BytesIO(b"\xff"), "utf-8")
        assert "not UTF-8" in run.refused(*args, stdin=broken)
