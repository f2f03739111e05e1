"""The short way for plain queries: words, quotes and prefixes, one kind of operator within each bracket.

Most queries are of this kind, and a worker that starts reads all of them: the
short way takes a tenth of the time.  Whatever is not surely plain gets no answer
here and goes the long way, through luqum; where there is one, both are equal.
"""

from __future__ import annotations

import re

from pipeline.core.analyse import dense, fold, tokens
from pipeline.core.query.terms import SHORTEST_PREFIX
from pipeline.core.query.tree import And, Kind, Leaf, Node, Not, Or, Phrase, Word, needs_a_term

_PIECE = re.compile(r'"[^"*?:~\\\'&-]+"|[()]|[^\s"()]+')
_SIGNS = {"AND": "A", "OR": "O", "NOT": "N"}
_BOTH = re.compile("N?t(?:A?N?t)*")  # t is a term
_EITHER = re.compile("t(?:Ot)+")
_MOST = 60  # pieces
_DEEPEST = 5
_LONGEST = 30  # letters of a word, and words of a quote: the limits are far


def read(text: str) -> Node | None:
    """The tree of a plain query; None where the long way must be gone."""
    pieces = _PIECE.findall(text)
    if len(pieces) > _MOST or " ".join(pieces).replace("( ", "(").replace(" )", ")") != text:
        return None
    pieces.append(")")
    node, end = _group(pieces, 0, _DEEPEST)
    return node if node is not None and end == len(pieces) and needs_a_term(node) else None


def _group(pieces: list[str], at: int, depth: int) -> tuple[Node | None, int]:
    """The meaning of what stands up to the closing bracket, and the place after that."""
    terms: list[Node] = []
    signs = ""
    while at < len(pieces) and (piece := pieces[at]) != ")":
        at += 1
        sign = _SIGNS.get(piece)
        if sign is None:
            sign = "t"
            node: Node | None
            if piece == "(":
                node, at = _group(pieces, at, depth - 1) if depth else (None, at)
            else:
                node = _leaf(piece)
            if node is None:
                return None, at
            if signs[-1:] == "N":
                if isinstance(node, And | Or | Not):
                    return None, at
                node = Not(node)
            terms.append(node)
        signs += sign
    if _BOTH.fullmatch(signs):
        return _joined(And, terms), at + 1
    return (_joined(Or, terms) if _EITHER.fullmatch(signs) else None), at + 1


def _joined(kind: type[And | Or], terms: list[Node]) -> Node:
    """What is joined as its own joint is goes into one."""
    if len(terms) == 1:
        return terms[0]
    if any(isinstance(term, kind) for term in terms):
        terms = [part for term in terms for part in (term.parts if isinstance(term, kind) else (term,))]
    return kind(tuple(terms))


def _leaf(piece: str) -> Leaf | None:
    if piece[0] == '"':
        return _phrase(piece)
    if piece.removesuffix("'s").isalnum():
        return (
            Word(piece, piece)
            if _plain(piece.removesuffix("'s")) and piece.lower() not in {"and", "or", "not"}
            else None
        )
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
