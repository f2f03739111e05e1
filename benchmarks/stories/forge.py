"""Copies and near misses made from real texts, always the same for the same seed.

A copy says the same in the words of another house.  Its edits leave alone what
carries the facts, numerals and words with a capital: a text with another number
or name is another text, and such are made too, as traps.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from pipeline.core.copies import Print

Forger = Callable[[random.Random, Print], Print | None]

_WORDS = (
    "also", "still", "nearly", "however", "reportedly", "further", "recent", "officials",
    "according", "earlier", "later", "several", "many", "local", "around", "about", "over", "under",
    "during", "while", "after", "before", "because", "likely", "quickly", "again", "officially",
    "meanwhile",
)  # fmt: skip
_AGENCIES = ("AP", "Reuters", "AFP", "dpa", "PA", "Xinhua", "ANI", "TASS")
_PLACES = ("LONDON", "WASHINGTON", "BRUSSELS", "NEW DELHI", "Kyiv, Ukraine", "BERLIN", "Paris")
_BEFORE = (
    "This article was published by our partner and appears here with kind permission.",
    "Listen to this article. Estimated reading time three minutes.",
    "Get the latest headlines in your inbox every morning.",
    "Share this page with your friends on social media.",
)
_AFTER = (
    "Read more on our website.",
    "Continue reading the full story.",
    "Sign up for our newsletter to get stories like this in your inbox every day.",
    "Follow us on social media for the latest news.",
    "All rights reserved. This material may not be published, broadcast, rewritten or redistributed.",
    "Our journalism needs your support. Become a member today.",
)
_NUMERAL = re.compile(r"\d+")


def copies() -> Mapping[str, Forger]:
    """The ways in which a text is copied."""
    return {
        "edited": _edited,
        "truncated": _truncated,
        "re-headlined": _reheadlined,
        "agency tag": _tagged,
        "dateline": _datelined,
        "boilerplate before": _before,
        "boilerplate after": _after,
        "capitals": lambda _, text: _each(text, str.upper),
        "lower case": lambda _, text: _each(text, str.lower),
        "typography": lambda _, text: _each(text, _typeset),
        "several": _several,
    }


def traps() -> Mapping[str, Forger]:
    """The ways in which a text is made another one."""
    return {"other number": _renumbered, "other numbers": _all_renumbered, "other name": _renamed}


def _each(text: Print, change: Callable[[str], str]) -> Print:
    return Print(change(text.title), change(text.summary), change(text.body))


def _with(text: Print, main: str) -> Print:
    if text.whole:
        return Print(text.title, text.summary, main)
    return Print(text.title, main, text.body)


def _main(text: Print) -> str:
    return text.body if text.whole else text.summary


def _edited(chance: random.Random, text: Print) -> Print | None:
    """One word in twenty is left out, replaced, doubled by another or changes places with the next."""
    words = _main(text).split()
    plain = [at for at, word in enumerate(words) if word.isalpha() and word.islower()]
    count = max(1, round(len(words) / 20))
    if len(plain) < count:
        return None
    for at in sorted(chance.sample(plain, count), reverse=True):
        kind = chance.randrange(4)
        if kind == 0:
            del words[at]
        elif kind == 1:
            words[at] = chance.choice(_WORDS)
        elif kind == 2:
            words.insert(at, chance.choice(_WORDS))
        elif at + 1 < len(words):
            words[at], words[at + 1] = words[at + 1], words[at]
    return _with(text, " ".join(words))


def _truncated(chance: random.Random, text: Print) -> Print | None:
    """The first part, at least 15 words of it, with what feeds put where they stop."""
    words = _main(text).split()
    least = max(15, len(words) // 10)
    if least >= len(words):
        return None
    kept = words[: chance.randrange(least, len(words))]
    return _with(text, " ".join(kept) + chance.choice(("…", "...", " […]", " [...]", "… Read more", "")))


def _reheadlined(chance: random.Random, text: Print) -> Print | None:
    """Another headline over the same text, made of its first words or of its own in another order."""
    words = _main(text).split()
    if len(words) < 15:
        return None
    old = text.title.split()
    if len(old) > 4 and chance.random() < 0.5:
        cut = chance.randrange(2, len(old) - 1)
        title = " ".join([*old[cut:], *old[:cut]])
    else:
        title = " ".join(words[chance.randrange(3) :][: chance.randrange(6, 11)])
    return Print(title, text.summary, text.body)


def _tagged(chance: random.Random, text: Print) -> Print:
    agency = chance.choice(_AGENCIES)
    if chance.random() < 0.5:
        return Print(f"{text.title} ({agency})", text.summary, text.body)
    return _with(text, f"{agency} - {_main(text)}")


def _datelined(chance: random.Random, text: Print) -> Print:
    place, agency = chance.choice(_PLACES), chance.choice(_AGENCIES)
    line = chance.choice((f"{place} ({agency}) — ", f"{place}, Feb 18 ({agency}) - ", f"{place.upper()} - "))
    return _with(text, line + _main(text))


def _before(chance: random.Random, text: Print) -> Print:
    return _with(text, f"{chance.choice(_BEFORE)}\n{_main(text)}")


def _after(chance: random.Random, text: Print) -> Print:
    return _with(text, f"{_main(text)}\n{chance.choice(_AFTER)}")


def _typeset(text: str) -> str:
    swap = str.maketrans({"'": "’", '"': "”", "-": "‑", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
    return text.translate(swap).replace(" ", "\u00a0", 3)


def _several(chance: random.Random, text: Print) -> Print | None:
    """An edited copy under another headline, with a dateline, and a line below."""
    edited = _edited(chance, text)
    headed = edited and _reheadlined(chance, edited)
    return headed and _after(chance, _datelined(chance, headed))


def _renumbered(chance: random.Random, text: Print) -> Print | None:
    """One number of the first words is another one."""
    return _replaced(text, lambda places: [chance.choice(places)], chance)


def _all_renumbered(chance: random.Random, text: Print) -> Print | None:
    return _replaced(text, lambda places: places, chance)


def _replaced(
    text: Print, choose: Callable[[list[re.Match[str]]], Sequence[re.Match[str]]], chance: random.Random
) -> Print | None:
    main = _main(text)
    places = [found for found in _NUMERAL.finditer(main) if found.start() < 300]
    if not places:
        return None
    for place in reversed(choose(places)):
        number = str(int(place[0]) + chance.randrange(1, 9))
        main = main[: place.start()] + number + main[place.end() :]
    return _with(text, main)


def _renamed(chance: random.Random, text: Print) -> Print | None:
    """One name of the first words is another one, there and wherever it stands."""
    words = _main(text).split()[:45]
    inner = {
        word
        for before, word in pairwise(words)
        if word.istitle() and word.isalpha() and len(word) > 4 and before[-1].isalpha()
    }
    if not inner:
        return None
    old = chance.choice(sorted(inner))
    new = chance.choice([name for name in ("Borgovia", "Kellermann", "Ostrava", "Whitfield") if name != old])
    return _each(text, lambda part: re.sub(rf"\b{old}\b", new, part))
