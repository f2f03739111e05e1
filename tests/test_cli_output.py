"""What commands print, whatever strangers wrote."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import pytest

from tests.command import Command, Terminal, logs_as_they_were
from workers.cli import output, table
from workers.cli.app import main
from workers.cli.output import Column

ROOT = Path(__file__).resolve().parent.parent
NASTY = "[bold red]x[/] \x1b]0;owned\x07\u202egnp \x9b31m"
COLUMNS = (
    Column("id", "id", "right"),
    Column("title", "title", wide=True),
    Column("url", "url", wide=True, spare=True),
)


def _run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _command(folder: Path, **env: str) -> Command:
    return Command(folder, f"sqlite:///{folder / 'tocsin.sqlite3'}", **env)


def _table(width: int, rows: list[dict[str, object]]) -> list[str]:
    out = Terminal()
    with mock.patch("sys.stdout", out), mock.patch.dict(os.environ, {"COLUMNS": str(width), "TERM": "dumb"}):
        table.show(rows, COLUMNS)
    return out.getvalue().splitlines()


def test_json_lines_hold_text_unchanged_and_nothing_a_terminal_would_obey() -> None:
    """JSON escapes every control and direction mark, and gives the text back as it was."""
    line = output.dump({"title": NASTY, "place": "Київ"})
    assert json.loads(line) == {"title": NASTY, "place": "Київ"}
    assert line.isprintable()
    assert "Київ" in line


def test_printable_text_has_no_controls() -> None:
    """What people read is one printable line."""
    assert output.printable(f"  {NASTY}\nnext\x00").isprintable()


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_table_fits_the_terminal_and_takes_no_markup(width: int) -> None:
    """No line is wider than the terminal, ids are whole, and markup is text."""
    lines = _table(
        width, [{"id": 1234567, "title": NASTY + "世界" * 60, "url": "https://example.org/" + "x" * 300}]
    )
    from rich.cells import cell_len

    assert all(cell_len(line) <= width for line in lines)
    assert "1234567" in lines[1]
    assert "[bold" in lines[1]
    assert "\x1b]" not in lines[1]
    assert ("url" in lines[0]) is (width >= 40)


def test_table_shows_all_where_there_is_no_terminal() -> None:
    """Output that goes to a file or a pipe is not cut to a width of 80."""
    out = io.StringIO()
    with mock.patch("sys.stdout", out):
        table.show([{"id": 1, "title": "t" * 150, "url": "u" * 150}], COLUMNS)
    assert "t" * 150 in out.getvalue()
    assert "u" * 150 in out.getvalue()


def test_help_imports_nothing_slow() -> None:
    """Help is quick: no database, extraction or channel library is imported for it."""
    script = (
        "import sys; from workers.cli.app import main; main(['feeds', 'add', '--help']);"
        "slow = {'sqlalchemy', 'trafilatura', 'apprise', 'rich', 'flask', 'redis', 'aiohttp'};"
        "sys.exit(sorted(slow & set(sys.modules)) or 0)"
    )
    done = _run("-c", script)
    assert done.returncode == 0, done.stderr
    assert "--every" in done.stdout


def test_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """A list cut off by `head` ends in silence; one for which there is no room says so."""
    home = str(tmp_path)
    lines = "".join(f'<outline type="rss" text="{i}" xmlUrl="https://example.org/{i}"/>' for i in range(2000))
    (tmp_path / "many.opml").write_text(f'<opml version="2.0"><head/><body>{lines}</body></opml>')
    done = _run(
        "-m", "workers.cli", "feeds", "import", str(tmp_path / "many.opml"), TOCSIN_HOME=home, HOME=home
    )
    assert done.stdout == "2000 feeds added, 0 there already\n", done.stderr
    command = f"{sys.executable} -m workers.cli feeds list --json"
    done = _shell(f"{command} | head -n 1; exit ${{PIPESTATUS[0]}}", home)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["url"] == "https://example.org/0"
    done = _shell(f"{command} > /dev/full", home)
    assert done.returncode == 1
    assert done.stderr.startswith("tocsin: no room is left"), done.stderr
    assert done.stderr.count("\n") == 1


def _shell(line: str, home: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TOCSIN_HOME": home, "HOME": home},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_letters_that_a_terminal_lacks_are_numbers(tmp_path: Path) -> None:
    """No title of a feed stops a command where the locale is an old one."""
    run = Command(tmp_path, f"sqlite:///{tmp_path}/a.db")
    run.ok("feeds", "add", "https://a.example/", "--title", "Café Новости")
    out = io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-1")
    with mock.patch.dict(os.environ, run.env, clear=True), redirect_stdout(out), logs_as_they_were():
        assert main(["feeds", "show", "1"]) == 0
    assert "Café \\u041d" in out.buffer.getvalue().decode("iso-8859-1")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["fed"], "Did you mean 'feeds'"),
        (["feeds", "lst"], "Did you mean 'list'"),
        (["feeds", "add"], "Missing argument 'URL'"),
        (["feeds", "add", "https://x.example/", "--evry", "60"], "--every"),
        (["feeds", "add", "https://x.example/", "--every", "14"], "15"),
        (["deliveries", "list", "--state", "lost"], "pending"),
        (["alerts", "show", "0"], "1"),
        (["status", "--limit", "x"], "--limit"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_do(tmp_path: Path, args: list[str], said: str) -> None:
    """Wrong commands, options and values exit 2 with one line."""
    assert said in _command(tmp_path).refused(*args)


def test_no_arguments_show_what_there_is(tmp_path: Path) -> None:
    """The bare command prints the help and is no failure."""
    done = _command(tmp_path)()
    assert (done.code, done.err) == (0, "")
    assert "subscriptions" in done.out


def test_every_wrong_option_of_the_environment_is_told(tmp_path: Path) -> None:
    """Settings that are wrong are told one by one, without a traceback."""
    done = _command(tmp_path, PORT="many", TOCSIN_LEASE_S="-1")("feeds", "list")
    assert done.code == 2
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["tocsin", "tocsin"]
    assert "PORT" in done.err
    assert "TOCSIN_LEASE_S" in done.err


def test_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """A database that cannot be reached exits 1 and says so."""
    url = f"postgresql://nobody@/none?host={tmp_path}"
    assert "database" in Command(tmp_path, url).refused("feeds", "list", code=1)


def test_config_show_masks_secrets(tmp_path: Path) -> None:
    """The effective options are shown, their secrets are not."""
    command = Command(
        tmp_path,
        "postgresql://me:hunter22@db.example/news",
        SECRET_KEY="signing-key",
        TOCSIN_PASSWORD="open-sesame",
        REDIS_URL="redis://:hunter23@redis.example/0",
    )
    shown = command.ok("config", "show").out
    assert "db.example/news" in shown
    assert not [word for word in ("hunter", "signing-key", "open-sesame") if word in shown]
    assert command.ok("config", "show", "--json").lines[0]["PORT"] == "8000"
