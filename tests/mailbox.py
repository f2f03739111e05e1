"""A real mail server on this machine that keeps what it is given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Mailbox(socketserver.ThreadingTCPServer):
    """The server; addresses in ``refused`` get nothing."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Postman)
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.port = self.server_address[1]

    def url(self, *to: str) -> str:
        """The channel's URL that sends to ``to`` through this server."""
        return f"mailto://me:sesame@mail.example:{self.port}?smtp=127.0.0.1&mode=insecure&to={','.join(to)}"


class Postman(socketserver.StreamRequestHandler):
    """Just enough SMTP."""

    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            match line.split()[0].upper():
                case b"EHLO":
                    self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
                case b"AUTH":
                    self.wfile.write(b"235 welcome\r\n")
                case b"RCPT" if any(f"<{one}>".encode() in line for one in self.server.refused):
                    self.wfile.write(b"550 nobody here\r\n")
                case b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
                    self.wfile.write(b"250 taken\r\n")
                case b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                case _:
                    self.wfile.write(b"250 well\r\n")


@contextmanager
def running() -> Iterator[Mailbox]:
    """A mail server for the block."""
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
