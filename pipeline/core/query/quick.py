"""The short way for plain queries: words, quotes and prefixes under one kind of operator, without brackets.

Most queries are of this kind, and a worker that starts reads all of them: the
short way takes a tenth of the time.  Whatever is not surely plain gets no answer
here and goes the long way, through luqum; where there is one, both are equal.
"""

from __future__ import annotations

import re

from pipeline.core.analyse import dense, fold, tokens
from pipeline.core.query.terms import SHORTEST_PREFIX
from pipeline.core.query.tree import And, Kind, Leaf, Node, Not, Or, Phrase, Word

_TOKENS = re.compile(r'"[^"*?:~\\\'&-]+"|[^\s"]+')
_SIGNS = {"AND": "A", "OR": "O", "NOT": "N"}
_BOTH = re.compile("N?t(?:A?N?t)*")  # t is a term
_EITHER = re.compile("t(?:Ot)+")
_MOST = 50  # pieces
_LONGEST = 30  # letters of a word, and words of a quote: the limits are far


def read(text: str) -> Node | None:
    """The tree of a plain query; None where the long way must be gone."""
    pieces = _TOKENS.findall(text)
    if len(pieces) > _MOST or " ".join(pieces) != text:
        return None
    signs = "".join([_SIGNS.get(piece, "t") for piece in pieces])
    either = _EITHER.fullmatch(signs) is not None
    if not either and not _BOTH.fullmatch(signs):
        return None
    terms: list[Leaf | Not] = []
    negated = False
    for piece, sign in zip(pieces, signs, strict=True):
        if sign == "t":
            leaf = _leaf(piece)
            if leaf is None:
                return None
            terms.append(Not(leaf) if negated else leaf)
        negated = sign == "N"
    if all(isinstance(term, Not) for term in terms):
        return None
    return Or(tuple(terms)) if either else And(tuple(terms)) if len(terms) > 1 else terms[0]


def _leaf(piece: str) -> Leaf | None:
    if piece[0] == '"':
        return _phrase(piece)
    if piece.isalnum():
        return Word(piece, piece) if _plain(piece) and piece.lower() not in {"and", "or", "not"} else None
    stem = piece[:-1]
    if piece[-1] == "*" and stem.isalnum() and _plain(stem) and len(form := fold(stem)) >= SHORTEST_PREFIX:
        return Word(piece, form, Kind.PREFIX)
    return None


def _phrase(quoted: str) -> Phrase | None:
    words = quoted[1:-1].split(" ")
    if len(words) > _LONGEST or not all(word.isalnum() and _plain(word) for word in words):
        return None
    return Phrase(quoted, tuple(Word(word, fold(word), Kind.EXACT) for word in words))


def _plain(word: str) -> bool:
    """Whether it is one token of a script with spaces, of an everyday length, that folds to something."""
    if len(word) > _LONGEST:
        return False
    return word.isascii() or (tokens(word) == [word] and not dense(word) and bool(fold(word)))
