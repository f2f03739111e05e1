"""The line around a match."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s")
_AROUND = 80  # code points on either side


def context_of(text: str, start: int, end: int) -> str:
    """One line around ``text[start:end]``: up to 80 code points on either side, cut between words.

    Where there are no spaces to cut at (Chinese), the cut is made in the run.
    """
    first = max(0, start - _AROUND)
    last = min(len(text), end + _AROUND)
    window = text[first:last]
    if not window.isprintable():
        window = _SPACE.sub(" ", window)
    # A cut may leave part of a word at either end; it goes, unless it runs into the match.
    if _within_word(text, first):
        window = window[max(0, window.find(" ", 0, start - first)) :]
    if _within_word(text, last):
        space = window.rfind(" ", len(window) - (last - end))
        window = window if space < 0 else window[:space]
    line = window.strip() if "  " not in window else " ".join(window.split())
    return f"{'… ' if first else ''}{line}{' …' if last < len(text) else ''}"


def _within_word(text: str, cut: int) -> bool:
    return 0 < cut < len(text) and not (text[cut - 1].isspace() or text[cut].isspace())
