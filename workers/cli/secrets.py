"""Credentials of a feed: asked for, or read from a file.

Never an argument: those are seen by every user of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.core.errors import UsageError
from workers.cli import session

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Headers that say how a request travels; they are the fetcher's.
_OURS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade"}
)


def basic(user: str | None, password_file: Path | None) -> tuple[str, str] | None:
    """Basic credentials; the password is asked for unless a file holds it.

    Raises:
        UsageError: the user name holds a password, or no password was given.

    """
    if user is None:
        if password_file is not None:
            raise UsageError("--password-file goes with --auth USER")
        return None
    if ":" in user:
        raise UsageError(
            "--auth takes the user name only; the password is asked for, or read from --password-file"
        )
    return user, session.secret("Password", password_file)


def headers(names: Sequence[str], files: Sequence[Path]) -> dict[str, str]:
    """Headers that were named, with their values asked for, and those of ``Name: value`` files.

    Raises:
        UsageError: a name or value cannot stand in a header.

    """
    found: dict[str, str] = {}
    for file in files:
        for line in session.read(file).splitlines():
            name, colon, value = line.partition(":")
            if line.strip() and not colon:
                raise UsageError(f"{file}: each line is `Name: value`")
            if line.strip():
                found[_name(name.strip())] = _value(value.strip())
    for name in names:
        if ":" in name or " " in name:
            raise UsageError(
                "--header takes the header's name only, and its value is asked for;"
                " or use --header-file with lines of `Name: value`"
            )
        found[_name(name)] = _value(session.secret(f"Value of {name}").strip())
    return found


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no header name")
    if name.lower() in _OURS:
        raise UsageError(f"the header {name} is set by the fetcher itself")
    return name


def _value(value: str) -> str:
    if not value or any(character < " " or character == "\x7f" for character in value):
        raise UsageError("a header's value is one line of text")
    return value
