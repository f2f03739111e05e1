"""``./run trace`` on both databases."""

from __future__ import annotations

from pathlib import Path

from pipeline.store.engine import Store
from tests.command import Command
from tests.seed import seed


def test_trace_for_people_and_programs(tmp_path: Path, database_url: str, store: Store) -> None:
    """A line for each stage, the answer last; as JSON one object; nothing of a stranger's steers the terminal."""
    seeded = seed(store, titles=("An \x1b[31minvasion", "Older news"))
    run = Command(tmp_path, database_url)
    out = run.ok("trace", "https://news.example/a?n=0&utm_source=x").out.splitlines()
    assert [line.split()[0] for line in out] == [
        "address",
        "poll",
        "item",
        "article",
        "page",
        "story",
        "event",
        "subscription",
        "=>",
    ]
    assert "desk given up after attempt 1" in out[-1]
    assert "\x1b" not in "".join(out)
    (row,) = run.ok("trace", str(seeded.articles[0]), "--json").lines
    assert (row["fate"], row["article"]["id"]) == ("dead", seeded.articles[0])
    (told,) = row["subscriptions"]
    assert (told["subscription"], told["fate"], told["words"]) == ("War", "dead", ["invasion"])
    (delivery,) = told["alerts"][0]["deliveries"]
    assert (delivery["id"], delivery["state"], delivery["attempts"]) == (seeded.delivery, "dead", 1)


def test_trace_of_what_is_unknown(tmp_path: Path, database_url: str, store: Store) -> None:
    """An address that nobody serves has an answer; a subscription that does not exist is an error."""
    seed(store)
    run = Command(tmp_path, database_url)
    assert "no feed of its site is polled" in run.ok("trace", "https://nobody.example/\x00x").out
    assert "did you mean 'War'" in run.refused("trace", "x", "--subscription", "Wur")
    assert "there is no article 999" in run.refused("trace", "999")
