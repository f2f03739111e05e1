"""Whether two titles may stand over one text.

Editors write headlines of their own, so titles may differ; but "A selection of the
best pictures of the week" and "Registered users can read up to three reports" say
only together with a title what they are about.  So the text must tell enough of
what the titles have apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from pipeline.core.copies.words import Words, differ, is_number, stems, telling

#: Shares of what a title has alone that the text must tell: of one title, or of both.
_ONE_TOLD, _BOTH_TOLD = 0.6, 0.4
#: An amended text is news by itself.
_AMENDED = frozenset({
    "correction", "corrected", "retraction", "retracted", "withdrawn", "withdrawal",
    "clarification", "erratum", "berichtigung", "korrektur", "rectificatif", "rectificación",
    "corrección", "rettifica", "sprostowanie", "поправка", "опровержение", "спростування",
})  # fmt: skip


def titles_agree(one: Words, other: Words, told: AbstractSet[str]) -> bool:
    """Whether the titles may stand over one text, of the words ``told``."""
    if one.forms == other.forms:
        return True
    if differ(filter(is_number, one.forms), filter(is_number, other.forms)):
        return False
    if _AMENDED.isdisjoint(one.forms) != _AMENDED.isdisjoint(other.forms):
        return False
    text, mine, theirs = _stems(told), _stems(one.forms), _stems(other.forms)
    shares = _told(mine - theirs, text), _told(theirs - mine, text)
    return max(shares) >= _ONE_TOLD or min(shares) >= _BOTH_TOLD


def _stems(forms: Iterable[str]) -> set[str]:
    return set(stems(telling(forms)))


def _told(words: set[str], text: set[str]) -> float:
    return len(words & text) / len(words) if words else 1.0
