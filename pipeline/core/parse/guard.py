"""What must not reach the XML feed parser, taken out of a document's text.

The parser raises on references to surrogates and falls back to guessing on control
characters; tags, authors and dates cost it time that grows with the square of their
number or length.
"""

from __future__ import annotations

import re

from pipeline.core.errors import DocumentError

MAX_ENTRY_TAGS = 1_000
MAX_FIELD_CHARS = 500

_SHORT = 4_000  # a document in which no field can be long enough to matter
_FIELD_WORK = 20_000_000  # the sum of the squares of field lengths that takes the parser 0.2 s

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]+")
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,8})|0*([0-9]{1,9}))(?![0-9a-fA-F]);?")
_OVERLONG = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{10,});?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)
_TAGGING = ("category", "subject", "keywords")
_FIELD = re.compile(
    r"<((?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|contributor|email|name|keywords|tags"
    r"|pubdate|date|published|updated|issued|modified|created|lastbuilddate|expirationdate))\b[^<>]*>",
    re.IGNORECASE,
)


def guarded(text: str) -> str:
    """The document's text, harmless to parse.

    Raises DocumentError ``item-too-large`` when an entry has more tags than any
    reader could want.
    """
    text = _ILLEGAL.sub("", text)
    if "<rss:item" in text and "xmlns:rss" not in text:  # a prefix that nobody declared
        text = text.replace("<rss:", "<").replace("</rss:", "</")
    if "&#" in text:
        text = _mended_references(text)
    if sum(map(text.count, _TAGGING)) > MAX_ENTRY_TAGS:
        _refuse_many_tags(text)
    return _without_long_fields(text)


def _mended_references(text: str) -> str:
    """Pairs of references to surrogates become the character they meant, lone ones U+FFFD."""
    text = _REFERENCE.sub(_mended, _OVERLONG.sub("\ufffd", text))
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _mended(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    if 0xD800 <= code < 0xE000:
        return chr(code)
    if code > 0x10FFFF or code in (0xFFFE, 0xFFFF):
        return "\ufffd"
    return "" if code < 32 and code not in (9, 10, 13) else match[0]


def _refuse_many_tags(text: str) -> None:
    for entry in _ENTRY.split(text):
        if sum(map(entry.count, _TAGGING)) > MAX_ENTRY_TAGS * 2:
            raise DocumentError("item-too-large", f"An entry has more than {MAX_ENTRY_TAGS} tags.")


def _without_long_fields(text: str) -> str:
    """Fields that hold a name or a date emptied where they are longer than any name or date."""
    if len(text) <= _SHORT:
        return text
    pieces = []
    done = work = 0
    for match in _FIELD.finditer(text):
        end = text.find(f"</{match[1]}", match.end())
        if end == -1:
            break
        if match.start() < done or match[0].endswith("/>") or _ENTRY_END.search(text, match.end(), end):
            continue
        length = end - match.end()
        work += length * length
        if length > MAX_FIELD_CHARS or work > _FIELD_WORK:
            pieces.append(text[done : match.end()])
            done = end
    return "".join(pieces) + text[done:] if pieces else text
