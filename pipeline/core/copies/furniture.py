"""What a house puts around a text: agency tags, datelines, invitations to read on."""

from __future__ import annotations

import re

_AGENCY = (
    "AP|AFP|AFP-JIJI|Reuters|UPI|dpa|dpa-AFX|PA|PA Media|ANI|PTI|IANS|TASS|EFE|ANSA|Xinhua|Kyodo|KYODO|JIJI"
    "|Yonhap|CNN|BBC|Bloomberg|AAP|NZME|Canadian Press|The Canadian Press|Associated Press"
    "|The Associated Press|Thomson Reuters|Interfax|UNIAN|Ukrinform|Anadolu|AA|Europa Press|SITA|PAP|ČTK"
    "|Belga|Agencies|USATODAY\\.com|SPACE\\.com|washingtonpost\\.com|Forbes\\.com|MacCentral|NewsFactor"
)
_DASH = r"(?:--?|[–—:|])"
_DATE = r"(?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2}\.? [A-Z][a-z]{2,8}\.?)(?:,? \d{4})?"
_PLACE = r"[A-ZÀ-Þ][\w .,'’/-]{1,50}?"
_NAME = r"[A-Z][\w.'’-]*"
_BYLINE = re.compile(rf"\s*By {_NAME}(?:(?:,? and |, | ){_NAME}){{0,9}}(?:\n|\s{{2,}})")
_DATELINE = re.compile(
    rf"\s*(?:(?:{_PLACE}\s*)?(?:,\s*{_DATE}\s*)?\(\s*(?:{_AGENCY})\s*\)\s*(?:{_DASH}\s*)?"
    rf"|(?:{_AGENCY})\s*{_DASH}\s+"
    rf"|[A-ZÀ-Þ]{{3,}}(?:[ '’-][A-ZÀ-Þ.]+){{0,5}}(?:, [\w. ]{{2,25}})?\s*{_DASH}\s+)"
)
_TITLE_TAG = re.compile(
    rf"\s*(?:\(\s*(?:{_AGENCY})\s*\)|{_DASH}\s+(?:{_AGENCY})(?: News)?)\s*$", re.IGNORECASE
)
_CUT = re.compile(r"[\w’'-]*\s*[\[(]?\s*(?:…|\.\.\.)\s*[\])]?\s*$")
_ENDS = ("…", "...", "…]", "...]", "…)", "...)", "… ]", "... ]")
_READ_ON = (
    "read more", "read the full", "read full", "read on", "continue reading", "click here",
    "view entire", "full story", "reporting by", "additional reporting", "sign up to",
    "sign up for", "subscribe to", "subscribe now", "follow us on", "this article first",
    "this story first", "this article was", "this story was", "all rights reserved", "copyright",
    "©", "(c) ", "weiterlesen", "lire la suite", "leer más", "seguir leyendo", "czytaj więcej",
    "continua a leggere", "читать далее", "читати далі",
)  # fmt: skip
_THE_POST = re.compile(r"\s*the post .{1,150} (?:appeared first on|first appeared on) .{1,60}$", re.DOTALL)
#: Furniture stands within so many code points of the beginning, and of the end.
_HEAD, _TAIL = 160, 250


def unfurnished(text: str, *, limit: int) -> str:
    """The first ``limit`` code points, without what stands before the first sentence and after the last."""
    start = _end(_BYLINE, text)
    start += _end(_DATELINE, text[start : start + _HEAD])
    if len(text) > start + limit:
        return text[start : start + limit]
    return _unended(text[start:])


def _unended(text: str) -> str:
    at = max(len(text) // 2, len(text) - _TAIL)
    tail = text[at:].lower()
    if len(tail) == len(text) - at:  # as it is for all but a few letters
        ends = [found for cue in _READ_ON if (found := tail.find(cue)) >= 0 and _begins(tail, found)]
        if "first" in tail and (post := _THE_POST.search(tail)):
            ends.append(post.start())
        if ends:
            text = text[: at + min(ends)].rstrip("[( \n")
    if text.rstrip().endswith(_ENDS):
        at = max(0, len(text) - _HEAD)
        text = text[:at] + _CUT.sub("", text[at:])
    return text


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins there: what merely speaks of subscribing is no furniture."""
    before = text[:at].rstrip("[( \n")
    return bool(before) and (text[at - 1] == "\n" or not (before[-1].isalnum() or before[-1] in ",;:’'-"))


def headline(title: str) -> str:
    """The title without the name of who tells it."""
    return _TITLE_TAG.sub("", title)


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text[:_HEAD])
    return found.end() if found else 0
