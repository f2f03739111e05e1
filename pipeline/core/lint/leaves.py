"""What follows from one leaf of a query being met: which other leaves the same article meets."""

from __future__ import annotations

from itertools import pairwise, product

from pipeline.core.lint import words
from pipeline.core.query import TEXT_FIELDS, Kind, Leaf, Near, Phrase, Word

_MOST_WAYS = 500  # of a phrase to be near words that are tried
_WRITTEN = {Kind.INFLECTED, Kind.EXACT, Kind.CASED}


def implies(one: Leaf, other: Leaf, language: str | None) -> bool:
    """Whether every article that meets ``one`` meets ``other``; False also where that is not known."""
    if not _within(one, other):
        return False
    match other:
        case Word():
            return _implies_word(one, other, language)
        case Phrase():  # a word may be met by a hyphenated pair, which no quote is
            return isinstance(one, Phrase) and bool(_runs(one, other, language))
        case Near():
            if isinstance(one, Near):
                return _nearer(one, other, language)
            return isinstance(one, Phrase) and _holds_near(one, other, language)


def as_written(one: Leaf, other: Leaf, language: str) -> bool:
    """Whether an article in ``language`` that has ``one`` just as the query writes it meets ``other``.

    It may meet ``one`` in other forms without that.
    """
    if not _within(one, other) or isinstance(one, Near) or isinstance(other, Near):
        return False
    tokens = parts(one)
    asked = parts(other)
    if not all(word.kind in _WRITTEN for word in tokens) or (len(tokens) < len(asked)):
        return False
    if isinstance(one, Word) and isinstance(other, Phrase):
        return False
    return any(
        all(words.meets(word, tokens[at + step].surface, language) for step, word in enumerate(asked))
        for at in range(len(tokens) - len(asked) + 1)
    )


def excludes(one: Leaf, other: Leaf) -> bool:
    """Whether no article meets both: it is in one language only."""
    return (
        isinstance(one, Word)
        and isinstance(other, Word)
        and one.field == other.field == "lang"
        and one.surface != other.surface
    )


def keys(leaf: Leaf, language: str | None) -> frozenset[str]:
    """What a leaf shares with each that it implies or is implied by; "" for an open ending."""
    return frozenset().union(*(words.keys(word, language) for word in parts(leaf)))


def parts(leaf: Leaf) -> list[Word]:
    """The words of a leaf."""
    match leaf:
        case Word():
            return [leaf]
        case Phrase():
            return list(leaf.parts)
        case Near():
            return [word for ways in leaf.parts for way in ways for word in parts(way)]


def _implies_word(one: Leaf, word: Word, language: str | None) -> bool:
    match one:
        case Word():
            if Kind.FACET in {one.kind, word.kind}:
                return one.kind is word.kind and _same_facet(one, word)
            return words.implies(one, word, language)
        case Phrase():
            return _has(one, word, language)
        case Near():
            return any(all(_has(way, word, language) for way in ways) for ways in one.parts)


def _within(one: Leaf, other: Leaf) -> bool:
    """Whether whatever is looked for in one field is found where the other leaf looks."""
    return one.field == other.field or (not other.field and one.field in TEXT_FIELDS)


def _same_facet(one: Word, other: Word) -> bool:
    """The same value; or a host and one of its ends or labels."""
    if one.surface == other.surface:
        return True
    labels = one.surface.split(".")
    return one.field == "source" and (other.surface in labels or one.surface.endswith("." + other.surface))


def _has(way: Word | Phrase, word: Word, language: str | None) -> bool:
    return any(words.implies(part, word, language) for part in parts(way))


def _runs(one: Phrase, other: Phrase | Word, language: str | None) -> list[int]:
    """The parts of a phrase at which a phrase or word within it begins."""
    asked = other.parts if isinstance(other, Phrase) else (other,)
    return [
        at
        for at in range(len(one.parts) - len(asked) + 1)
        if all(
            words.implies(one.parts[at + step], part, language)
            and (one.parts[at + step].glued or not part.glued)
            for step, part in enumerate(asked)
        )
    ]


def _holds_near(one: Phrase, other: Near, language: str | None) -> bool:
    """Whether every place of a phrase has near words within it."""
    firsts = [sorted({at for way in ways for at in _runs(one, way, language)}) for ways in other.parts]
    tried = 1
    for each in firsts:
        tried *= len(each)
    if not 0 < tried <= _MOST_WAYS:
        return False
    return any(
        max(chosen) - min(chosen) < other.span
        and (not other.ordered or all(a < b for a, b in pairwise(chosen)))
        for chosen in product(*firsts)
    )


def _nearer(one: Near, other: Near, language: str | None) -> bool:
    """Whether at each place of near words the others are: what they ask for begins at the same tokens."""
    if one.span > other.span or (other.ordered and not one.ordered):
        return False
    at = 0
    for asked in other.parts:
        found = (
            index
            for index in range(at if other.ordered else 0, len(one.parts))
            if all(any(_begins(way, each, language) for each in asked) for way in one.parts[index])
        )
        index = next(found, None)
        if index is None:
            return False
        at = index + 1
    return True


def _begins(one: Word | Phrase, other: Word | Phrase, language: str | None) -> bool:
    """Whether one part of near words, where it begins, is met as another."""
    match one, other:
        case Word(), Word():
            return words.implies(one, other, language)
        case Phrase(), _:
            return 0 in _runs(one, other, language)
        case _:
            return False
