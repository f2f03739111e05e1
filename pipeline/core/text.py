"""Plain text and safe HTML from what strangers wrote.

Three forms of text: *plain* (no markup, one line per paragraph, single spaces),
*clean* (HTML of a few harmless tags), and *tidy* (plain already; only its hygiene
is seen to).  All are in NFC and free of NUL, lone surrogates, control characters
and characters that only steer the display (zero-width spaces, soft hyphens,
bidirectional overrides).
"""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import unescape
from itertools import accumulate

import nh3
from selectolax.lexbor import LexborHTMLParser

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]+"
)
_PARAGRAPH = "\u2029"  # stands for a break while HTML is parsed; not otherwise met in HTML
_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|header|hr|img|li|main|nav|ol|p|pre|section|summary"
    r"|table|tbody|td|tfoot|th|thead|tr|ul)[\s/>])",
    re.IGNORECASE,
)
_SILENT = ["script", "style", "noscript", "template", "iframe", "object", "svg", "math", "title"]
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")
_FLAT_TAGS = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param source td th tr wbr".split()
)
# HTML parsers take time that grows with the square of the depth, and of the attributes of a tag.
_DEEP = 500
_FEW_TAGS = 3_000
_MOST_ATTRIBUTES = 1_000
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_WHOLE_TAG = re.compile(rf"</?[a-zA-Z][^\s/>]*+((?:[\s/]*+{_ATTRIBUTE})*+)")
_NORMALIZED_AT_ONCE = 512  # the time of NFC grows with the square of a run of combining marks

_UNSEEN = "\u200b"
# Where a reader's program would begin a link, a mention, a tag or a command.
_LIVE = re.compile(
    r"(?<=[@#$~])(?=\S)|(?<=<)(?=[!@#&])|(?<=:)(?=//)|(?<=\w)(?=\.[^\W\d_]{2})|(?<=^/)(?=\w)|(?<=\s/)(?=\w)",
    re.MULTILINE,
)

_KEPT_TAGS = frozenset(
    "a abbr b blockquote br caption cite code dd del dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i"
    " ins li mark ol p pre q s small strong sub sup table tbody td tfoot th thead tr u ul".split()
)
_DROPPED_WITH_CONTENT = frozenset(
    "script style noscript template iframe object svg math title textarea select".split()
)


def tidy(text: str) -> str:
    """Plain text in good order: unwanted characters gone, NFC, single spaces, no empty lines."""
    text = _nfc(_UNWANTED.sub("", text))
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def line(text: str) -> str:
    """Tidy text on one line: no line break is left, so that it fits a subject or header."""
    return " ".join(tidy(text).split())


def plain(html: str) -> str:
    """The text that a reader of the HTML sees: a line for each paragraph, tidy.

    Words that inline markup divides stay whole; blocks, breaks and table cells
    divide.  Scripts, styles, frames and drawings say nothing.
    """
    if "<" not in html:
        return tidy(unescape(html) if "&" in html else html)
    if _is_deep(html) or crowded(html):
        return tidy(unescape(_ANY_TAG.sub(" ", html)))
    marked = _BLOCK.sub(_PARAGRAPH + "<", html)
    try:
        parser = LexborHTMLParser(marked)
    except UnicodeEncodeError:  # lone surrogates, which no native parser takes
        parser = LexborHTMLParser(_UNWANTED.sub("", marked))
    parser.strip_tags(_SILENT)
    text = _nfc(_UNWANTED.sub("", parser.text()))
    parts = (" ".join(part.split()) for part in text.split(_PARAGRAPH))
    return "\n".join(part for part in parts if part)


def clean(html: str, base_url: str) -> str:
    """The HTML with harmless tags only, relative links resolved against ``base_url``.

    Links lead to http(s) and mail addresses, open without an opener and are not
    endorsed.  Images go: they tell strangers who reads.  HTML nested so deep, or with
    so many attributes, as nobody writes comes back as escaped text.
    """
    if "<" not in html and "&" not in html:
        return nh3.clean_text(html) if html else ""
    if _is_deep(html) or crowded(html):
        return nh3.clean_text(plain(html))
    try:
        return _cleaner(base_url).clean(html)
    except UnicodeEncodeError:  # lone surrogates, which no native parser takes
        return _cleaner(base_url).clean(_UNWANTED.sub("", html))


def crowded(html: str) -> bool:
    """Whether a tag has more attributes than anybody writes, so that parsers would be long over it."""
    least = 2 * _MOST_ATTRIBUTES  # characters that so many take
    return len(html) > least and any(
        len(tag[1]) > least and sum(1 for _ in _ATTRIBUTES.finditer(tag[1])) > _MOST_ATTRIBUTES
        for tag in _WHOLE_TAG.finditer(html)
    )


def utf16(text: str) -> int:
    """The length of the text as most chats count it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, limit: int) -> str:
    """The text in at most ``limit`` code points, cut at a space where one is near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    if space > limit - 40:
        cut = cut[:space]
    return cut.rstrip() + "…"


def defused(text: str) -> str:
    """The text looking as before, in which no program finds an address, a mention, a tag or a command.

    Chats and mail programs make links of addresses and call people by ``@``;
    a space without width in the right place leaves them nothing to find.
    """
    return _LIVE.sub(_UNSEEN, text)


def fit(lines: Sequence[str], limit: int, rest: str, *, size: Callable[[str], int] = utf16) -> str:
    """The lines, or the first of them and ``rest``, in at most ``limit``, as ``size`` measures it."""
    if sum(size(line) + 1 for line in lines) <= limit + 1:
        return "\n".join(lines)
    ends = accumulate((size(line) + 1 for line in lines), initial=size(rest))
    kept = list(lines[: bisect_right(list(ends), limit) - 1])
    while kept and not kept[-1]:
        kept.pop()
    return "\n".join([*kept, rest])


@lru_cache(maxsize=256)
def _cleaner(base_url: str) -> nh3.Cleaner:
    try:
        return _new_cleaner(base_url)
    except ValueError:  # no base to resolve against
        return _new_cleaner("")


def _new_cleaner(base_url: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_KEPT_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto"},
        url_relative=("rewrite_with_base", base_url) if base_url else "deny",
        link_rel="noopener noreferrer nofollow",
    )


def _is_deep(html: str) -> bool:
    if html.count("<") <= _FEW_TAGS:
        return False
    steps = (-1 if slash else 1 for slash, name in _TAG.findall(html) if name.lower() not in _FLAT_TAGS)
    return max(accumulate(steps), default=0) > _DEEP


def _nfc(text: str) -> str:
    if text.isascii():
        return text
    if len(text) <= _NORMALIZED_AT_ONCE:
        return unicodedata.normalize("NFC", text)
    pieces = []
    start = 0
    while start < len(text):
        end = start + _NORMALIZED_AT_ONCE
        space = text.rfind(" ", start + 1, end) if end < len(text) else -1
        pieces.append(unicodedata.normalize("NFC", text[start : space if space > 0 else end]))
        start = space if space > 0 else end
    return "".join(pieces)
