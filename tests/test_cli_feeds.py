"""``./run feeds`` on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store import feeds, wary
from pipeline.store.engine import Store
from tests import stock
from tests.command import Command
from tests.seed import NOW

FIELDS = {
    "id",
    "url",
    "title",
    "state",
    "interval_s",
    "next_poll_at",
    "last_polled_at",
    "last_success_at",
    "failures",
    "last_error",
    "articles",
}
URL = "https://news.example/feed.xml"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Command:
    """The command line on a migrated, empty database."""
    return Command(tmp_path, database_url)


def _add(run: Command, *args: str, stdin: str = "") -> str:
    """Add a feed; its id."""
    return str(run.ok("feeds", "add", *args, "--json", stdin=stdin).lines[0]["id"])


def test_fresh_data_folder_is_made_ready_by_the_first_command(tmp_path: Path) -> None:
    """Without any set-up a command finds a database, and says so in one line beside its output."""
    run = Command(tmp_path, f"sqlite:///{tmp_path / 'data' / 'tocsin.sqlite3'}")
    done = run.ok("feeds", "list", "--json")
    assert done.out == ""
    assert done.err == "tocsin: the database was brought up to date\n"
    assert run.ok("feeds", "list").err == "no feeds yet; add one with `./run feeds add URL`\n"


def test_added_feed_is_listed_with_every_field(run: Command) -> None:
    """A feed is added active and due, and JSON Lines name its fields as documented."""
    added = run.ok("feeds", "add", URL, "--title", "Desk", "--tag", "world", "--tag", "war", "--json").lines[
        0
    ]
    (listed,) = run.ok("feeds", "list", "--json").lines
    assert listed == added
    assert listed.keys() >= FIELDS
    assert (listed["url"], listed["title"], listed["state"]) == (URL, "Desk", "active")
    assert (listed["interval_s"], listed["full_text"], listed["tags"]) == (300, "auto", ["world", "war"])
    assert listed["next_poll_at"].endswith("Z")
    assert listed["rhythm"] == "every 300 s: its rhythm is not known yet"
    assert run.ok("feeds", "list", "--failing", "--silent").err == "no such feeds\n"


def test_feed_is_found_by_id_url_and_title(run: Command) -> None:
    """Whatever names a feed alone finds it; unknown names tell the nearest."""
    id_ = _add(run, URL, "--title", "World desk")
    for ref in (id_, URL, "World desk"):
        (shown,) = run.ok("feeds", "show", ref, "--json").lines
        assert shown["url"] == URL
    assert "did you mean 'World desk'" in run.refused("feeds", "show", "World deks")
    assert "no feed '99999999999999999999'" in run.refused("feeds", "remove", "99999999999999999999")


def test_the_same_url_is_refused_twice(run: Command) -> None:
    """A feed exists once; after its removal it can be added again."""
    run.ok("feeds", "add", URL)
    assert "already" in run.refused("feeds", "add", URL)
    run.ok("feeds", "remove", URL)
    run.ok("feeds", "add", URL)
    assert len(run.ok("feeds", "list", "--json").lines) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("news.example/feed", "https://news.example/feed"),
        ("ftp://news.example/feed", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://u:hunter2@news.example/", "--auth"),
        ("https://news.example/a b", "no spaces"),
        ("https://[news.example/", "cannot be understood"),
        ("https://news.example:99999/", "cannot be understood"),
        ("https://news.example/" + "x" * 3000, "2048"),
    ],
)
def test_url_that_cannot_be_polled_is_refused(tmp_path: Path, url: str, said: str) -> None:
    """A wrong address is refused with what to do, and credentials in it are not repeated."""
    line = Command(tmp_path, f"sqlite:///{tmp_path / 'db'}").refused("feeds", "add", url)
    assert said in line
    assert "hunter2" not in line


def test_credentials_come_from_stdin_or_files_and_are_never_shown(
    run: Command, store: Store, tmp_path: Path
) -> None:
    """Passwords and header values reach the feed, and no command prints them."""
    run.ok("feeds", "add", URL, "--auth", "bob", "--header", "X-Key", stdin="pass word\nkey-1\n")
    (tmp_path / "h").write_text("Cookie: a=1\n\nX-Other: two words\n")
    (tmp_path / "p").write_text("from-file\n")
    second_id = _add(run, URL + "2", "--auth", "eve", "--password-file", str(tmp_path / "p"))
    run.ok("feeds", "edit", second_id, "--header-file", str(tmp_path / "h"))
    with store.begin() as tx:
        first, second = sorted(
            feeds.claim(tx, now=NOW.replace(year=2100), limit=9, lease_s=60), key=lambda f: f.id
        )
    assert (first.auth, first.headers) == (("bob", "pass word"), (("X-Key", "key-1"),))
    assert second.auth == ("eve", "from-file")
    assert second.headers == (("Cookie", "a=1"), ("X-Other", "two words"))
    shown = run.ok("feeds", "list", "--json").out + run.ok("feeds", "show", second_id).out
    assert not [secret for secret in ("pass word", "key-1", "from-file", "a=1") if secret in shown]
    assert "X-Other" in shown


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        (["--header", "X-Key: hunter2"], "", "--header-file"),
        (["--auth", "bob:hunter2"], "", "user name only"),
        (["--auth", "bob"], "", "no password was given"),
        (["--password-file", "x"], "", "--auth"),
        (["--header", "Host"], "hunter2\n", "fetcher"),
        (["--header-file", "nowhere"], "", "cannot read nowhere"),
    ],
)
def test_wrong_credentials_are_refused_unrepeated(
    tmp_path: Path, args: list[str], stdin: str, said: str
) -> None:
    """Secrets given by argument are refused, and no refusal repeats one."""
    command = Command(tmp_path, f"sqlite:///{tmp_path / 'db'}")
    line = command.refused("feeds", "add", URL, *args, stdin=stdin)
    assert said in line
    assert "hunter2" not in line


def test_feed_is_edited_paused_resumed_and_polled(run: Command) -> None:
    """Only what is named changes; a paused feed is not polled, a resumed one is."""
    id_ = _add(run, URL, "--title", "Desk", "--tag", "a")
    run.ok("feeds", "edit", id_, "--every", "60", "--full-text", "never")
    (row,) = run.ok("feeds", "list", "--json").lines
    assert (row["interval_s"], row["full_text"], row["title"], row["tags"]) == (60, "never", "Desk", ["a"])
    assert "nothing to change" in run.refused("feeds", "edit", id_)
    run.ok("feeds", "pause", id_)
    assert "resume" in run.refused("feeds", "poll", id_)
    assert run.ok("feeds", "poll").out == "0 feeds due now\n"
    run.ok("feeds", "resume", id_)
    assert run.ok("feeds", "poll", id_).out == "1 feed due now\n"
    assert "own rhythm" in run.ok("feeds", "edit", id_, "--no-every").out
    run.ok("feeds", "edit", id_, "--no-tags")
    assert run.ok("feeds", "show", id_, "--json").lines[0]["tags"] == []


def test_a_flood_in_quarantine_is_shown_and_released(run: Command, store: Store) -> None:
    """The warning names the command; the command says what it did, and the warning is over."""
    feed = _add(run, URL)
    store.write(lambda tx: wary.keep_apart(tx, int(feed), [], why="they are old", now=stock.T0))
    (warned,) = run.ok("feeds", "show", feed, "--json").lines[0]["warnings"]
    assert (warned["word"], f"./run feeds release {feed}" in warned["text"]) == ("quarantine", True)
    assert run.ok("feeds", "release", feed).out == "0 articles released, 0 alerts made\n"
    assert run.ok("feeds", "release", feed, "--keep").out == "0 articles left as old news\n"
    shown = run.ok("feeds", "show", feed, "--json").lines[0]
    assert (shown["warnings"], shown["gaps"]) == ([], 0)
