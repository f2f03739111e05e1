"""How much a term says of which news a text tells: nothing when it is common, the most when it is long.

The commonest words of a language are in justext's lists (a hundred languages;
it comes with trafilatura).  Of all others the length is a fair guess at how
rare they are, and unlike counts it is the same in every process and on the
first day.  ``docs/decisions/0006-events.md`` compares it with word counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from pipeline.core.analyse import forms_in, primary

_BY_LENGTH = (0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.5)
_LONG = 7.5
_NUMBERS = (0.0, 2.5, 3.5, 4.5)
_LONG_NUMBER = 5.0
PAIR = 6.0  # two neighbouring characters of a script without spaces

# The analyser's dictionaries (and what languages without one are declared as) by the names of the lists.
_LISTS = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hbs": "Serbo_Croatian",
    "hi": "Hindi",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ka": "Georgian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "ms": "Malay",
    "nb": "Norwegian_Bokmal",
    "nl": "Dutch",
    "nn": "Norwegian_Nynorsk",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sv": "Swedish",
    "sw": "Swahili",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
}


@lru_cache(maxsize=1 << 16)
def weight(forms: Sequence[str], dictionary: str, language: str | None) -> float:
    """The weight of a term, 0 to 7.5, given its forms in a text declared as ``language``.

    Languages without a ``dictionary`` of their own are read with another one's.
    """
    if not (common(dictionary).isdisjoint(forms) and common(language or "").isdisjoint(forms)):
        return 0.0
    term = forms[-1]
    if term.isdecimal():
        return _NUMBERS[len(term)] if len(term) < len(_NUMBERS) else _LONG_NUMBER
    return _BY_LENGTH[len(term)] if len(term) < len(_BY_LENGTH) else _LONG


def prepare(language: str | None) -> None:
    """Read a language's list (up to half a second, once), so that no article has to wait for it."""
    common(primary(language))
    common(language or "")


@cache
def common(language: str) -> frozenset[str]:
    """The forms of a language's commonest words; none where no list is known."""
    name = _LISTS.get(language)
    if name is None:
        return frozenset()
    from justext import get_stoplist  # noqa: PLC0415 - brings lxml

    forms = forms_in(primary(language))
    return frozenset(form for word in get_stoplist(name) for form in forms.of(word))
