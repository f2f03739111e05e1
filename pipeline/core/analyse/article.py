"""An article, analysed: its terms at once, its places only when a query asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from itertools import accumulate, chain
from typing import Any

from pipeline.core.analyse.forms import Forms, forms_in
from pipeline.core.analyse.languages import language_of
from pipeline.core.analyse.tokens import HYPHENS, split, trim

FIELDS = ("title", "summary", "body")


class Field:
    """One text of an article, cut into tokens; a token is named by its number, from 0."""

    __slots__ = ("_forms", "_joined", "_offsets", "_pieces", "_places", "name", "text", "tokens")

    def __init__(self, name: str, text: str, forms: Forms) -> None:
        self.name = name
        self.text = text
        self._forms = forms
        self._pieces = split(text)
        self.tokens = self._pieces[1::2]
        self._joined: dict[int, str] | None = None
        self._places: dict[str, list[int]] | None = None
        self._offsets: list[int] | None = None

    def joined(self) -> dict[int, str]:
        """Neighbours that a hyphen joins, written as one ("ceasefire"), by the first one's number."""
        if self._joined is None:
            self._joined = {}
            for hyphen in HYPHENS:
                if hyphen in self.text:
                    self._join_at(hyphen, self._joined)
        return self._joined

    def _join_at(self, hyphen: str, joined: dict[int, str]) -> None:
        separators = self._pieces[0::2]
        tokens = self.tokens
        at = 0
        while True:
            try:
                at = separators.index(hyphen, at + 1, len(tokens))
            except ValueError:
                return
            pair = tokens[at - 1] + tokens[at]
            if not pair.isdecimal():  # seasons and scores
                joined[at - 1] = pair

    def terms(self) -> chain[str]:
        """The forms of all its tokens, repeats included."""
        words = chain.from_iterable(map(self._forms.__getitem__, self.tokens))
        return chain(words, chain.from_iterable(map(self._forms.__getitem__, self.joined().values())))

    def places(self) -> dict[str, list[int]]:
        """For each form, the numbers of the tokens that have it, rising."""
        if self._places is None:
            self._places = defaultdict(list)
            for number, forms in enumerate(map(self._forms.__getitem__, self.tokens)):
                for form in forms:
                    self._places[form].append(number)
        return self._places

    def joined_places(self, forms: tuple[str, ...]) -> list[int]:
        """The numbers of the first of two hyphenated tokens that joined have one of ``forms``."""
        return [
            first for first, pair in self.joined().items() if not set(forms).isdisjoint(self._forms[pair])
        ]

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where ``count`` tokens from ``first`` on stand: start and end in code points of ``text``."""
        if self._offsets is None:
            self._offsets = list(accumulate(map(len, self._pieces), initial=0))
        last = first + count - 1
        return self._offsets[2 * first + 1], self._offsets[2 * last + 1] + len(trim(self.tokens[last]))


class Analysed:
    """An article as the matcher sees it.

    ``terms`` holds the folded forms and the lemmas of every word: what the
    full-text index stores.  ``language`` is the one whose dictionary was used.
    ``memo`` keeps what the matcher found out about this article.
    """

    __slots__ = ("fields", "language", "memo", "terms")

    def __init__(self, fields: tuple[Field, ...], language: str) -> None:
        self.fields = fields
        self.language = language
        self.terms = frozenset(chain.from_iterable(field.terms() for field in fields))
        self.memo: dict[Hashable, Any] = {}


def analyse(title: str, summary: str, body: str, language: str | None) -> Analysed:
    """Analyse the plain texts of an article; ``language`` is a BCP 47 tag, None when unknown."""
    texts = (title, summary, body)
    sample = next((text for text in (f"{title} {summary}", body) if text.strip()), "")
    spoken = language_of(sample, language)
    forms = forms_in(spoken)
    fields = tuple(Field(name, text, forms) for name, text in zip(FIELDS, texts, strict=True) if text)
    return Analysed(fields, spoken)
