"""The words and short phrases of articles that an exclusion could name.

A word stands for all its inflections, by its lemma in the article's language;
a phrase is two neighbours on a line.  In scripts without spaces, where a token
is one character, runs of two to five of them take the place of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from pipeline.core.analyse import Analysed, cased_form, dense, exact_forms, forms_in
from pipeline.core.analyse.tokens import split
from pipeline.core.query import Leaf, Near, Phrase, Query, Word, leaves

#: Tokens of each field that are looked at for terms (what a text is about it says there), and to see
#: which of them others have.
LEARNT = 500
CHECKED = 5_000
_RUNS = range(2, 6)  # characters of a script without spaces
_SHORTEST = 3  # letters of a word, and of the longer word of a phrase


class Found(NamedTuple):
    """A term where it stands: ``key`` is the same for all that count as the same term."""

    key: tuple[str, ...]  # one part for a word or a run, two for a phrase
    written: str  # as a query would ask for it
    title: bool


def found(article: Analysed, tokens_of_field: int) -> Iterator[Found]:
    """Every term among the first tokens of an article's fields, as often as it stands there."""
    for field in article.fields:
        pieces = split(field.text)[: 2 * tokens_of_field]
        separators, tokens = pieces[2::2], pieces[1::2]
        title = field.name == "title"
        for key, written in chain(_words(tokens, article.language), _phrases(tokens, separators)):
            yield Found(key, written, title)
        for run in _runs(tokens, separators):
            yield Found((run,), run, title)


def spelt(article: Analysed) -> set[str]:
    """The folded spellings of an article's first words, which the parts of phrases are made of."""
    fields = (split(field.text)[1 : 2 * LEARNT : 2] for field in article.fields)
    return {forms[0] for token in chain.from_iterable(fields) if (forms := exact_forms(token))}


class Asked:
    """What a query itself asks for, so that no exclusion contradicts it."""

    def __init__(self, query: Query, languages: Iterable[str]) -> None:
        self._languages = sorted(set(languages))
        listed = [_words_of(leaf) for leaf in leaves(query.root)]
        words = {word.surface for leaf in listed for word in leaf}
        self._forms = words.union(*(forms_in(each)[word] for each in self._languages for word in words))
        runs = ("".join(word.surface for word in leaf) for leaf in listed)
        self._runs = frozenset(run for run in runs if dense(run))

    def names(self, part: str) -> bool:
        """Whether it asks for this word, in whatever inflection, or for a run that this one is a part of."""
        if dense(part):
            return any(part in run for run in self._runs)
        return any(not self._forms.isdisjoint(forms_in(each)[part]) for each in self._languages)

    def touches(self, part: str) -> bool:
        """Whether it asks for this word, or for a run that stands in this one."""
        return self.names(part) or any(run in part for run in self._runs)


def _words(tokens: Sequence[str], language: str) -> Iterator[tuple[tuple[str, ...], str]]:
    known = forms_in(language)
    for token in tokens:
        forms = known[token]
        if forms and len(forms[0]) >= _SHORTEST and not forms[0].isdecimal() and not dense(token):
            yield (forms[-1],), cased_form(token)


def _phrases(tokens: Sequence[str], separators: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    spellings = [(exact_forms(token) or ("",))[0] for token in tokens]
    for at, between in enumerate(separators[: len(tokens) - 1]):
        first, second = spellings[at : at + 2]
        if between != " " or not first or not second or dense(tokens[at]) or dense(tokens[at + 1]):
            continue
        if max(len(first), len(second)) >= _SHORTEST and not (first + second).isdecimal():
            yield (first, second), f'"{cased_form(tokens[at])} {cased_form(tokens[at + 1])}"'


def _runs(tokens: Sequence[str], separators: Sequence[str]) -> Iterator[str]:
    for at, token in enumerate(tokens):
        run = token
        for after in range(at + 1, min(at + _RUNS.stop - 1, len(tokens))):
            if not dense(tokens[after - 1]) or not dense(tokens[after]) or separators[after - 1]:
                break
            run += tokens[after]
            yield run


def _words_of(leaf: Leaf) -> list[Word]:
    match leaf:
        case Word():
            return [leaf]
        case Phrase(_, parts):
            return list(parts)
        case Near(_, parts):
            return [word for way in chain.from_iterable(parts) for word in _words_of(way)]
