"""Commands that cannot start say why in one line, before anything has begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Command


def _command(folder: Path, **env: str) -> Command:
    return Command(folder, f"sqlite:///{folder / 'tocsin.sqlite3'}", **env)


@pytest.mark.parametrize("name", ["status", "feeds list", "migrate", "scheduler", "ingest", "web"])
def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path, name: str) -> None:
    """Whatever is asked for, the line names the folder and the option."""
    place = tmp_path / "file"
    place.touch()
    line = _command(tmp_path, TOCSIN_HOME=str(place)).refused(*name.split(), code=1)
    assert line == f"tocsin: cannot make {place}: File exists; set TOCSIN_HOME to a folder of yours"


def test_a_worker_without_its_redis_ends_with_one_line(tmp_path: Path) -> None:
    """Its runner starts it again; no traceback of another library's is shown."""
    run = _command(tmp_path, REDIS_URL="redis://127.0.0.1:1/0", LOG_LEVEL="ERROR")
    assert run.refused("ingest", code=1).startswith("tocsin: Redis cannot be reached: ")


def test_a_host_that_is_none_is_told(tmp_path: Path) -> None:
    """The web process names what it cannot listen on."""
    run = _command(tmp_path, HOST="999.1.1.1", TOCSIN_PASSWORD="x" * 12, LOG_LEVEL="ERROR")
    assert run.refused("web", code=1) == (
        "tocsin: the web cannot listen on 999.1.1.1 port 8000: there is no such host;"
        " choose another HOST or PORT"
    )


@pytest.mark.parametrize("name", ["TOCSIN_FETCH_ALLOW", "TOCSIN_CHANNEL_ALLOW"])
def test_a_wrong_list_of_allowed_hosts_stops_every_command(tmp_path: Path, name: str) -> None:
    """It is found where it is read, not by the one process that uses it."""
    line = _command(tmp_path, **{name: "intranet, 10.0.0.0/99"}).refused("up")
    assert line.startswith(f"tocsin: {name}: '10.0.0.0/99' is neither ")
