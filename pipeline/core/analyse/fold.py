"""Folding: what two spellings must share to count as the same word.

Case, accents, ligatures, width, Arabic vowel signs and invisible characters
are folded away.  What tells letters apart stays: Cyrillic й and ї, the voiced
marks of Japanese, the vowel signs of Indic and Thai scripts.  Folded text
serves for comparison only; offsets always count the original.
"""

from __future__ import annotations

import re
import unicodedata

# Marks that are accents. Breve, diaeresis and acute make letters of their own in Cyrillic (й, ї, ў, ѓ, ќ).
_ACCENTS = re.compile(
    "(?<![иіуИІУ])[\u0306\u0308]"
    "|(?<![гкГК])\u0301"
    "|[\u0300\u0302-\u0305\u0307\u0309-\u036f]"
    "|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"  # Hebrew points
    "|[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"  # Arabic vowels
    "|\u093c"  # the dot of borrowed sounds in Hindi (फ़ौज), left out by many
    "|[\ufe00-\ufe0f]"  # variation selectors
)

# Letters that Unicode does not take apart, and the forms that Arabic writers use for one another.
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ŧ": "t",
        "ə": "e",
        "\u0649": "\u064a",  # alef maksura
        "\u06cc": "\u064a",  # Persian yeh
        "\u06a9": "\u0643",  # Persian kaf
        "\u0629": "\u0647",  # teh marbuta
        "\u0671": "\u0627",  # alef wasla
        "\u06c1": "\u0647",  # Urdu heh
        "\u06c3": "\u0647",  # Urdu teh marbuta
        "\u05f0": "\u05d5\u05d5",  # Yiddish pairs
        "\u05f1": "\u05d5\u05d9",
        "\u05f2": "\u05d9\u05d9",
        "\u0901": "\u0902",  # chandrabindu, for which most write the anusvara
    }
)

# Hindi writes a nasal before a consonant of its class as a letter or as the anusvara.
_NASALS = re.compile(
    "(?:ङ\u094d(?=[क-घ])|ञ\u094d(?=[च-झ])|ण\u094d(?=[ट-ढ])|न\u094d(?=[त-ध])|म\u094d(?=[प-भ]))"
)

# Letters to Unicode, apostrophes to those who write them: Ukrainian, Hawaiian, transliterated Arabic.
_APOSTROPHES = frozenset("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf")

_ASCII_WORD = re.compile("[0-9A-Za-z]+")


def fold(token: str) -> str:
    """The folded form of a token: letters, marks and digits only; "" when nothing is left."""
    if _ASCII_WORD.fullmatch(token):
        return token.lower()
    # Heh with yeh above would come apart into a letter of Kurdish.
    text = unicodedata.normalize("NFKC", token).casefold().replace("\u06c0", "\u0647")
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    text = nasal(unicodedata.normalize("NFC", text.translate(_LETTERS)))
    return "".join(_digit(c) for c in text if _counts(c))


def nasal(word: str) -> str:
    """Devanagari with the anusvara for every nasal that may be written so, as dictionaries have it."""
    return _NASALS.sub("\u0902", word)


def _counts(char: str) -> bool:
    return char not in _APOSTROPHES and unicodedata.category(char)[0] in "LNM"


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
