"""The forms of a token: what it shares with every word that counts as the same.

The folded form, the folded lemma in the text's language, and what is left when
a possessive ('s) or an elided article (l', d') is taken off.  Inflections meet
(invaded, invades), derivations do not (invasive).
"""

from __future__ import annotations

from functools import cache, lru_cache

from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
from simplemma.strategies.dictionaries import StreamDictionaryFactory

from pipeline.core.analyse.fold import fold
from pipeline.core.analyse.languages import dictionary_for
from pipeline.core.analyse.tokens import APOSTROPHES, plain, trim

LONGEST_TOKEN = 80  # code points; what is longer is no word, and cannot be asked for
_ELISIONS = frozenset(
    {"l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
    | {"un", "dell", "all", "nell", "sull", "dall", "coll", "quell", "quest", "bell", "gl"}
)
# English -ing words that only look like the form of a verb.
_NO_VERBS = frozenset(
    {"ceiling", "ceilings", "dumpling", "during", "earring", "evening", "inkling", "middling"}
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
        if len(token) > LONGEST_TOKEN:
            return ()
        if len(self) >= _REMEMBERED:
            self.clear()
        base = _base(token)
        lemmas = _lemmas(plain(base), dictionary_for(base, self._language))
        self[token] = found = tuple(dict.fromkeys((*exact_forms(token), *map(fold, lemmas))))
        return found


@cache
def forms_in(language: str) -> Forms:
    """The forms of tokens in texts of ``language``, shared by all who ask."""
    return Forms(language)


@lru_cache(maxsize=_REMEMBERED)
def exact_forms(token: str) -> tuple[str, ...]:
    """The folded forms that a quoted word is compared with: the token, and its base where that differs."""
    if len(token) > LONGEST_TOKEN:
        return ()
    return tuple(dict.fromkeys(form for form in (fold(_base(token)), fold(token)) if form))


def cased_form(token: str) -> str:
    """The token letter by letter, composed, without its loose ends, elided article and possessive."""
    return plain(_base(token))


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
    lemmas = [lemma for each in (lower, lower.capitalize()) if (lemma := known.exact_lemma(each, language))]
    if not lemmas and (lemma := _strategy().get_lemma(lower, language)):
        lemmas = [lemma]
    if language == "en":
        lemmas += _english(lower, lemmas)
    return tuple(lemmas)


def _english(word: str, lemmas: list[str]) -> list[str]:
    """What the English dictionary lacks: plurals of unknown names, and the verb of some -ing forms."""
    if not lemmas:
        plural = len(word) > 4 and word.endswith("s") and not word.endswith(("as", "es", "os", "ss", "us"))
        return [word[:-1]] if plural and not _lookup().get_lemma(word[:-1], "en") else []
    if word.endswith("ing") and word in lemmas and word not in _NO_VERBS:
        stems = [(word[:-3], "ed"), (word[:-3] + "e", "d")]
        if word[-4:-3] == word[-5:-4]:
            stems.append((word[:-4], word[-4:-3] + "ed"))
        return [stem for stem, past in stems if _lookup().exact_lemma(stem + past, "en") == stem]
    return []


@cache
def _dictionaries() -> StreamDictionaryFactory:
    # Read from the compressed stream: 2 MB for English instead of 26, 15 for German instead of 107.
    return StreamDictionaryFactory(cache_max_size=64)


@cache
def _lookup() -> DictionaryLookupStrategy:
    return DictionaryLookupStrategy(_dictionaries())


@cache
def _strategy() -> DefaultStrategy:
    return DefaultStrategy(dictionary_factory=_dictionaries())
