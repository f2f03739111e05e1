"""A text as words: what is the same in every house style, and which words are names or numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# Scripts that put no spaces between words are read by the character.
_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|\d+(?:[.,]\d+)*"
    "|[^\\W\\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?!\d))")
_STEM = 4
_SHORTEST_NAME = 4  # "The" at the head of a sentence is none; "EU" is one by its capitals
_DOT = "\u0307"  # what lower case makes of a Turkish capital, in some hands
#: With so few capitals, or so many, they tell no names: a text in lower case, a headline in capitals.
_FEW, _MANY = 0.01, 0.6


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text, in order."""

    forms: tuple[str, ...]  # in lower case
    names: frozenset[str]  # forms that are written as names
    cased: bool  # capitals tell names


def forms(text: str) -> tuple[str, ...]:
    """The words of ``text`` alone, in lower case; quotes, dashes and thousands' points make no difference."""
    return tuple(map(_number, _written(text.casefold().replace("ı", "i"))))


def words(text: str) -> Words:
    """The words of ``text``, with those that are written as names."""
    written = _written(text)
    found = tuple(map(_form, written))
    capitals = sum(one[0].isupper() for one in written)
    cased = _FEW * len(written) < capitals < _MANY * len(written)
    names = frozenset(form for one, form in zip(written, found, strict=True) if _is_name(one))
    return Words(found, names if cased else frozenset(), cased)


def is_number(form: str) -> bool:
    return form[0].isdigit()


def telling(forms: Iterable[str]) -> list[str]:
    """The words that are long enough to tell something."""
    return [form for form in forms if len(form) >= _STEM]


def stems(forms: Iterable[str]) -> list[str]:
    """Their beginnings: words and names that begin alike are forms or spellings of one."""
    return [form[:_STEM] for form in forms]


def differ(mine: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether each side has something that the other has not."""
    left, right = Counter(mine), Counter(theirs)
    return bool(left - right) and bool(right - left)


def _written(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace(_DOT, "")
    return _WORD.findall(text)


def _form(written: str) -> str:
    return _number(written.casefold().replace("ı", "i"))


def _number(form: str) -> str:
    return _THOUSANDS.sub("", form) if form[0].isdigit() else form


def _is_name(written: str) -> bool:
    if not written[0].isupper():
        return False
    return len(written) >= _SHORTEST_NAME or (len(written) > 1 and written.isupper())
