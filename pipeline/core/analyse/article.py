"""An article, analysed: cut into tokens at once, all else when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, chain

from pipeline.core.analyse.forms import forms_in
from pipeline.core.analyse.languages import language_of
from pipeline.core.analyse.tokens import HYPHENS, split, trim

FIELDS = ("title", "summary", "body")


class Field:
    """One text of an article, cut into tokens; a token is named by its number, from 0."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._pieces = split(text)
        self.tokens = self._pieces[1::2]

    @cached_property
    def pairs(self) -> dict[int, str]:
        """Neighbours that a hyphen joins, written as one ("ceasefire"), by the first one's number."""
        pairs: dict[int, str] = {}
        for hyphen in HYPHENS:
            if hyphen in self.text:
                pairs.update(_pairs(self._pieces[0::2], self.tokens, hyphen))
        return pairs

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where ``count`` tokens from ``first`` on stand: start and end in code points of ``text``."""
        last = first + count - 1
        end = self._offsets[2 * last + 1] + len(trim(self.tokens[last]))
        return self._offsets[2 * first + 1], end

    @cached_property
    def _offsets(self) -> list[int]:
        return list(accumulate(map(len, self._pieces), initial=0))


class Analysed:
    """An article as the matcher sees it: its non-empty texts, and the language they are read in."""

    def __init__(self, fields: tuple[Field, ...], language: str) -> None:
        self.fields = fields
        self.language = language

    @cached_property
    def words(self) -> frozenset[str]:
        """The distinct tokens, as written, and the hyphenated pairs in one."""
        return frozenset(chain.from_iterable((*field.tokens, *field.pairs.values()) for field in self.fields))

    @cached_property
    def terms(self) -> frozenset[str]:
        """The folded forms and the lemmas of every word: what the full-text index stores."""
        return frozenset(chain.from_iterable(map(forms_in(self.language).__getitem__, self.words)))


def analyse(title: str, summary: str, body: str, language: str | None) -> Analysed:
    """Analyse the plain texts of an article; ``language`` is a BCP 47 tag, None when unknown."""
    sample = next((text for text in (f"{title} {summary}", body) if text.strip()), "")
    texts = zip(FIELDS, (title, summary, body), strict=True)
    fields = tuple(Field(name, text) for name, text in texts if text)
    return Analysed(fields, language_of(sample, language))


def _pairs(separators: list[str], tokens: list[str], hyphen: str) -> Iterable[tuple[int, str]]:
    at = 0
    while True:
        try:
            at = separators.index(hyphen, at + 1, len(tokens))
        except ValueError:
            return
        pair = tokens[at - 1] + tokens[at]
        if not pair.isdecimal():  # seasons and scores
            yield at - 1, pair
