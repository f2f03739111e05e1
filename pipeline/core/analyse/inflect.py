"""Inflections that a dictionary lacks or hides, language by language.

A rule is handed a word, its lemmas as the dictionary and its rules have them,
and a look-up; it answers with the lemmas to use.  It adds what is regular in
the grammar, and takes away what derives a word from another (Turkish savaşçı,
warrior, from savaş, war).  Endings are only taken from words that nobody
knows, or where the dictionary confirms what remains.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LemmaOf = Callable[[str], str | None]
Rule = Callable[[str, list[str], LemmaOf], list[str]]

# English -ing words that only look like the form of a verb.
_NO_VERBS = frozenset(
    {"ceiling", "ceilings", "dumpling", "during", "earring", "evening", "inkling", "middling"}
)
# French nouns that only look like the participle of a verb.
_NO_PARTICIPLES = frozenset(
    {"communiqué", "curé", "défilé", "marché", "parti", "passé", "pavé", "procédé", "traité"}
)
# What makes another word of a Turkish one: -çı (who does it), -lı (with), -lık (-ness), -sız (without).
_TURKISH_DERIVED = re.compile("[çc][ıiuü]|l[ıiuü]k?|s[ıiuü]z")
_MALAY_VOICES = ("me", "di")  # active and passive; all other prefixes make new words
_MALAY_CLITICS = ("nya", "ku", "mu", "lah", "kah", "pun")
_PERSIAN_PLURALS = ("های", "ها")
_ARABIC_PREFIXES = re.compile("[وف]?(?:[بك]?ال|لل|[بكل])?")
_ARABIC_ENDINGS = (("ات", ""), ("ات", "ة"), ("ين", ""), ("ون", ""), ("تين", "ة"), ("تان", "ة"))
_HINDI_ENDINGS = (
    ("ियों", "ी"),
    ("ियां", "ी"),
    ("ियाँ", "ी"),
    ("ाओं", "ा"),
    ("ाएं", "ा"),
    ("ाएँ", "ा"),
    ("ें", ""),
    ("ों", ""),
)
_ROMANIAN_ENDINGS = (("ilor", "i"), ("elor", "e"), ("ele", "e"), ("ii", "i"), ("ului", ""), ("ul", ""))


def refine(word: str, lemmas: list[str], language: str, lemma_of: LemmaOf) -> list[str]:
    """The lemmas of ``word`` by the rules of ``language``; ``lemmas`` where there are none.

    ``word`` is as written, with its capitals; ``lemma_of`` looks up one spelling.
    """
    rule = _RULES.get(language)
    return rule(word, lemmas, lemma_of) if rule else lemmas


def _german(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """Nouns have capitals: Krieg (war) is no form of kriegen (get), nor kriegen one of Krieg."""
    lower, capital = word.lower(), word.capitalize()
    noun = lemma_of(capital)
    if noun is None:
        return lemmas
    if word == capital:
        return [lemma for lemma in lemmas if lemma == noun or not lemma.endswith("n")]
    if lemma_of(lower) == lower and lower.endswith("n"):
        return [lower]
    return [lemma for lemma in lemmas if noun != capital or lemma not in {lower + "en", lower + "n"}]


def _french(_word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """The verb of participles that the dictionary has as adjectives only (envahi, tués)."""
    verbs = [_infinitive(lemma) for lemma in lemmas if lemma not in _NO_PARTICIPLES]
    confirmed = [verb for verb in verbs if verb and lemma_of(verb) == verb]
    return lemmas + confirmed


def _infinitive(participle: str) -> str | None:
    if participle.endswith("é"):
        return participle[:-1] + "er"
    return participle + "r" if participle.endswith("i") else None


def _participles(ending: tuple[str, ...], infinitive: tuple[str, ...]) -> Rule:
    """The verb of a participle: the dictionary leads from attaccata to attaccato, and from there on."""

    def rule(_word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
        verbs = [lemma_of(lemma) for lemma in lemmas if lemma.endswith(ending)]
        return lemmas + [verb for verb in verbs if verb and verb.endswith(infinitive)]

    return rule


def _romanian(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    if not lemmas:
        lemmas = _without(word.lower(), _ROMANIAN_ENDINGS, lemma_of)
    return _participles(("at", "it", "ut", "s"), ("a", "e", "i", "î"))(word, lemmas, lemma_of)


def _norwegian(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """Plurals that the dictionary takes for an imperative (sanksjoner, of sanksjonere)."""
    lower = word.lower()
    stem = lower[:-2]
    if lower.endswith("er") and lower + "e" in lemmas and lemma_of(stem) == stem:
        return [*lemmas, stem]
    return lemmas


def _turkish(word: str, lemmas: list[str], _lemma_of: LemmaOf) -> list[str]:
    lower = word.replace("İ", "i").replace("I", "ı").lower()
    refined = []
    for lemma in lemmas:
        derived = _TURKISH_DERIVED.match(lower, len(lemma)) if lower.startswith(lemma) else None
        refined.append(lower[: derived.end()] if derived else lemma)
    return refined


def _malay(word: str, lemmas: list[str], _lemma_of: LemmaOf) -> list[str]:
    """The dictionary gives roots; serangan (an attack) and peperangan are words of their own."""
    lower = word.lower()
    if lower in lemmas or lower.startswith(_MALAY_VOICES):
        return lemmas
    return [next((lower[: -len(end)] for end in _MALAY_CLITICS if lower.endswith(end)), lower)]


def _persian(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """Plurals written in one word, without the joiner that the dictionary expects."""
    return lemmas or _without(word, tuple((plural, "") for plural in _PERSIAN_PLURALS), lemma_of)


def _arabic(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """Regular plurals, with or without article, preposition and conjunction."""
    if lemmas:
        return lemmas
    prefix = _ARABIC_PREFIXES.match(word)
    rest = word[prefix.end() :] if prefix else word
    return _without(word, _ARABIC_ENDINGS, lemma_of) or _without(rest, (("", ""), *_ARABIC_ENDINGS), lemma_of)


def _hebrew(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """Construct states (-ת for -ה), regular plurals, and prefixes (ו ה ב כ ל מ ש) of unknown words."""
    if (
        len(word) >= 4
        and word.endswith("ת")
        and word[-2] != "י"
        and lemma_of(word[:-1] + "ה") == word[:-1] + "ה"
    ):
        return [*lemmas, word[:-1] + "ה"]
    if lemmas:
        return lemmas
    endings = (("", ""), ("ים", ""), ("ות", "ה"), ("ות", ""), ("ת", "ה"))
    bare = re.sub("^ו?[הבכלמש]?", "", word)
    return _without(word, endings[1:], lemma_of) or _without(bare, endings, lemma_of)


def _hindi(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    return lemmas or _without(word, _HINDI_ENDINGS, lemma_of)


def _without(word: str, endings: tuple[tuple[str, str], ...], lemma_of: LemmaOf) -> list[str]:
    """The lemma of the word with an ending taken off, or exchanged; () where the dictionary knows none."""
    for ending, instead in endings:
        stem = word[: len(word) - len(ending)] + instead
        if len(stem) >= 3 and word.endswith(ending) and (lemma := lemma_of(stem)):
            return [lemma]
    return []


def _english(word: str, lemmas: list[str], lemma_of: LemmaOf) -> list[str]:
    """What the English dictionary lacks: plurals of unknown names, and the verb of some -ing forms."""
    word = word.lower()
    if not lemmas:
        plural = len(word) > 4 and word.endswith("s") and not word.endswith(("as", "es", "os", "ss", "us"))
        return [word[:-1]] if plural and not (lemma_of(word[:-1]) or lemma_of(word[:-1].capitalize())) else []
    if word.endswith("ing") and word in lemmas and word not in _NO_VERBS:
        stems = [(word[:-3], "ed"), (word[:-3] + "e", "d")]
        if word[-4:-3] == word[-5:-4]:
            stems.append((word[:-4], word[-4:-3] + "ed"))
        return lemmas + [stem for stem, past in stems if lemma_of(stem + past) == stem]
    return lemmas


_RULES: dict[str, Rule] = {
    "ar": _arabic,
    "de": _german,
    "en": _english,
    "fa": _persian,
    "fr": _french,
    "he": _hebrew,
    "hi": _hindi,
    "id": _malay,
    "it": _participles(("to", "so"), ("re", "rsi")),
    "ms": _malay,
    "nb": _norwegian,
    "pl": _participles(("ny", "ty"), ("ć", "c")),
    "ro": _romanian,
    "tr": _turkish,
}
