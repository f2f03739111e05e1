"""Is this text the entry's?  It is not enough that an address led here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.copies.words import forms

_SOME = 0.15  # of the words of both, where the page bears the entry's headline
_SHARED = 0.5  # of the telling words of a title or a summary, that its article tells too
_LONG, _STEM = 4, 6  # letters of a word that tells, and of its beginning that is compared
_FEWEST = 3  # telling words; with fewer, nothing can be told
_LEAD_CHARS = 1_000
_CONTAINED = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the feed says of an article: plain texts, and the address that it leads to."""

    url: str
    title: str
    summary: str
    body: str

    @property
    def told(self) -> str:
        """The longest text that the feed has of it, without its title."""
        return max(self.summary, self.body, key=len)


def is_kin(listed: Listed, text: str, *, headed: bool = False) -> bool:
    """Whether ``text`` may be the article that is listed, by its words.

    An article tells again what its title and its summary tell.  Half of the
    words that carry either are asked for, by their beginnings, so that
    inflections do not count; less is enough under the entry's headline
    (``headed``).  Entries of hardly a word are believed.
    """
    head, lead = _telling(listed.title), _telling(listed.told[:_LEAD_CHARS])
    if len(head | lead) < _FEWEST:
        return True
    here = _telling(text)
    if headed and _share(head | lead, here) >= _SOME:
        return True
    return max(_share(head, here), _share(lead, here)) >= _SHARED


def is_headed(listed: Listed, title: str) -> bool:
    """Whether a page's headline is the entry's, but for the outlet's name and the like."""
    head = _telling(listed.title)
    return len(head) >= _FEWEST and head <= _telling(title)


def contains(text: str, part: str) -> bool:
    """Whether ``text`` tells nearly all of ``part``, which may be nothing, in the same words."""
    wanted = _triples(part)
    return len(wanted & _triples(text)) >= _CONTAINED * len(wanted)


def _triples(text: str) -> frozenset[tuple[str, ...]]:
    found = forms(text)
    return frozenset(zip(found, found[1:], found[2:], strict=False))


def _share(words: frozenset[str], here: frozenset[str]) -> float:
    return len(words & here) / len(words) if words else 0.0


def _telling(text: str) -> frozenset[str]:
    """The beginnings of the words that carry the text; of scripts without spaces, pairs of signs."""
    found = forms(text)
    pairs = [one + other for one, other in pairwise(found) if _is_sign(one) and _is_sign(other)]
    numbers = [form for form in found if form[0].isdigit() and len(form) > 1]
    return frozenset([*(form[:_STEM] for form in found if len(form) >= _LONG), *pairs, *numbers])


def _is_sign(form: str) -> bool:
    return len(form) == 1 and form >= "\u0e00"
