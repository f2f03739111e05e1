"""What a command works with: the settings, an open database, secrets that were asked for."""

from __future__ import annotations

import difflib
import getpass
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipeline.core.addresses import Allow
from pipeline.core.errors import ConfigError, NotFoundError, UsageError
from workers.cli import output

if TYPE_CHECKING:
    from config.settings import Settings
    from pipeline.store.engine import Store
    from workers.context import Context


def settings(**given: str | None) -> Settings:
    """The effective options; ``given`` are environment names that the command line overrides.

    Raises:
        ConfigError: with every fault.

    """
    from config import settings as options

    chosen = options.load(
        {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    )
    _check_allowed(chosen)
    return chosen


def _check_allowed(chosen: Settings) -> None:
    faults = []
    for name, text in (
        ("TOCSIN_FETCH_ALLOW", chosen.fetch_allow),
        ("TOCSIN_CHANNEL_ALLOW", chosen.channel_allow),
    ):
        try:
            Allow.parse(text)
        except ConfigError as exc:
            faults += [f"{name}: {fault}" for fault in exc.faults]
    if faults:
        raise ConfigError(faults)


def now() -> datetime:
    """Now, aware, UTC."""
    return datetime.now(UTC)


@contextmanager
def store(chosen: Settings | None = None) -> Iterator[Store]:
    """The database, opened and brought up to date.

    Raises:
        ServiceError: it cannot be reached, or the data folder cannot be made.

    """
    from pipeline.store import engine

    chosen = chosen or settings()
    chosen.make_home()
    opened = engine.open(chosen.database_url)
    try:
        _bring_up_to_date(opened)
        yield opened
    finally:
        opened.close()


@contextmanager
def context(name: str) -> Iterator[Context]:
    """The whole context, for the few commands that need more than the store; logs go to stderr.

    Raises:
        ServiceError: the database cannot be reached.

    """
    from workers.context import open_context

    with open_context(_quietly(settings()), name=name) as opened:
        _bring_up_to_date(opened.store)
        yield opened


def log_as(chosen: Settings, name: str) -> None:
    """Send the logs of a process called ``name`` where the settings want them."""
    from config import logs

    logs.configure(chosen, name=name)


def _quietly(chosen: Settings) -> Settings:
    """The settings, with logs on stderr and only what matters in them: a command tells the rest itself."""
    quiet = chosen.model_copy(update={"log_level": "WARNING"}) if chosen.log_level == "INFO" else chosen
    log_as(quiet, "tocsin")
    return chosen


def _bring_up_to_date(opened: Store) -> None:
    if not opened.is_current():
        opened.migrate()
        output.note("tocsin: the database was brought up to date")


def unknown(kind: str, name: str, known: Iterable[str]) -> NotFoundError:
    """The error that there is no ``name``, with the nearest known names."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return NotFoundError(f"no {kind} {name!r}; did you mean {' or '.join(map(repr, near))}?")
    return NotFoundError(
        f"no {kind} {name!r}; `./run {kind}s list` shows them"
        if names
        else f"no {kind} {name!r}: there is none yet"
    )


def secret(what: str, file: Path | None = None) -> str:
    """A secret from a file, from the terminal without an echo, or from a line of standard input.

    Raises:
        UsageError: it is empty, or the file cannot be read.

    """
    if file is not None:
        text = read(file)
    elif sys.stdin is not None and sys.stdin.isatty():
        text = getpass.getpass(f"{what}: ")
    else:
        text = typed(lambda stdin: stdin.readline())
    text = text.strip("\r\n")
    if not text.strip():
        raise UsageError(
            f"no {what.lower()} was given; type it when asked, or put it in a line of standard input"
        )
    return text


def typed(read: Callable[[TextIO], str]) -> str:
    """What ``read`` takes from standard input.

    Raises:
        UsageError: it is closed, or no text.

    """
    if sys.stdin is None:
        raise UsageError("standard input is closed: nothing can be read from it")
    try:
        return read(sys.stdin)
    except UnicodeDecodeError as exc:
        raise UsageError("standard input is not UTF-8") from exc


def read(file: Path) -> str:
    """The text of a file.

    Raises:
        UsageError: it cannot be read.

    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise UsageError(f"cannot read {file}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"cannot read {file}: it is not UTF-8 text") from exc
