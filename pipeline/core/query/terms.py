"""From a word or quote of a query to a leaf of its tree."""

from __future__ import annotations

import re
from collections.abc import Sized
from dataclasses import dataclass, replace

from pipeline.core.analyse import dense, fold, split, tokens
from pipeline.core.analyse.forms import LONGEST_TOKEN, cased_form
from pipeline.core.errors import QueryError
from pipeline.core.query.tree import ABOUT_FIELDS, FACETS, Kind, Near, Or, Phrase, Word

LONGEST_PHRASE = 50  # tokens
SHORTEST_PREFIX = 3  # letters before *
SHORTEST_FUZZY = 4  # letters: of shorter words, half the dictionary is one edit away
_SHOWN = 100  # characters of a term in a message
_WILD = re.compile(r"[*?]")
_WILD_PIECE = re.compile(r"[*?]|[^*?]+")
_HYPHEN = "[-\u2010\u2011]"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the fields before a term say of it."""

    field: str = ""
    kind: Kind | None = None  # case: and exact:
    ordered: bool = False

    @property
    def prefix(self) -> str:
        """The fields as they are written."""
        kinds = {Kind.CASED: "case:", Kind.EXACT: "exact:"}
        field = f"{self.field}:" if self.field else ""
        how = kinds[self.kind] if self.kind else ""
        return f"{field}{how}{'ordered:' if self.ordered else ''}"

    def within(self, name: str, position: int) -> Scope:
        """The scope of what follows one more field.

        Raises:
            QueryError: it contradicts one before it.

        """
        kinds = {"case": Kind.CASED, "exact": Kind.EXACT}
        clash = (
            (name in kinds and self.kind not in {None, kinds.get(name)})
            or (name not in {*kinds, "ordered"} and self.field not in {"", name})
            or (name in kinds and self.field in FACETS[:2])
            or (name in FACETS[:2] and self.kind is not None)
        )
        if clash:
            raise QueryError(f"{name}: cannot stand within {self.prefix}", position)
        if name == "ordered":
            return replace(self, ordered=True)
        return replace(self, kind=kinds[name]) if name in kinds else replace(self, field=name)


def word(text: str, scope: Scope, position: int) -> Word | Phrase | Or:
    """What a word without quotes asks for."""
    if text.lower() in {"and", "or", "not"} and not text.isupper():
        raise QueryError(
            f'write {text.upper()} in capitals, or "{text}" in quotes to look for the word', position
        )
    if scope.ordered:
        raise QueryError('ordered: is for near words, as in ordered:"troops border"~5', position)
    shown = scope.prefix + text
    if scope.field in FACETS and (facet := _facet(text, scope.field, position)):
        return replace(facet, text=shown, at=position)
    if _WILD.search(text):
        return replace(wild(text, scope, position), text=shown)
    parts = _parts(text, scope, position)
    if len(parts) == 1:
        return replace(parts[0], text=shown)
    phrase = Phrase(text=shown, parts=parts, field=scope.field, at=position)
    surfaces = [part.surface for part in parts]
    if parts[0].kind is Kind.INFLECTED and re.fullmatch(_HYPHEN.join(map(re.escape, surfaces)), text):
        # "cease-fire" is also written in one word
        return Or((phrase, Word(text=shown, surface="".join(surfaces), field=scope.field, at=position)))
    return phrase


def fuzzy(text: str, scope: Scope, position: int) -> Word:
    """A word that one edit may change."""
    if scope.kind is not None or scope.field in FACETS:
        raise QueryError(f"~1 cannot stand within {scope.prefix}", position)
    (part, *more) = _parts(text, scope, position)
    if more or _WILD.search(text) or len(fold(part.surface)) < SHORTEST_FUZZY or dense(part.surface):
        raise QueryError(
            f"~1 needs one word of {SHORTEST_FUZZY} letters or more, without * and ?, not {text[:_SHOWN]}",
            position,
        )
    return Word(f"{scope.prefix}{text}~1", fold(part.surface), Kind.FUZZY, scope.field, at=position)


def wild(text: str, scope: Scope, position: int) -> Word:
    """A word with ``*`` at its end, or ``?`` inside or at its end."""
    first = _WILD.search(text)
    assert first is not None, "the caller has seen one"
    at = position + first.start()
    if scope.kind is not None or scope.field in FACETS[:2]:
        raise QueryError(f"* and ? cannot stand within {scope.prefix}", at)
    if "*" in text[:-1]:
        raise QueryError("* may stand only at the end of a word", position + text.index("*"))
    pieces = [piece for piece in _WILD.split(text) if piece]
    if any(dense(token) for piece in pieces for token in tokens(piece)):
        raise QueryError("a word of this script is found within others without * and ?: leave them out", at)
    if any(tokens(piece) != [piece] for piece in pieces):
        raise QueryError(f"* and ? need one plain word, not {text[:_SHOWN]}", at)
    letters = sum(len(fold(piece)) for piece in pieces)
    if letters < SHORTEST_PREFIX or text[0] == "?":
        raise QueryError(f"* and ? need {SHORTEST_PREFIX} letters, the first of them before ?", at)
    _refuse_long(letters, position)
    if "?" not in text:
        return Word(text, fold(pieces[0]), Kind.PREFIX, scope.field, at=position)
    pattern = "".join(piece if piece in "*?" else fold(piece) for piece in _WILD_PIECE.findall(text))
    return Word(text, pattern, Kind.WILDCARD, scope.field, at=position)


def phrase(quoted: str, scope: Scope, position: int) -> Word | Phrase:
    """What a quote asks for: its words as written, next to each other; ``*`` and ``?`` serve inside words."""
    if scope.ordered:
        raise QueryError('ordered: is for near words, as in ordered:"troops border"~5', position)
    if scope.field in FACETS and (facet := _facet(quoted[1:-1], scope.field, position)):
        return replace(facet, text=scope.prefix + quoted, at=position)
    exact = scope if scope.kind else replace(scope, kind=Kind.EXACT)
    parts: list[Word] = []
    for piece, at in _pieces(quoted, position):
        if _WILD.search(piece):
            parts.append(wild(piece, replace(scope, kind=None), at))
        elif any(map(fold, tokens(piece))):
            parts.extend(_parts(piece, exact, at))
    _refuse_empty(parts, quoted, position)
    _refuse_many(parts, position)
    return Phrase(text=scope.prefix + quoted, parts=tuple(parts), field=scope.field, at=position)


def near(quoted: str, gap: int, scope: Scope, position: int) -> Near:
    """What a quote with ~N asks for: its words close together, inflected unless exact: or case: is said."""
    if scope.field in FACETS:
        raise QueryError(f"~{gap} cannot stand within {scope.prefix}", position)
    inner = replace(scope, ordered=False)
    parts: list[tuple[Word | Phrase, ...]] = []
    for piece, at in _pieces(quoted, position):
        if not any(map(fold, tokens(piece))):
            continue
        found = word(piece, inner, at) if piece.lower() not in {"and", "or", "not"} else None
        ways = found.parts if isinstance(found, Or) else (found or _parts(piece, inner, at)[0],)
        parts.append(tuple(replace(way, text=piece) for way in ways if isinstance(way, Word | Phrase)))
    if len(parts) < 2:
        raise QueryError(f"near needs two words or more in its quotes, not {quoted[:_SHOWN]}", position)
    _refuse_many(parts, position)
    return Near(f"{scope.prefix}{quoted}~{gap}", tuple(parts), gap, scope.ordered, scope.field, position)


def _pieces(quoted: str, position: int) -> list[tuple[str, int]]:
    """The words of a quote with their positions; a ? or * that ends a sentence is punctuation."""
    found = ((piece[0].strip("?!.,;:()"), piece.start()) for piece in re.finditer(r"\S+", quoted[1:-1]))
    return [(piece, position + 1 + at) for piece, at in found if piece.strip("*?")]


def _parts(text: str, scope: Scope, position: int) -> tuple[Word, ...]:
    pieces = split(text)
    pairs = zip(pieces[0::2], pieces[1::2], strict=False)
    found = [(token, before) for before, token in pairs if fold(token)]
    _refuse_empty(found, text, position)
    _refuse_many(found, position)
    _refuse_long(max(len(token) for token, _ in found), position)
    kind = scope.kind or (Kind.EXACT if scope.field in ABOUT_FIELDS else Kind.INFLECTED)
    return tuple(
        # Scripts without spaces: 制裁 is one word, and is not met across the comma of 抵制，裁军.
        Word(token, _surface(token, kind), kind, scope.field, glued=number > 0 and before == "", at=position)
        for number, (token, before) in enumerate(found)
    )


def _surface(token: str, kind: Kind) -> str:
    if kind is Kind.INFLECTED:
        return token
    return cased_form(token) if kind is Kind.CASED else fold(token)


def _facet(text: str, field: str, position: int) -> Word | None:
    """A whole value: a host or a label of one, a language, the id of a feed; None where words are meant."""
    value = text.strip().lower()
    if field == "feed":
        return Word(text, str(int(value)), Kind.FACET, field) if re.fullmatch("[0-9]{1,15}", value) else None
    if field == "lang":
        if not re.fullmatch("[a-z]{2,3}([-_][a-z0-9]+)*", value):
            raise QueryError("lang: needs the code of a language, like uk or en", position)
        return Word(text, re.split("[-_]", value)[0], Kind.FACET, field)
    host = value.removeprefix("www.").strip(".")
    if not host or re.search(r"[\s/@*?~]", host):
        raise QueryError("source: needs the host of an outlet, like bbc.co.uk, or a part of it", position)
    return Word(text, host, Kind.FACET, field)


def _refuse_empty(found: Sized, text: str, position: int) -> None:
    if not found:
        raise QueryError(f"there is no letter or digit to look for in {text[:_SHOWN]}", position)


def _refuse_many(parts: Sized, position: int) -> None:
    if len(parts) > LONGEST_PHRASE:
        raise QueryError(f"a phrase may have {LONGEST_PHRASE} words", position)


def _refuse_long(chars: int, position: int) -> None:
    if chars > LONGEST_TOKEN:
        raise QueryError(f"a word may have {LONGEST_TOKEN} characters", position)
