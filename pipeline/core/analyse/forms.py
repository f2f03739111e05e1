"""The forms of a token: what it shares with every word that counts as the same.

The folded form, the folded lemma in the text's language, and what is left when
a possessive ('s) or an elided article (l', d') is taken off.  Inflections meet
(invaded, invades), derivations do not (invasive).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
from simplemma.strategies.dictionaries import (
    DefaultDictionaryFactory,
    DictionaryFactory,
    StreamDictionaryFactory,
)
from simplemma.utils import CANON_LANGS

from pipeline.core.analyse.fold import fold, nasal
from pipeline.core.analyse.inflect import refine
from pipeline.core.analyse.languages import dictionary_for
from pipeline.core.analyse.tokens import APOSTROPHES, plain, trim

LONGEST_TOKEN = 80  # code points; what is longer is no word, and cannot be asked for
_ELISIONS = frozenset(
    {"l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
    | {"un", "dell", "all", "nell", "sull", "dall", "coll", "quell", "quest", "bell", "gl"}
)
_COMMAS = str.maketrans("şţŞŢ", "șțȘȚ")
_JOINER = "\u200c"
_PERSIAN_ENDINGS = frozenset(
    {"ها", "های", "هایی", "هایش", "هایشان", "هایم", "ای", "ام", "ات", "اش", "مان", "تان", "شان"}
)
_REMEMBERED = 1 << 16  # tokens per language; about 20 MB


class Forms(dict[str, tuple[str, ...]]):
    """The forms of tokens in texts of one language, remembered; a mapping, for it is looked up in bulk.

    A token of nothing but marks, or longer than any word, has none.
    """

    __slots__ = ("_language",)

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[token] = found = self.of(token)
        return found

    def of(self, token: str) -> tuple[str, ...]:
        """The forms of a token, without remembering them."""
        if len(token) > LONGEST_TOKEN:
            return ()
        base = _base(token)
        language = dictionary_for(base, self._language)
        lemmas = [lemma for word in _spellings(base, language) for lemma in _lemmas(word, language)]
        return tuple(dict.fromkeys((*_exact(token), *map(fold, lemmas))))


@cache
def forms_in(language: str) -> Forms:
    """The forms of tokens in texts of ``language``, shared by all who ask."""
    return Forms(language)


@lru_cache(maxsize=_REMEMBERED)
def exact_forms(token: str) -> tuple[str, ...]:
    """The folded forms that a quoted word is compared with: the token, and its base where that differs."""
    return _exact(token)


def _exact(token: str) -> tuple[str, ...]:
    if len(token) > LONGEST_TOKEN:
        return ()
    return tuple(dict.fromkeys(form for form in (fold(_base(token)), fold(token)) if form))


def cased_form(token: str) -> str:
    """The token letter by letter, composed, without its loose ends, elided article and possessive."""
    return plain(_base(token))


def is_word(word: str, language: str) -> bool:
    """Whether the dictionary of a language has the word in small letters, other than as a name."""
    lemma = _lookup().exact_lemma(word, language)
    return lemma is not None and lemma.islower()


def load(language: str) -> None:
    """Read a language's dictionary (up to some seconds) where that has not been done."""
    _dictionaries().get_dictionary(language)


def _base(token: str) -> str:
    """The token without loose ends, elided article and possessive."""
    word = trim(token)
    for apostrophe in APOSTROPHES:
        if apostrophe in word:
            head, _, tail = word.partition(apostrophe)
            if head.lower() in _ELISIONS and len(tail) > 1:
                word = tail
            head, _, tail = word.rpartition(apostrophe)
            if head and tail in {"s", "S"}:
                word = head
    return word


def _spellings(base: str, language: str | None) -> tuple[str, ...]:
    """What to look a word up as: Persian sets endings off with a joiner, Romanian has commas for cedillas."""
    word = plain(base)
    if language == "fa" and _JOINER in base.strip(_JOINER):
        stem, _, ending = unicodedata.normalize("NFKC", base).strip(_JOINER).rpartition(_JOINER)
        stem = plain(stem)
        return (word, stem + _JOINER + ending, *((stem,) if ending in _PERSIAN_ENDINGS else ()))
    if language == "hi":
        return tuple(dict.fromkeys((word, nasal(word))))
    return (word.translate(_COMMAS),) if language == "ro" else (word,)


def _lemmas(word: str, language: str | None) -> tuple[str, ...]:
    """The lemmas of a word, as written and in the other case: dictionaries keep some only in one.

    A word in capitals that the dictionary knows as such is an acronym, and has none.
    """
    if language is None or len(word) < 2 or word.isdecimal():
        return ()
    known = _lookup()
    if word.isupper() and known.is_dictionary_member(word, language):
        return ()
    lower = word.replace("İ", "i").replace("I", "ı").lower() if language == "tr" else word.lower()
    if language == "en" and lower == "us":  # mostly the country; never "we"
        return ()
    lemmas = [lemma for each in (lower, lower.capitalize()) if (lemma := _lemma(each, language))]
    if not lemmas and (lemma := _strategy().get_lemma(lower, language)):
        lemmas = [lemma]
    return tuple(refine(word, lemmas, language, lambda each: _lemma(each, language)))


def _lemma(word: str, language: str) -> str | None:
    """What the dictionary says of one spelling; a plain letter run is looked up as it is."""
    if word.isalpha() and language not in CANON_LANGS:
        return _dictionaries().get_dictionary(language).get(word)
    lemma: str | None = _lookup().exact_lemma(word, language)
    return lemma


class _Dictionaries(DictionaryFactory):
    """English as a table (20 MB), all others read from their compressed streams (15 MB for German, not 111).

    Most news is English, and what is looked up there for the first time costs 0.3 microseconds instead of 7.
    """

    def __init__(self) -> None:
        self._tables = DefaultDictionaryFactory(cache_max_size=1)
        self._streams = StreamDictionaryFactory(cache_max_size=64)

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        found: Mapping[str, str] = (self._tables if lang == "en" else self._streams).get_dictionary(lang)
        return found


@cache
def _dictionaries() -> _Dictionaries:
    return _Dictionaries()


@cache
def _lookup() -> DictionaryLookupStrategy:
    return DictionaryLookupStrategy(_dictionaries())


@cache
def _strategy() -> DefaultStrategy:
    return DefaultStrategy(dictionary_factory=_dictionaries())
