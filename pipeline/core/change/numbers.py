"""Numbers in headlines, by value: 1,500, 1.500 and 1.5 thousand are one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.core.analyse import fold
from pipeline.core.change.words import NUMBER, SCALE, SCALES

_GROUPED = re.compile(r"\A\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?\Z")
_LONGEST = 30  # digits; what is longer counts nothing


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands."""

    value: str
    start: int
    end: int


def numbers(text: str) -> Iterator[Number]:
    """The numbers of a text, each with the word that scales it."""
    for found in NUMBER.finditer(text):
        scale = SCALE.match(text, found.end())
        if found.end() < len(text) and text[found.end()].isalpha() and not scale:
            continue  # 2nd, 737s: part of a word
        power = SCALES[scale[1].lower()] if scale else 0
        yield Number(_value(found[0], power), found.start(), scale.end() if scale else found.end())


def _value(written: str, power: int) -> str:
    digits = "".join(fold(char) or char for char in written)[:_LONGEST]
    if _GROUPED.match(digits) and not (power and len(digits) <= 6):  # 1.234 million has decimals
        head, mark, tail = _decimals(digits)
        plain = re.sub(r"\D", "", head) + (f".{tail}" if mark else "")
    else:
        plain = digits.replace(",", ".")
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    value = (Decimal(plain) * Decimal(10) ** power).normalize()
    return format(value, "f")


def _decimals(digits: str) -> tuple[str, str, str]:
    """Grouped digits and the decimals behind them, where the last mark is another than the first."""
    marks = re.findall(r"\D", digits)
    if len(marks) > 1 and marks[-1] != marks[0]:
        return digits.rpartition(marks[-1])
    return digits, "", ""
