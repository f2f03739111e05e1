"""Which language's dictionary a text is read with.

The feed's word counts, unless the script of the text says otherwise: feeds in
Ukrainian that declare English, or nothing, are common.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

DEFAULT = "en"
_LATIN = "latin"
_ALIASES = {
    "no": "nb",
    "sr": "hbs",
    "hr": "hbs",
    "bs": "hbs",
    "sh": "hbs",
    "iw": "he",
    "in": "id",
    "fil": "tl",
}
# Languages by the script that news is written in; all others are Latin, or have no dictionary.
_SCRIPTS = {
    "cyrillic": frozenset({"bg", "mk", "ru", "uk"}),
    "greek": frozenset({"el", "grc"}),
    "arabic": frozenset({"ar", "fa"}),
    "hebrew": frozenset({"he"}),
    "devanagari": frozenset({"hi"}),
    "malayalam": frozenset({"ml"}),
    "armenian": frozenset({"hy"}),
    "georgian": frozenset({"ka"}),
}
# Without a better word, a text in the script is read as the first of these that its letters allow.
_GUESSES = {
    "cyrillic": (("uk", re.compile("[іїєґІЇЄҐ]")), ("ru", re.compile(""))),
    "greek": (("el", re.compile("")),),
    "arabic": (("fa", re.compile("[پچژگ]")), ("ar", re.compile(""))),
    "hebrew": (("he", re.compile("")),),
    "devanagari": (("hi", re.compile("")),),
    "malayalam": (("ml", re.compile("")),),
    "armenian": (("hy", re.compile("")),),
    "georgian": (("ka", re.compile("")),),
}
_LETTER = re.compile(
    "(?P<cyrillic>[\u0400-\u052f])|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff])"
    "|(?P<arabic>[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc])|(?P<hebrew>[\u0590-\u05ff])"
    "|(?P<devanagari>[\u0900-\u097f])|(?P<malayalam>[\u0d00-\u0d7f])"
    "|(?P<armenian>[\u0530-\u058f])|(?P<georgian>[\u10a0-\u10ff])|(?P<latin>[A-Za-z\u00c0-\u024f])"
)
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_SAMPLE_CHARS = 400


@cache
def primary(tag: str | None) -> str:
    """The dictionary that a BCP 47 tag asks for; the default where there is none."""
    return _dictionary(tag) or DEFAULT


def denied(text: str, tag: str) -> bool:
    """Whether ``text`` is in a script that the language it declares is never written in."""
    declared, script = _dictionary(tag), _script_of(text)
    return None not in {declared, script} and script not in _scripts_of_language(declared or DEFAULT)


def language_of(text: str, tag: str | None) -> str:
    """The dictionary to read a text with: what ``tag`` says, where the script agrees."""
    declared = primary(tag)
    script = _script_of(text)
    if script is None or script in _scripts_of_language(declared):
        return declared
    if script == _LATIN:
        return DEFAULT
    return next(language for language, letters in _GUESSES[script] if letters.search(text))


def dictionary_for(word: str, language: str) -> str | None:
    """The dictionary for a word in a text of ``language``: its own, or English for stray Latin words."""
    script = _script_of(word) or _LATIN
    if script in _scripts_of_language(language):
        return language
    return DEFAULT if script == _LATIN else None


def dictionaries_for(word: str, tags: frozenset[str | None] | None) -> frozenset[str]:
    """Every dictionary that a word may be looked up in, for texts declared as ``tags`` (None: as any)."""
    script = _script_of(word) or _LATIN
    guesses = {DEFAULT} if script == _LATIN else {language for language, _ in _GUESSES[script]}
    declared = SUPPORTED_LANGUAGES if tags is None else frozenset(map(primary, tags))
    return frozenset(guesses | {each for each in declared if script in _scripts_of_language(each)})


def _dictionary(tag: str | None) -> str | None:
    subtag = re.split("[-_]", (tag or "").strip().lower(), maxsplit=1)[0]
    subtag = _ALIASES.get(subtag, subtag)
    return subtag if subtag in SUPPORTED_LANGUAGES else None


def _script_of(text: str) -> str | None:
    """The script of most letters among the first that are looked at; None where none is known."""
    sample = text[:_SAMPLE_CHARS]
    if sample.isascii():
        return _LATIN if sample else None
    letters = sample.encode("ascii", "ignore").translate(None, _NO_LETTERS)
    if len(letters) * 2 > len(sample):  # the most, whatever the others are: spares most texts the count
        return _LATIN
    counts = Counter(found.lastgroup for found in _LETTER.finditer(sample))
    return max(counts, key=lambda name: counts[name]) if counts else None


@cache
def _scripts_of_language(language: str) -> frozenset[str]:
    if language == "hbs":
        return frozenset({_LATIN, "cyrillic"})
    return frozenset({next((script for script, members in _SCRIPTS.items() if language in members), _LATIN)})
