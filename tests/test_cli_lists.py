"""``./run feeds import | export``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from config import opml
from pipeline.store import feeds
from pipeline.store.engine import Store
from tests.command import Command, Terminal
from tests.seed import NOW
from tests.sites import Reply, Site, redirect
from workers.cli import progress

URL = "https://news.example/feed.xml"
LIST = (
    '<opml version="2.0"><head/><body><outline text="World">'
    f'<outline type="rss" text="A" xmlUrl="{URL}"/>'
    '<outline type="rss" text="B" xmlUrl="https://b.example/" htmlUrl="https://b.test" interval="60"/>'
    '<outline type="rss" text="C" xmlUrl="gopher://c.example/"/></outline></body></opml>'
)


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Command:
    """The command line on a migrated, empty database; sites of this machine may be reached."""
    return Command(tmp_path, database_url, TOCSIN_FETCH_ALLOW="127.0.0.1")


@pytest.fixture
def lone(tmp_path: Path) -> Command:
    """The command line on a database that is still to be made; no site of this machine may be reached."""
    return Command(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite3'}")


def listed(run: Command) -> list[tuple[Any, ...]]:
    """What feeds are like, in the order of their addresses."""
    names = ("url", "title", "tags", "interval_s", "full_text")
    return sorted(tuple(row[name] for name in names) for row in run.ok("feeds", "list", "--json").lines)


def test_import_adds_what_is_new_and_says_what_was_skipped(
    run: Command, store: Store, tmp_path: Path
) -> None:
    """A list is imported once, folders become tags, and every other line is told with its reason."""
    file = tmp_path / "list.opml"
    file.write_text(LIST)
    run.ok("feeds", "add", "http://www.news.example/feed.xml", "--tag", "mine")
    done = run.ok("feeds", "import", str(file))
    assert done.out == "1 feed added, 1 there already (1 with more tags now)\n"
    assert done.err == 'list.opml, line 1, "C": not an http or https address: gopher://c.example/\n'
    first, second = run.ok("feeds", "list", "--json").lines
    assert (first["title"], first["tags"]) == ("", ["mine", "World"])
    assert (second["title"], second["tags"], second["interval_s"]) == ("B", ["World"], 60)
    with store.begin() as tx:
        due = feeds.claim(tx, now=NOW.replace(year=2100), limit=9, lease_s=60)
    assert len(due) == 2
    assert run.ok("feeds", "import", str(file)).out == "0 feeds added, 2 there already\n"


def test_a_declared_feed_keeps_the_tags_of_its_file(run: Command, store: Store, tmp_path: Path) -> None:
    """The file would take them away again at the next start; so it is said at once."""
    store.write(lambda tx: feeds.add(tx, url=URL, interval_s=300, managed=True, now=NOW))
    done = run.ok("feeds", "import", "-", stdin=io.TextIOWrapper(io.BytesIO(LIST.encode())))
    assert f"feeds.opml declares {URL} and sets its tags" in done.err
    assert run.ok("feeds", "show", URL, "--json").lines[0]["tags"] == []


def test_what_was_exported_is_imported_as_it_was(run: Command, store: Store, tmp_path: Path) -> None:
    """Titles, tags, intervals and full text come back; passwords and headers are not in the list."""
    run.ok("feeds", "add", URL, "--title", 'A "b" & <c>', "--tag", "News/World, late", "--tag", "x")
    run.ok(
        "feeds",
        "add",
        URL + "?a=1&b=2",
        "--every",
        "60",
        "--full-text",
        "never",
        "--auth",
        "bob",
        stdin="s3\n",
    )
    run.ok("feeds", "add", "https://third.example/", "--header", "X-Key", stdin="s4\n")
    run.ok("feeds", "add", "https://gone.example/")
    run.ok("feeds", "remove", "https://gone.example/")
    before = listed(run)
    file = tmp_path / "out.opml"
    done = run.ok("feeds", "export", str(file))
    assert done.out == f"3 feeds written to {file}\n"
    assert "these feeds have some: " in done.err
    text = file.read_text()
    assert not [secret for secret in ("bob", "s3", "s4", "X-Key", "gone.example") if secret in text]
    for row in run.ok("feeds", "list", "--json").lines:
        run.ok("feeds", "remove", str(row["id"]))
    run.ok("feeds", "import", str(file))
    assert listed(run) == before


def test_export_prints_the_list_and_chooses_by_tag(lone: Command, tmp_path: Path) -> None:
    """Standard output has nothing but the list, so that it can be piped on."""
    lone.ok("feeds", "add", URL, "--tag", "a")
    lone.ok("feeds", "add", URL + "2", "--tag", "b")
    assert [feed.url for feed in opml.read(lone.ok("feeds", "export", "--tag", "b").out.encode()).feeds] == [
        URL + "2"
    ]
    assert len(opml.read(lone.ok("feeds", "export", "-").out.encode()).feeds) == 2
    assert "no feed has the tag 'c'" in lone.refused("feeds", "export", "--tag", "c")
    assert "cannot write" in lone.refused("feeds", "export", "/nowhere/at/all.opml")
    assert "cannot write" in lone.refused("feeds", "export", "x" * 300)
    for folder in (".", "/", str(tmp_path)):
        assert "it is a folder" in lone.refused("feeds", "export", folder)
    assert not tmp_path.with_name(f"{tmp_path.name}.part").exists()


class Western(io.StringIO):
    """Standard output of a machine whose language is written in Latin-1."""

    encoding = "iso-8859-1"


def test_a_printed_list_is_the_same_in_every_encoding(lone: Command) -> None:
    """It says that it is UTF-8, and so is what a terminal of another encoding gets."""
    lone.ok("feeds", "add", URL, "--title", "Nœuds é Новости")
    printed = lone("feeds", "export", out=Western()).out.encode("iso-8859-1")
    assert [feed.title for feed in opml.read(printed).feeds] == ["Nœuds é Новости"]


def test_a_list_is_fetched_by_its_address(tmp_path: Path, site: Site) -> None:
    """From the web as from a file; a page, an error and an answer cut short bring nothing."""
    run = Command(tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}", TOCSIN_FETCH_ALLOW="127.0.0.1")
    site.answer("/l.opml", redirect("/real.opml"))
    site.answer("/real.opml", Reply(body=LIST.encode()))
    assert run.ok("feeds", "import", site.url("/l.opml")).out == "2 feeds added, 0 there already\n"
    site.answer("/page", Reply(body=b"<html><body/></html>"))
    assert "not an OPML file: it starts with <html>" in run.refused("feeds", "import", site.url("/page"))
    assert "answered 404" in run.refused("feeds", "import", site.url("/none"), code=1)
    site.answer("/cut", Reply(body=LIST.encode(), cut=len(LIST) - 10))
    assert "cut short" in run.refused("feeds", "import", site.url("/cut"), code=1)


def test_no_list_is_fetched_from_a_special_address(lone: Command, site: Site) -> None:
    """Neither directly nor by a redirect, unless the operator allows it; credentials do not go in a URL."""
    site.answer("/l.opml", Reply(body=LIST.encode()))
    assert "special address" in lone.refused("feeds", "import", site.url("/l.opml"), code=1)
    assert site.requests == []
    lone.env["TOCSIN_FETCH_ALLOW"] = "127.0.0.1"
    site.answer("/away", redirect("http://10.0.0.1/l.opml"))
    assert "10.0.0.1 is a special address" in lone.refused("feeds", "import", site.url("/away"), code=1)
    refused = lone.refused("feeds", "import", site.url("/l.opml", user="ada:geheim"))
    assert "credentials do not belong in a URL" in refused
    assert "geheim" not in refused


def test_import_of_what_is_no_list_is_refused(lone: Command, tmp_path: Path) -> None:
    """A file that is missing, cut short or empty of feeds adds nothing."""
    assert "cannot read" in lone.refused("feeds", "import", str(tmp_path / "none.opml"))
    (tmp_path / "cut.opml").write_text('<opml version="2.0"><body><outline')
    assert "OPML" in lone.refused("feeds", "import", str(tmp_path / "cut.opml"))
    (tmp_path / "empty.opml").write_text('<opml version="2.0"><body/></opml>')
    assert "names no feed" in lone.refused("feeds", "import", str(tmp_path / "empty.opml"))
    assert "standard input is closed" in lone("feeds", "import", "-", stdin=None).err


def test_a_bar_shows_how_far_it_is_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody looks on, there is none."""
    terminal = Terminal()
    with mock.patch("sys.stderr", terminal), progress.bar("adding feeds", 4) as told:
        told(2)
    assert "adding feeds" in terminal.getvalue()
    with progress.bar("adding feeds", 4) as told:
        told(2)
    assert capsys.readouterr().err == ""
