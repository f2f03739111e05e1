"""Whether two articles print the same text.

The shorter text must be told by the longer one from its beginning on, nearly
whole.  What stands in one instead of what stands in the other must be wording:
where it is another number or another name, somebody has filled in the same form
for another day, place or person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from pipeline.core.copies.align import Gap, gaps
from pipeline.core.copies.print import Print
from pipeline.core.copies.sketch import SHORTEST
from pipeline.core.copies.titles import titles_agree
from pipeline.core.copies.words import Words, differ, is_number, stems, telling

#: Share of the shorter text that the longer one must tell: more where there are few words.
SHARE, SHARE_OF_FEW = 0.8, 0.85
_FEW = 60
#: Words that may stand before the shared text: a dateline, an editor's note.
_HEAD = 40
#: A long text may correct a number or name in so many words, but none of its first ones.
_CORRECTED, _LEAD = 400, 200
#: The tail of a shorter text is judged by its names too.
_SHORT = 150
#: Gaps of more words than this have nothing in common.
_LOOSE = 20


def similarity(one: Print, other: Print) -> float | None:
    """The share of the shorter text that the longer one tells, 0.8 to 1; None when they are two texts."""
    for mine, theirs in _texts(one, other):
        a, b = sorted((mine, theirs), key=lambda text: len(text.forms))
        share = _share(a, b)
        if share is not None:
            told = {*a.forms} & {*b.forms}
            return share if titles_agree(one.head, other.head, told) else None
    return None


def _texts(one: Print, other: Print) -> Iterator[tuple[Words, Words]]:
    """What is to be held against each other; a summary alone may tell the other's summary, or its body."""
    yield one.main, other.main
    if one.whole and not other.whole:
        yield one.brief, other.main
    elif other.whole and not one.whole:
        yield one.main, other.brief


def _share(a: Words, b: Words) -> float | None:
    """How much of the shorter text ``a`` the longer one tells; None where it is not the same text."""
    if len(a.forms) < SHORTEST:
        return None
    if a.forms == b.forms[: len(a.forms)]:
        return 1.0
    found = gaps(a.forms, b.forms)
    share = 1 - sum(_missing(_of(a, gap.a), _of(b, gap.b)) for gap in found) / len(a.forms)
    few = len(a.forms) < _FEW
    if share < (SHARE_OF_FEW if few else SHARE) or found[0].b[1] > _HEAD:
        return None
    if _filled_in(a, b, found) or (few and _stretched(a, b, found)):
        return None
    return share


def _of(text: Words, span: tuple[int, int]) -> Sequence[str]:
    return text.forms[slice(*span)]


def _missing(mine: Sequence[str], theirs: Sequence[str]) -> int:
    """How many words of one side of a gap the other has not, in the same order."""
    if not mine or len(mine) > _LOOSE or len(theirs) > _LOOSE:
        return len(mine)
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    return len(mine) - sum(block.size for block in blocks)


def _stretched(a: Words, b: Words, found: Sequence[Gap]) -> bool:
    """Whether the longer text says much more than the shorter one between its first and last words."""
    more = sum(_missing(_of(b, gap.b), _of(a, gap.a)) for gap in found[1:-1])
    return more > (1 - SHARE_OF_FEW) * len(a.forms)


def _filled_in(a: Words, b: Words, found: Sequence[Gap]) -> bool:
    """Whether names or numbers stand where others stand: more than a correction or two."""
    allowed = len(a.forms) // _CORRECTED
    for gap in found:
        if _conflict(a, b, gap):
            allowed -= 1
            if allowed < 0 or gap.a[0] < _LEAD:
                return True
    return False


def _conflict(a: Words, b: Words, gap: Gap) -> bool:
    mine, theirs = _of(a, gap.a), _of(b, gap.b)
    if not mine or not theirs:
        return False
    tail = gap.a[1] == len(a.forms)
    if tail:  # the longer text goes on
        theirs = theirs[: len(mine) + 5]
    if differ(filter(is_number, mine), filter(is_number, theirs)):
        return True
    if tail and len(a.forms) >= _SHORT:
        return False
    if not a.cased and not b.cased:  # any word may be a name
        return len(a.forms) < _SHORT and differ(telling(mine), telling(theirs))
    return differ(stems(_names(a, mine)), stems(_names(b, theirs)))


def _names(text: Words, forms: Iterable[str]) -> list[str]:
    """Those words that are written as names; any may be one where capitals do not tell."""
    return [form for form in forms if form in text.names or not text.cased]
