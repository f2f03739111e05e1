"""Cutting text into tokens, by one regular expression over the original text.

A token is a run of letters, digits and the marks and invisible characters
inside it; an apostrophe belongs to the token it follows.  Scripts without
spaces (Chinese, Japanese, Korean, Thai and their kin) give one token a
character, so that a word is found as a sequence wherever it stands.

Tokens and separators alternate: ``text == "".join(split(text))``, so offsets
are sums of lengths and need no map from folded to original text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Scripts written without spaces, or (Korean) with particles glued on.
_UNSPACED = (
    "\u0e01-\u0eff\u0f40-\u0fbc\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3031-\u3035\u3038-\u303c\u3041-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
)
# Soft hyphen, joiners, direction marks: invisible, and part of the word they stand in.
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
APOSTROPHES = "'\u2019\uff07"
HYPHENS = ("-", "\u2010", "\u2011")


def plain(token: str) -> str:
    """The token in composed letters, without invisible characters: what a dictionary can know."""
    if token.isascii():
        return token
    return unicodedata.normalize("NFKC", re.sub(f"[{_INVISIBLE}]", "", token))


def trim(token: str) -> str:
    """The token without the apostrophes and invisible characters at its end."""
    last = token[-1:]
    if last.isascii() and last != "'":
        return token
    return re.sub(f"[{_INVISIBLE}{APOSTROPHES}]+\\Z", "", token)


def dense(token: str) -> bool:
    """Whether the token is of a script without spaces, where one token is one character."""
    return not token.isascii() and _dense_pattern().match(token) is not None


def split(text: str) -> list[str]:
    """Separators at even places, tokens at odd ones; joined they are the text."""
    return _token_pattern().split(text)


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order."""
    return _token_pattern().findall(text)


@cache
def _token_pattern() -> re.Pattern[str]:
    # Character classes stay inside the basic plane: the regex engine tests those by table,
    # and any class that reaches beyond range by range (measured: 10 times slower).
    unspaced = _dense_pattern()
    plane = [chr(code) for code in range(0x10000)]
    letters = _ranges([c for c in plane if c.isalnum() and not unspaced.match(c)])
    marks = _ranges([c for c in plane if unicodedata.category(c)[0] == "M"])
    return re.compile(
        f"([{letters}][{letters}{marks}{_INVISIBLE}{APOSTROPHES}]*"
        f"|[{_UNSPACED}][{marks}\uff9e\uff9f]*"  # with the voicing marks of half-width katakana
        "|[\U0001d400-\U0001d7ff]+"  # letters in mathematical dress
        "|[\U00010000-\U0001cfff\U0001e000-\U0001efff\U00020000-\U000323af])"
    )


@cache
def _dense_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}\U00020000-\U000323af]")


def _ranges(chars: list[str]) -> str:
    """Ascending characters as the inside of a character class."""
    runs: list[list[str]] = []
    for char in chars:
        if runs and ord(char) == ord(runs[-1][1]) + 1:
            runs[-1][1] = char
        else:
            runs.append([char, char])
    return "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in runs)
