"""What follows from one word of a query being met: which other words the same token meets.

Without a language a statement holds for texts in every language, so that the
lemma of a word is of no help; with one it holds for texts read in that language.
"""

from __future__ import annotations

from pipeline.core.analyse import cased_form, exact_forms, fold, forms_in
from pipeline.core.query import Kind, Word

_JOINER = "\u200c"
_PATTERNS = {Kind.EXACT, Kind.CASED, Kind.PREFIX, Kind.WILDCARD}


def implies(one: Word, other: Word, language: str | None) -> bool:
    """Whether every token that meets ``one`` meets ``other``, wherever both are looked for."""
    if one.kind is other.kind and one.surface == other.surface:
        return True
    match other.kind:
        case Kind.INFLECTED:
            return _implies_inflected(one, other, language)
        case Kind.EXACT | Kind.PREFIX | Kind.WILDCARD:
            return one.kind in _PATTERNS and _covers(_pattern(other), _pattern(one))
        case Kind.FUZZY:
            return one.kind in {Kind.EXACT, Kind.CASED} and within_one_edit(other.surface, _pattern(one))
        case _:
            return False


def meets(word: Word, token: str, language: str) -> bool:
    """Whether a token of a text in ``language`` is a word of a query."""
    forms = exact_forms(token)
    match word.kind:
        case Kind.INFLECTED:
            known = forms_in(language)
            return not set(known[word.surface]).isdisjoint(known[token])
        case Kind.CASED:
            return bool(forms) and cased_form(token) == word.surface
        case Kind.FUZZY:
            return any(within_one_edit(word.surface, form) for form in forms)
        case Kind.FACET:
            return False
        case _:
            return any(_covers(_pattern(word), form) for form in forms)


def keys(word: Word, language: str | None) -> frozenset[str]:
    """What a word has in common with each that it implies or is implied by; "" for an open ending."""
    match word.kind:
        case Kind.INFLECTED:
            known = forms_in(language)[word.surface] if language else ()
            return frozenset((*exact_forms(word.surface), *known))
        case Kind.EXACT | Kind.CASED:
            known = forms_in(language)[word.surface] if language else ()
            return frozenset((fold(word.surface), *known))
        case Kind.FACET:
            return frozenset(word.surface.split("."))
        case _:
            return frozenset({""})


def within_one_edit(one: str, other: str) -> bool:
    """Whether at most one letter is missing, added, changed, or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[:2][::-1] and left[2:] == right[2:])
    )


def _implies_inflected(one: Word, other: Word, language: str | None) -> bool:
    forms = exact_forms(other.surface)
    known = set(forms_in(language)[other.surface]) if language else set(forms)
    match one.kind:
        case Kind.EXACT:
            return one.surface in known
        case Kind.CASED:
            # What is written so is this very word, so that its lemma is known.
            own = _forms_as_written(one.surface, language)
            return not known.isdisjoint((fold(one.surface), *own))
        case Kind.INFLECTED:
            if language:
                return known.issuperset(forms_in(language)[one.surface])
            return known.issuperset(exact_forms(one.surface)) and _same_lemmas(one.surface, other.surface)
        case _:
            return False


def _forms_as_written(cased: str, language: str | None) -> tuple[str, ...]:
    """The forms that every token has in a language whose cased form this is."""
    if not language or language == "fa" or cased_form(cased) != cased:
        return ()
    return forms_in(language)[cased]


def _same_lemmas(one: str, other: str) -> bool:
    """Whether two tokens have the same lemmas in every language, for they differ in loose ends at most.

    Capitals tell nouns in German, acronyms, and letters in Turkish; the joiner sets off endings in Persian.
    """
    return cased_form(one) == cased_form(other) and _JOINER not in one + other


def _pattern(word: Word) -> str:
    """The folded tokens that meet a word, with ? for any letter and * for any ending."""
    match word.kind:
        case Kind.PREFIX:
            return word.surface + "*"
        case Kind.CASED:
            return fold(word.surface)
        case _:
            return word.surface


def _covers(wide: str, narrow: str) -> bool:
    """Whether every text of one pattern is one of another."""
    body, inner = wide.removesuffix("*"), narrow.removesuffix("*")
    closed = body == wide
    fits = inner == narrow and len(inner) == len(body) if closed else len(inner) >= len(body)
    return fits and all(a in {"?", b} for a, b in zip(body, inner, strict=False))
