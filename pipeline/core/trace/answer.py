"""The form of an answer: a line for each stage, and one word for how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What one stage says."""

    stage: str  # address, feed, poll, item, article, page, story, event, subscription
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one subscription was told; ``fate`` is one word of ours for it, ``text`` the reason."""

    subscription: str
    fate: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The answer: ``fate`` in a word, ``answer`` in a sentence, ``lines`` stage by stage."""

    fate: str
    answer: str
    lines: tuple[Line, ...]
    told: tuple[Told, ...]


def moment(when: datetime) -> str:
    """A moment as the lines have it."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def count(number: int, one: str, many: str = "") -> str:
    """So many of them."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a row, not all where there are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
