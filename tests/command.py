"""The command line, run in this process as a user would run it."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import structlog

from workers.cli.app import main

#: What stands on standard input; None where it is closed.
Input = str | io.TextIOWrapper | None


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Command:
    """``./run`` on a data folder and a database; ``env`` is all that it sees besides."""

    def __init__(self, home: Path, database_url: str, **env: str) -> None:
        self.env = {
            "HOME": str(home),
            "TOCSIN_HOME": str(home / "data"),
            "DATABASE_URL": database_url,
            "LOG_FORMAT": "json",
            **env,
        }

    def __call__(self, *args: str, stdin: Input = "", out: io.StringIO | None = None) -> Done:
        out, err = out or io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.env, clear=True),
            mock.patch("sys.stdin", io.StringIO(stdin) if isinstance(stdin, str) else stdin),
            redirect_stdout(out),
            redirect_stderr(err),
            logs_as_they_were(),
        ):
            code = main(args)
        return Done(code, out.getvalue(), err.getvalue())

    def ok(self, *args: str, stdin: Input = "") -> Done:
        """Run a command that must succeed."""
        done = self(*args, stdin=stdin)
        assert done.code == 0, done.err
        return done

    def refused(self, *args: str, stdin: Input = "", code: int = 2) -> str:
        """Run a command that must fail with one line on stderr and nothing on stdout; return that line."""
        done = self(*args, stdin=stdin)
        assert (done.code, done.out) == (code, "")
        line = done.err.removesuffix("\n")
        assert line.startswith("tocsin: ")
        assert "\n" not in line
        return line


@contextmanager
def logs_as_they_were() -> Iterator[None]:
    """Commands set up the logs of their process; this one is the tests'."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configured: Mapping[str, Any] = structlog.get_config()
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.configure(**configured)
