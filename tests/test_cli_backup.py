"""``./run backup`` and ``./run restore``."""

from __future__ import annotations

from pathlib import Path

from pipeline.store.engine import Store
from tests.command import Command
from tests.seed import seed


def test_all_that_is_kept_goes_to_a_file_and_comes_back_elsewhere(
    tmp_path: Path, database_url: str, store: Store
) -> None:
    """A file that exists is replaced only when told; a database that holds something is not written to."""
    seed(store)
    run = Command(tmp_path, database_url)
    file = str(tmp_path / "night.backup")
    assert run.ok("backup", file).out.startswith(f"{file}: ")
    assert "exists; name another file" in run.refused("backup", file)
    run.ok("backup", file, "--force")
    assert "File name too long" in run.refused("backup", "x" * 300)
    other = Command(tmp_path, f"sqlite:///{tmp_path / 'other.sqlite3'}")
    assert "rows of 20" in other.ok("restore", file).out
    for command in ("feeds", "articles", "alerts", "deliveries"):
        assert other.ok(command, "list", "--json").lines == run.ok(command, "list", "--json").lines
    assert other.ok("deliveries", "list", "--json").lines
    assert "has feeds already" in other.refused("restore", file)
    assert "is no backup" in other.refused("restore", str(tmp_path / "other.sqlite3"))
