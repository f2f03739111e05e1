"""What a story tells, as far as it is compared: the terms of its title and lead that say the most."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain, islice
from math import hypot

from pipeline.core.analyse import Analysed, dense, forms_in
from pipeline.core.event.weights import PAIR, weight

LEAD = 100  # tokens of summary and body that are read
TERMS = 48  # that are kept
KEYS = 10  # of them that lead to other stories
FEWEST = 3  # terms without which nothing can be told of a story

_TITLE = 2.0  # a term of the title counts so many times
_IN_TITLE = 0x80
_STEPS = 10  # weights are kept in tenths
_WEIGHTS = [(mark & ~_IN_TITLE) / _STEPS for mark in range(256)]  # by how they are kept


@dataclass(frozen=True)
class Telling:
    """The terms of a story, those that say the most first.

    ``weights`` gives each term's weight by its hash (32 bits), ``title`` those that the title has.
    """

    weights: dict[int, float]
    title: frozenset[int]

    @property
    def keys(self) -> tuple[int, ...]:
        """The terms by which other stories are found."""
        return tuple(islice(self.weights, KEYS))

    @cached_property
    def strengths(self) -> dict[int, float]:
        """The weights, where the title's count more."""
        title = self.title
        return {term: weight * _TITLE if term in title else weight for term, weight in self.weights.items()}

    @cached_property
    def length(self) -> float:
        """Of the vector of strengths."""
        return hypot(*self.strengths.values())

    @cached_property
    def title_weight(self) -> float:
        """Of all terms of the title together."""
        return sum(map(self.weights.__getitem__, self.title))

    def at(self, worth: Mapping[int, float]) -> Telling:
        """The same terms, where those of ``worth`` weigh what it says."""
        changed = worth.keys() & self.weights.keys()
        if not changed:
            return self
        return Telling(self.weights | {term: worth[term] for term in changed}, self.title)

    def pack(self) -> bytes:
        """Five bytes a term."""
        marks = bytes(
            round(weight * _STEPS) | (_IN_TITLE if term in self.title else 0)
            for term, weight in self.weights.items()
        )
        return struct.pack(f"<{len(marks)}I", *self.weights) + marks

    @classmethod
    def unpack(cls, data: bytes) -> Telling:
        """The telling that was packed."""
        count = len(data) // 5
        terms, marks = struct.unpack_from(f"<{count}I", data), data[4 * count :]
        return cls(
            weights=dict(zip(terms, map(_WEIGHTS.__getitem__, marks), strict=True)),
            title=frozenset(term for term, mark in zip(terms, marks, strict=True) if mark & _IN_TITLE),
        )


def tell(article: Analysed, language: str | None) -> Telling | None:
    """What an article tells, ``language`` as declared; None when it says too little to be compared."""
    heads = _terms(article, ("title",), language)
    found = heads | _terms(article, ("summary", "body"), language)
    if len(found) < FEWEST:
        return None
    whole = Telling(found, frozenset(heads))
    kept = sorted(found, key=whole.strengths.__getitem__, reverse=True)[:TERMS]
    return Telling({term: found[term] for term in kept}, whole.title.intersection(kept))


def _terms(article: Analysed, fields: tuple[str, ...], language: str | None) -> dict[int, float]:
    """The terms that say something among the first tokens of some fields, in the order of the text."""
    read = chain.from_iterable(field.tokens for field in article.fields if field.name in fields)
    forms = forms_in(article.language)
    found: dict[int, float] = {}
    before = ""  # the character that a pair begins with
    for token in islice(read, LEAD):
        if dense(token):
            if before:
                found[_hash(before + token)] = PAIR
            before = token
            continue
        before = ""
        if (known := forms[token]) and (heavy := weight(known, article.language, language)):
            found.setdefault(_hash(known[-1]), heavy)
    return found


@lru_cache(maxsize=1 << 16)
def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")
