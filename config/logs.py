"""Logging: pretty on a terminal, JSON otherwise, on stderr; UTC; secrets masked.

Events are short names with key-values (``log.info("poll.done", feed=7)``).  What
RQ, APScheduler, aiohttp and others log through the standard library takes the
same way.  Configure before an RQ worker is made: RQ gives its loggers handlers
of their own when it finds none, and those are taken from it only here.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from functools import partial
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.addresses import MASK
from config.settings import Settings, secrets

#: Libraries that tell at these levels what our own lines say better, or what is no operator's business.
QUIET = {
    "aiohttp": logging.WARNING,
    "alembic": logging.WARNING,
    "apprise": logging.WARNING,
    # A tick that takes longer than its interval, as under load, is a warning to it ten times a second.
    "apscheduler": logging.ERROR,
    "asyncio": logging.WARNING,
    "htmldate": logging.CRITICAL,
    "rq": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "trafilatura": logging.CRITICAL,
    "urllib3": logging.WARNING,
    "waitress": logging.WARNING,
    "werkzeug": logging.WARNING,
}

_SECRET_KEY = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/\s@\"']+@")
_PARAMETER = re.compile(
    r"(?i)([?&][a-z0-9_.-]*(?:pass|secret|token|key|auth|signature|credential)[a-z0-9_.-]*=)[^&\s\"']+"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class Mask:
    """Masks secrets, and makes control characters visible, in whatever is logged.

    ``known`` are the texts to mask wherever they stand.  Besides them, values
    under a telling name, credentials in URLs and secret parameters are masked.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Mask one event, as a structlog processor."""
        return {
            key: self.of(value) if key != "exception" else self.text(value, lines=True)
            for key, value in ((key, self._by_name(key, value)) for key, value in event.items())
        }

    def of(self, value: Any) -> Any:  # noqa: ANN401  # a log line may carry anything
        """``value`` masked, inside lists and mappings too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.of(self._by_name(str(key), item)) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.of(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str, *, lines: bool = False) -> str:
        """``text`` masked; on one line unless ``lines``."""
        text = _USERINFO.sub(f"{MASK}@", text)
        text = _PARAMETER.sub(rf"\1{MASK}", text)
        if self._known is not None:
            text = self._known.sub(MASK, text)
        if not lines:
            text = text.replace("\n", "\\n").replace("\t", " ")
        return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)

    @staticmethod
    def _by_name(name: str, value: Any) -> Any:  # noqa: ANN401  # a log line may carry anything
        return MASK if isinstance(value, str) and value and _SECRET_KEY.search(name) else value


def configure(settings: Settings, *, name: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to ``stream`` (stderr), each line with the process's ``name``.

    May be called again: the last call holds.
    """
    out = stream or sys.stderr
    pretty = settings.log_format == "pretty" or (settings.log_format == "auto" and out.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level]
    common = _common(name, pretty=pretty)
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.addFilter(partial(_worth_telling, debug=level == logging.DEBUG))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, structlog.stdlib.ExtraAdder(allow=())],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                Mask(secrets(settings)),
                *_last(pretty=pretty, colours=out.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    _bring_back()
    logging.captureWarnings(capture=True)


def _bring_back() -> None:
    """Take from RQ's loggers the handlers and levels that it made for itself."""
    for name, logger in logging.Logger.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.partition(".")[0] == "rq":
            logger.setLevel(logging.NOTSET)
            logger.handlers.clear()
            logger.propagate = True


def _worth_telling(record: logging.LogRecord, *, debug: bool) -> bool:
    """Judged here and not by the loggers' levels, since RQ sets those of its own when a worker starts."""
    floor = QUIET.get(record.name.partition(".")[0], logging.NOTSET)
    return record.levelno >= (min(floor, logging.INFO) if debug else floor)


def _common(name: str, *, pretty: bool) -> list[Processor]:
    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("process", name)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%SZ" if pretty else "iso", utc=True, key="at"),
        stamp,
    ]


def _last(*, pretty: bool, colours: bool) -> list[Processor]:
    if not pretty:
        return [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [
        _unsigned,
        structlog.dev.ConsoleRenderer(
            colors=colours,
            timestamp_key="at",
            pad_event_to=20,
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


def _in_order(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """When, how grave and what come first, for eyes that read JSON."""
    first = ("at", "level", "process", "event")
    return {**{key: event[key] for key in first if key in event}, **event}


def _unsigned(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """On a terminal our own logger's name says nothing; the process's name stands in its place."""
    if event.get("logger") == "tocsin":
        event["logger"] = event.pop("process", "tocsin")
    else:
        event.pop("process", None)
    return event
