"""What is refused before a query is read: limits, unbalanced marks, syntax that is not supported.

The parser would take some of these for words, and a query that silently means
something else is worse than one that is refused.
"""

from __future__ import annotations

import difflib
import re
from itertools import pairwise

from pipeline.core.errors import QueryError

LONGEST_QUERY = 10_000  # code points
DEEPEST = 50  # brackets within brackets
LARGEST_GAP = 100  # tokens between near words
# No text has them: databases refuse some, terminals obey others.
_CONTROL = re.compile(r"(?!\s)[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

#: What may stand before a colon; the last three say how, the others where.
FIELDS = (
    *("title", "summary", "body", "author", "url", "feed", "source", "tag", "lang"),
    *("case", "exact", "ordered"),
)

_PIECE = re.compile(r'"[^"]*"|["()]|[^\s"()]+')
_PARTS = re.compile(r"(?P<sign>[+-]?)(?P<fields>(?:[^:]*:)*)(?P<value>[^:]*)")
# What a word may not contain, and what to say. The first that stands leftmost is told.
_FAULTS = (
    (r"\^", "weights with ^ are not supported: an alert rings or it does not"),
    (r"[\[\]{}]", "ranges and square or curly brackets are not supported: use ( )"),
    (
        r"[\u201c\u201d\u201e\u201f\u00ab\u00bb]|\A[\u2018\u201a\u2039]",
        'curly quotes are not understood: use straight ones, "like this"',
    ),
    (r"\\", "the backslash has no meaning here: put special text into quotes"),
    (r"&&", "&& is not supported: write AND"),
    (r"\|\|", "|| is not supported: write OR"),
    (r"\A&\Z", "& is not supported: write AND"),
    (r"\|", "| is not supported: write OR, with spaces around it"),
    (r"\A!", "! is not supported: write NOT"),
    (r"\A[\u2013\u2014]", "a dash has no meaning here: write NOT to exclude a word, or quote the text"),
    (r"\A/", "regular expressions are not supported; put text that begins with / into quotes"),
    (r"\A[<>]", "comparisons are not supported; put text that begins with < or > into quotes"),
    (r"\A'", 'use double quotes for an exact phrase, "like this"'),
    (r"\A~", "~ stands right after a word (kyiv~1) or a closing quote, without a space"),
    (r"~(?!1?\Z)", "fuzzy words allow one edit: write ~1 at the end of the word"),
)
_FAULT = re.compile("|".join(f"({pattern})" for pattern, _ in _FAULTS))


def check(text: str) -> None:
    """Refuse what no reading of a query allows; raises QueryError at the first fault from the left."""
    if len(text) > LONGEST_QUERY:
        raise QueryError(
            f"a query may have {LONGEST_QUERY:,} characters, this one has {len(text):,}", LONGEST_QUERY
        )
    if not text.strip():
        raise QueryError("the query is empty", 0)
    if control := _CONTROL.search(text):
        raise QueryError("a control character stands here: leave it out", control.start())
    open_at: list[int] = []
    before: re.Match[str] | None = None
    pieces = list(_PIECE.finditer(text))
    for piece, after in pairwise((*pieces, None)):
        if piece is not None:
            _check_piece(piece, open_at, before, after)
        before = piece
    if open_at:
        raise QueryError("this bracket is never closed", open_at[-1])


def _check_piece(
    piece: re.Match[str], open_at: list[int], before: re.Match[str] | None, after: re.Match[str] | None
) -> None:
    value, at = piece[0], piece.start()
    touched = before is not None and before.end() == at
    if value == "(":
        open_at.append(at)
        if len(open_at) > DEEPEST:
            raise QueryError(f"brackets may be nested {DEEPEST} deep", at)
    elif value == ")":
        if not open_at:
            raise QueryError("this bracket closes nothing", at)
        open_at.pop()
    elif value == '"':
        raise QueryError("this quote is never closed", at)
    elif value.startswith('"'):
        if "\\" in value:
            raise QueryError("the backslash has no meaning in quotes", at + value.index("\\"))
    elif touched and before is not None and before[0][0] == '"' and value.startswith("~"):
        _check_gap(value, at)
    else:
        _check_word(value, at, leads=after is not None and after.start() == piece.end() and after[0] != ")")
    if touched and before is not None and not _may_touch(before[0], value):
        raise QueryError("a space is missing here", at)


def _may_touch(left: str, right: str) -> bool:
    if left == "(" or right == ")" or left in {"+", "-"}:
        return True
    if right.startswith("~"):
        return left.startswith('"')
    return left.endswith(":") and not left.startswith('"')


def _check_gap(value: str, at: int) -> None:
    """What follows a closing quote: ~ and a number of words."""
    if not re.fullmatch("~[0-9]+", value):
        raise QueryError('how near is a number of words right after ~, as in "troops border"~5', at)
    if int(value[1:]) > LARGEST_GAP:
        raise QueryError(f"near words may be {LARGEST_GAP} words apart", at)


def _check_word(value: str, at: int, *, leads: bool) -> None:
    """A word with its sign and fields; ``leads``: a bracket or quote follows without a space."""
    parts = _PARTS.fullmatch(value)
    assert parts is not None, "the pattern takes any text"
    faults = [(fault.start(), _FAULTS[(fault.lastindex or 1) - 1][1]) for fault in _FAULT.finditer(value)]
    start = parts.start("value")
    if start and (fault := _FAULT.search(parts["value"])):
        faults.append((start + fault.start(), _FAULTS[(fault.lastindex or 1) - 1][1]))
    if unknown := _unknown_field(parts):
        faults.append(unknown)
    if faults:
        where, what = min(faults)
        raise QueryError(what, at + where)
    if leads or parts["value"]:
        return
    if parts["fields"]:
        raise QueryError(f"a word or quote must follow {parts['fields']} without a space", at + len(value))
    raise QueryError(f"a lone {value} has no meaning: put it right before a word, or into quotes", at)


def _unknown_field(parts: re.Match[str]) -> tuple[int, str] | None:
    at = parts.start("fields")
    for name in parts["fields"].split(":")[:-1]:
        if name not in FIELDS:
            return at, _no_field(name)
        at += len(name) + 1
    return None


def _no_field(name: str) -> str:
    if not name:
        return "a field stands right before its word, as in title:war; text that contains : goes into quotes"
    if name.lower() in {"http", "https"}:
        return 'an address goes into quotes, as in url:"bbc.co.uk/news"; source: takes the host alone'
    near = difflib.get_close_matches(name.lower(), FIELDS, n=1)
    hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(FIELDS)}"
    return f"there is no field {name[:40]}: ({hint}); text that contains : goes into quotes"
