"""What only one supervisor may have at a time: its data folder, the folders in it, and its port."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import reachable
from pipeline.core.errors import ServiceError

_ELSEWHERE = "set TOCSIN_HOME to a folder of yours"


def data_folder(folder: Path) -> None:
    """Make the data folder; one that exists keeps its owner and its permissions.

    Raises:
        ServiceError: it cannot be made, or nothing can be written to it.

    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise ServiceError(f"cannot make {folder}: {exc.strerror}; {_ELSEWHERE}") from exc
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ServiceError(f"cannot write to {folder}; {_ELSEWHERE}")


def private_folder(folder: Path) -> None:
    """Make ``folder`` for its owner alone: whoever reaches the socket in it can start our jobs.

    Raises:
        ServiceError: it cannot be made, or it is someone else's.

    """
    data_folder(folder)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise ServiceError(f"{folder} is not this user's own; move it away, or {_ELSEWHERE}")
    folder.chmod(0o700)


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the data folder; the kernel gives it free however this process ends.

    Raises:
        ServiceError: another supervisor holds it.

    """
    path = home / "up.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise ServiceError(
                f"another `up` (process {pid}) runs on {home}; stop it, or set TOCSIN_HOME to another folder"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def free_port(host: str, port: int) -> None:
    """Make sure that the web process can have its port.

    Raises:
        ServiceError: something listens there, or the host is none of this machine's.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as exc:
        raise ServiceError(
            f"the web cannot listen on {host} port {port}: {exc.strerror}; choose another PORT or HOST"
        ) from exc


def listens(host: str, port: int) -> bool:
    """Whether something takes connections there."""
    try:
        with socket.create_connection((reachable(host), port), timeout=0.2):
            return True
    except OSError:
        return False
