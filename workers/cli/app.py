"""The command: its groups, and what becomes of errors.

Exit codes: 0 done, 1 failed, 2 wrong usage.  Whatever is expected to go wrong
is one line on stderr that says what to do.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.main import get_command

from pipeline.core.errors import ConfigError, TocsinError, UsageError
from workers.cli import (
    alerts,
    articles,
    backtest,
    backup,
    channels,
    configuration,
    deadletters,
    deliveries,
    explain,
    feeds,
    lint,
    output,
    processes,
    replay,
    resend,
    status,
    subscriptions,
    trace,
    tune,
)

# Plain help: drawing it with rich costs half a second.
app = typer.Typer(
    name="tocsin",
    help="An alarm bell for the news: polls feeds, matches subscriptions, rings once per story.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
processes.register(app)
app.command("status")(status.status)
app.command("trace")(trace.trace)
app.command("replay")(replay.replay)
subscriptions.app.command("lint")(lint.lint)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(feeds.app, name="feeds")
app.add_typer(subscriptions.app, name="subscriptions")
subscriptions.app.command("backtest")(backtest.backtest)
subscriptions.app.command("explain")(explain.explain)
subscriptions.app.command("tune")(tune.tune)
app.add_typer(channels.app, name="channels")
app.add_typer(alerts.app, name="alerts")
alerts.app.command("resend")(resend.resend)
app.add_typer(articles.app, name="articles")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(configuration.app, name="config")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without some letters shows their numbers
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has what it wanted
        _let_go_of_output()
        return 0
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            raise
        _let_go_of_output()
        output.fail("no room is left where this writes to: make some, and try again")
        return 1
    return code


def _let_go_of_output() -> None:
    """What is buffered goes nowhere, so that closing does not raise again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str]) -> int:
    command = get_command(app)
    code = 0
    try:
        _refuse_broken(arguments)
        # Not command.main: it makes a failure of a reader that went away.
        with command.make_context("./run", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as exc:
        code = exc.exit_code
    except typer.TyperException as exc:  # a wrong option, argument or command
        code = _wrong_usage(exc)
    except (typer.Abort, EOFError, KeyboardInterrupt):
        output.fail("stopped")
        code = 1
    except TocsinError as exc:
        for fault in exc.faults if isinstance(exc, ConfigError) else [exc]:
            output.fail(fault)
        code = 2 if isinstance(exc, UsageError) else 1
    return code


def _asks_for_a_query(command: Any) -> bool:  # noqa: ANN401  # as typer has it
    return any(one.name == "query" and one.param_type_name == "argument" for one in command.params)


def _refuse_broken(arguments: Sequence[str]) -> None:
    """Bytes that are not UTF-8 arrive as halves of characters, which no database takes."""
    for number, argument in enumerate(arguments, 1):
        if any("\ud800" <= char <= "\udfff" for char in argument):
            raise UsageError(f"argument {number} is not UTF-8: {argument}")


def _wrong_usage(exc: typer.TyperException) -> int:
    context = getattr(exc, "ctx", None)
    message = exc.format_message() if hasattr(exc, "format_message") else str(exc)
    if context is not None and type(exc).__name__ == "NoArgsIsHelpError":
        print(message)
        return 2 if context.parent else 0  # no arguments at all is how one asks what there is
    hint = f" (see `{context.command_path} --help`)" if context is not None else ""
    if type(exc).__name__ == "NoSuchOption" and context is not None and _asks_for_a_query(context.command):
        hint = f"; a query that begins with - stands last, after --, as in -- '-a b'{hint}"
    output.fail(f"{message}{hint}")
    return int(getattr(exc, "exit_code", 2))
