"""The logs: one form, in UTC, without secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from config.logs import Mask, configure
from config.settings import load

ENV = {"HOME": "/home/ada", "DATABASE_URL": "postgres://u:hunter22@h/db", "SECRET_KEY": "sesame99"}


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Leave the logging of the test run as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for name in ("rq", "rq.worker"):
        logging.getLogger(name).handlers.clear()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def logged(call: Any, **env: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    configure(load({**ENV, **env}), name="ingest", stream=out)
    call()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_where_no_terminal_reads() -> None:
    """Each line has its time in UTC, its level, its process and its values."""
    (line,) = logged(lambda: structlog.get_logger("tocsin").info("poll.done", feed=7, new=2))
    assert (line["event"], line["level"], line["process"], line["feed"], line["new"]) == (
        "poll.done",
        "info",
        "ingest",
        7,
        2,
    )
    assert datetime.fromisoformat(line["at"]).tzinfo == UTC
    assert list(line)[:4] == ["at", "level", "process", "event"]


def test_libraries_take_the_same_way() -> None:
    """What RQ or aiohttp log through the standard library comes out in the same form."""
    (line,) = logged(lambda: logging.getLogger("rq.worker").warning("lost %s", "redis"))
    assert (line["event"], line["logger"], line["process"]) == ("lost redis", "rq.worker", "ingest")


def test_a_library_that_went_its_own_way_is_brought_back() -> None:
    """RQ gives its logger a level, and a handler of its own where it met none when a worker was made."""
    own = io.StringIO()
    rq = logging.getLogger("rq.worker")
    rq.addHandler(logging.StreamHandler(own))
    rq.propagate = False
    rq.setLevel(logging.CRITICAL)
    (line,) = logged(lambda: rq.warning("lost %s", "redis"))
    assert (line["event"], own.getvalue()) == ("lost redis", "")


def test_what_a_room_of_ours_listens_to_is_left_alone() -> None:
    """The channels read what Apprise complains of, and that becomes the delivery's error."""
    heard: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    apprise = logging.getLogger("apprise")
    apprise.addHandler(listener)
    try:
        logged(lambda: apprise.warning("no such topic"))
    finally:
        apprise.removeHandler(listener)
    assert heard == ["no such topic"]


def test_the_chatter_of_libraries_is_left_out() -> None:
    """APScheduler tells of each tick, RQ of each job: our own lines say it better."""

    def chatter() -> None:
        logging.getLogger("apscheduler.executors.default").info("Running job")
        logging.getLogger("apscheduler.scheduler").warning("Execution of job skipped")
        rq = logging.getLogger("rq.worker")
        before = rq.level
        rq.setLevel(logging.INFO)  # as RQ itself does when a worker starts
        rq.info("Job OK")
        rq.setLevel(before)

    assert logged(chatter) == []


def test_the_level_is_obeyed() -> None:
    """Below the level nothing is written."""
    assert logged(lambda: structlog.get_logger("tocsin").info("quiet"), LOG_LEVEL="warning") == []


def test_a_terminal_gets_plain_lines() -> None:
    """The pretty form names event and values without braces, and no traceback of ours is lost."""
    out = io.StringIO()
    configure(load({**ENV, "LOG_FORMAT": "pretty"}), name="web", stream=out)
    structlog.get_logger("tocsin").error("page.failed", path="/", exc_info=ValueError("sesame99"))
    text = out.getvalue()
    assert "page.failed" in text
    assert "[web]" in text
    assert "ValueError: ***" in text


@pytest.mark.parametrize(
    "values",
    [
        {"url": "https://ada:hunter22@h/feed"},
        {"url": "https://h/feed?x=1&access_token=hunter22"},
        {"password": "hunter22"},
        {"header": {"Authorization": "Bearer hunter22"}},
        {"listed": ["redis://:hunter22@h/0"]},
        {"text": "the database said hunter22"},
    ],
    ids=["credentials", "parameter", "name", "nested name", "nested text", "known secret"],
)
def test_secrets_never_show(values: dict[str, Any]) -> None:
    """Credentials in addresses, secret parameters, telling names and known secrets are masked."""
    (line,) = logged(lambda: structlog.get_logger("tocsin").info("event", **values))
    assert "hunter22" not in json.dumps(line)
    assert "***" in json.dumps(line)


def test_a_secret_in_a_traceback_is_masked() -> None:
    """The text of an exception may hold the address that failed."""
    failure = ConnectionError("cannot reach postgres://u:hunter22@h/db")

    def fail() -> None:
        logging.getLogger("sqlalchemy.pool").error("no connection", exc_info=failure)

    (line,) = logged(fail)
    assert "ConnectionError" in line["exception"]
    assert "hunter22" not in line["exception"]


def test_text_of_strangers_cannot_forge_lines_or_colours() -> None:
    """Line breaks and escape sequences in a feed's title are made visible."""
    assert Mask().text("a\x1b[31mred\nforged: line\u2028x") == "a\\x1b[31mred\\nforged: line\\u2028x"


def test_configuring_again_replaces_what_was() -> None:
    """A second call does not double the lines."""
    first, second = io.StringIO(), io.StringIO()
    for out in (first, second):
        configure(load(ENV), name="web", stream=out)
    structlog.get_logger("tocsin").info("once")
    assert (first.getvalue(), len(second.getvalue().splitlines())) == ("", 1)
