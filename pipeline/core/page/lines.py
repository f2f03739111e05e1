"""The lines of an article, without labels and without what stands around its sentences."""

from __future__ import annotations

import re

from pipeline.core.page.phrases import LABELS, LEADS
from pipeline.core.text import tidy, truncate

_TEXT_CHARS = 200_000
_EDGE = 3  # short lines at an edge that are no sentences; more than these are a list or a poem
_EDGE_CHARS = 60
_ENDS = tuple('.!?…。！？”“»」』"’)）:؟।։።')
_SIGN_OFF = re.compile(r"(?:-+\s*)?(?:ENDS?|END OF TEXT|###)\b", re.IGNORECASE)


def article_lines(text: str, title: str) -> str:
    """The paragraphs of ``text``, one to a line, without the title that heads them."""
    lines = [line for line in tidy(text).split("\n") if line and not _is_label(line)]
    while lines and lines[0] == title:
        lines = lines[1:]
    lines = lines[_edge(lines) :]
    lines = lines[: len(lines) - _edge(lines[::-1])]
    return truncate("\n".join(lines), _TEXT_CHARS)


def _is_label(line: str) -> bool:
    """Whether a line says of what stands around it: an advertisement, a hint to another article."""
    bare = line.casefold().strip(" :.-–—»›>*[]()|▼▶→")
    return bare in LABELS or (len(line) < 200 and bare.startswith(LEADS))


def _edge(lines: list[str]) -> int:
    """How many lines from the first one on are no sentences; 0 where they are too many to be an edge."""
    for count, line in enumerate(lines):
        if len(line) > _EDGE_CHARS or (line.endswith(_ENDS) and not _SIGN_OFF.match(line)):
            return count if count <= _EDGE else 0
    return 0
