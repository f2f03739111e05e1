"""The line around a match."""

from __future__ import annotations

import re

_AROUND = 80  # code points on either side
_CUT_START = re.compile(r"\A\S+(?=\s)")
_CUT_END = re.compile(r"(?<=\s)\S+\Z")


def context_of(text: str, start: int, end: int) -> str:
    """One line around ``text[start:end]``: up to 80 code points on either side, cut between words.

    Where there are no spaces to cut at (Chinese), the cut is made in the run.
    """
    first = max(0, start - _AROUND)
    last = min(len(text), end + _AROUND)
    before, after = text[first:start], text[end:last]
    if first and not text[first - 1].isspace():
        before = _CUT_START.sub("", before)
    if last < len(text) and not text[last].isspace():
        after = _CUT_END.sub("", after)
    line = " ".join(f"{before}{text[start:end]}{after}".split())
    return f"{'… ' if first else ''}{line}{' …' if last < len(text) else ''}"
