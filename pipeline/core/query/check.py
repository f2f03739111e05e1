"""What is refused before a query is read: limits, unbalanced marks, syntax that is not supported.

The parser would take some of these for words, and a query that silently means
something else is worse than one that is refused.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline.core.errors import QueryError

LONGEST_QUERY = 10_000  # code points
DEEPEST = 50  # brackets within brackets

_PIECE = re.compile(r'"[^"]*"|["()]|[^\s"()]+')
# What a word may not contain, and what to say. The first that stands leftmost is told.
_FAULTS = (
    (r"[*?]", "wildcards are not supported yet: words match their inflections without them"),
    (r"~", "fuzzy and near searches with ~ are not supported yet"),
    (r"\^", "weights with ^ are not supported: an alert rings or it does not"),
    (r":", "fields and : are not supported yet; put text that contains : into quotes"),
    (r"[\[\]{}]", "ranges and square or curly brackets are not supported: use ( )"),
    (
        r"[\u201c\u201d\u201e\u201f\u00ab\u00bb]",
        'curly quotes are not understood: use straight ones, "like this"',
    ),
    (r"\\", "the backslash has no meaning here: put special text into quotes"),
    (r"&&", "&& is not supported: write AND"),
    (r"\|\|", "|| is not supported: write OR"),
    (r"\A!", "! is not supported: write NOT"),
    (r"\A[-\u2013\u2014]", "a leading dash is not supported: write NOT to exclude a word, or quote the text"),
    (r"\A\+", "a leading + is not supported: every word is required unless joined by OR"),
    (r"\A/", "regular expressions are not supported; put text that begins with / into quotes"),
    (r"\A[<>]", "comparisons are not supported; put text that begins with < or > into quotes"),
    (r"\A'", 'use double quotes for an exact phrase, "like this"'),
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
    open_at: list[int] = []
    pieces = list(_PIECE.finditer(text))
    for piece in pieces:
        _check_piece(piece, open_at)
    if open_at:
        raise QueryError("this bracket is never closed", open_at[-1])
    for left, right in pairwise(pieces):
        if left.end() == right.start() and left[0] != "(" and right[0] != ")":
            raise QueryError("a space is missing here", right.start())


def _check_piece(piece: re.Match[str], open_at: list[int]) -> None:
    value, at = piece[0], piece.start()
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
    elif fault := _FAULT.search(value):
        group = fault.lastindex or 1
        raise QueryError(_FAULTS[group - 1][1], at + fault.start())
