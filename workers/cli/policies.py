"""The options that say a subscription's policy, one for each of its keys."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer


def _option(kind: Any, metavar: str | None, help_: str, *names: str) -> Any:  # noqa: ANN401 - typing's forms
    return Annotated[kind, typer.Option(*names, metavar=metavar, help=help_)]


_TEXT = str | None
_OPTIONS = {
    "mode": _option(
        _TEXT, "every|story|digest", "Ring for every article, once a story, or in digests.", "--policy"
    ),
    "digest": _option(_TEXT, "CRON", "When digests come, as in '0 8 * * 1-5'.", "--digest"),
    "time_zone": _option(_TEXT, "ZONE", "Whose clock it is, as in Europe/Berlin; else UTC.", "--time-zone"),
    "cooldown": _option(_TEXT, "TIME", "Hold others for so long after an alert, as in 15m.", "--cooldown"),
    "rate": _option(_TEXT, "N/TIME", "Send so many messages in a time, as in 10/h.", "--rate"),
    "quiet": _option(_TEXT, "FROM-TO", "Hold what comes then, as in 22:00-07:00.", "--quiet"),
    "priority": _option(
        _TEXT, "urgent|normal|low", "Urgent waits for nothing, low for the digest.", "--priority"
    ),
    "follow_ups": _option(
        _TEXT, "each|TIME", "Tell each story that follows, or gather them, as in 1h.", "--follow-ups"
    ),
    "min_sources": _option(
        int | None, "N", "Ring when so many independent sources tell the news.", "--min-sources"
    ),
    "escalate": _option(
        _TEXT, "CHANNEL", "Where an urgent alert goes that nobody acknowledges.", "--escalate"
    ),
    "escalate_after": _option(_TEXT, "TIME", "After how long, as in 15m.", "--escalate-after"),
    "updates": _option(bool | None, None, "Tell of material changes too.", "--updates/--no-updates"),
    "spikes": _option(bool | None, None, "Tell when far more comes than usual.", "--spikes/--no-spikes"),
}


def options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options; it gets those that were given as ``policy``, by their keys."""

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - whatever the command takes
        said = {key: given.pop(key, None) for key in _OPTIONS}
        command(**given, policy={key: value for key, value in said.items() if value is not None})

    hints = get_type_hints(command, include_extras=True)
    own = [
        one.replace(annotation=hints[one.name])
        for one in inspect.signature(command).parameters.values()
        if one.name != "policy"
    ]
    more = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for key, kind in _OPTIONS.items()
    ]
    run.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*own, *more)}
    return run
