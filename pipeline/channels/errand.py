"""The guard for libraries that bring their own client: an audit hook on what a sending thread connects to.

Only threads that run an :class:`Errand` are judged; the connections of the rest
of the process (database, Redis) are none of its business.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import sys
import threading
from functools import cache
from typing import Any

from pipeline.core.addresses import Allow

_LINES = 20  # of the library's complaints that are kept
_local = threading.local()


class Errand:
    """One message under way in one thread: what it may reach, what it reached, what was complained of."""

    def __init__(self, allow: Allow, trusted: frozenset[str] = frozenset()) -> None:
        """``trusted`` hosts may be reached wherever they are: the operator's proxies."""
        self._allow = allow
        self._trusted = trusted
        self._host = ""  # the name looked up last: what the next connection is for
        self._over = False
        self._connections: list[socket.socket] = []
        self.refused = ""  # the last address that was refused
        self.complaints: list[str] = []

    def __enter__(self) -> None:
        _install()
        _local.errand = self

    def __exit__(self, *_: object) -> None:
        _local.errand = None
        self._over = True
        for connection in self._connections:
            connection.close()

    def abort(self) -> None:
        """Cut every connection and allow no more: a message given up on must not arrive later."""
        self._over = True
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def looks_up(self, host: object) -> None:
        """Note the name that the next connection is for."""
        self._host = host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")

    def connects(self, connection: socket.socket, address: object) -> None:
        """Let the connection pass, or raise an OSError as the network would."""
        ip = str(address[0]) if isinstance(address, tuple) else str(address)
        if self._over:
            raise OSError(errno.ECONNABORTED, "the time for this message is over")
        if self._host not in self._trusted and not self._allow.permits(ip, self._host):
            self.refused = ip
            raise PermissionError(errno.EACCES, f"{ip} is a special address")
        self._connections.append(connection.dup())  # TLS takes the original away

    def complains(self, text: str) -> None:
        """Keep what the library says went wrong."""
        if len(self.complaints) < _LINES:
            self.complaints.append(text)


class _Complaints(logging.Handler):
    """Hands a library's log records to the errand of the thread that wrote them."""

    def emit(self, record: logging.LogRecord) -> None:
        errand = getattr(_local, "errand", None)
        if errand is not None:
            errand.complains(record.getMessage())


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    errand = getattr(_local, "errand", None)
    if errand is None:
        return
    if event == "socket.getaddrinfo":
        errand.looks_up(args[0])
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and args[1] is not None:
        errand.connects(args[0], args[1])


@cache
def _install() -> None:
    """Once for the life of the process: audit hooks cannot be taken out again."""
    logger = logging.getLogger("apprise")
    logger.addHandler(_Complaints(logging.WARNING))
    logger.propagate = False  # what matters becomes the delivery's error, without secrets
    sys.addaudithook(_audit)
