"""What the articles are made of: English words with their inflections, names, and words that go together."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, chain
from math import exp
from typing import NamedTuple

from simplemma.strategies.dictionaries import StreamDictionaryFactory

from benchmarks.text import frequencies, name, paragraphs_of
from pipeline.core.analyse import forms_in

ARTICLE_WORDS = 500
HEAD_SHARE = 0.86  # of running words: the 2,300 of the demo's reports; as many make up so much of any news
# Of running words: written before in the same article. It leaves the 250 distinct ones that news has in 500.
AGAIN_SHARE = 0.3
DRAWN = round(ARTICLE_WORDS * (1 - AGAIN_SHARE))
FRESH_SHARE = 0.005  # of the words drawn: never seen before, as news has them every day
NAMES = 30_000
PAIRS = 15_000
# How rare the words below are: as 1/rank, and beyond the words that everyone knows nearly as 1/rank².
_KNOWN = 6_000
_BEYOND = 0.9


class Unit(NamedTuple):
    """A word in all its forms, the commonest first; or two words that go together, as one form."""

    forms: tuple[str, ...]
    weight: float  # share of the running words

    @property
    def chance(self) -> float:
        """How likely an article is to have it in some form."""
        return chance_of(self.weight)

    @property
    def is_pair(self) -> bool:
        return " " in self.forms[0]


class Vocabulary:
    """All units, the commonest first; equal for equal seeds."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        common = frequencies()
        share = HEAD_SHARE / sum(common.values())
        units = [
            Unit(tuple(words), sum(map(common.__getitem__, words)) * share) for words in _together(common)
        ]
        tail = _tail(chance, common)
        weights = [_weight(rank) for rank in range(len(tail))]
        share = (1 - HEAD_SHARE - FRESH_SHARE) / sum(weights)
        units += [Unit(forms, weight * share) for forms, weight in zip(tail, weights, strict=True)]
        self.units = sorted(units, key=lambda unit: -unit.weight)

    @cached_property
    def written(self) -> tuple[list[str], list[float]]:
        """Every form with its cumulated weight: half of a word's weight is on the first of its forms."""
        forms: list[str] = []
        weights: list[float] = []
        for unit in self.units:
            others = len(unit.forms) - 1
            forms += unit.forms
            weights += [unit.weight / 2 if others else unit.weight] + [
                unit.weight / 2 / (others or 1)
            ] * others
        return forms, list(accumulate(weights))

    def beginning(self, prefix: str) -> float:
        """The weight of all forms that begin so."""
        forms, cumulated = self._sorted
        start, end = bisect_left(forms, prefix), bisect_left(forms, f"{prefix}\uffff")
        return cumulated[end] - cumulated[start]

    @cached_property
    def _sorted(self) -> tuple[list[str], list[float]]:
        forms, cumulated = self.written
        weights = (one - before for one, before in zip(cumulated, [0.0, *cumulated], strict=False))
        pairs = sorted(zip(map(str.lower, forms), weights, strict=True))
        return [form for form, _ in pairs], list(accumulate((weight for _, weight in pairs), initial=0.0))


def write(vocabulary: Vocabulary, seed: int) -> Iterator[tuple[str, str]]:
    """Title and body of one article after the other; equal for equal seeds."""
    chance = random.Random(seed)
    forms, cumulated = vocabulary.written
    while True:
        drawn = chance.choices(forms, cum_weights=cumulated, k=DRAWN)
        for at in range(DRAWN):
            if chance.random() < FRESH_SHARE:
                drawn[at] = name(chance, 5).capitalize()
        drawn += chance.choices(drawn, k=ARTICLE_WORDS - DRAWN)
        chance.shuffle(drawn)
        words = " ".join(drawn).split()[:ARTICLE_WORDS]
        title = " ".join(words[:9])
        yield title, "\n\n".join(paragraphs_of(words[9:], chance))


def chance_of(weight: float) -> float:
    """How likely an article is to have what makes up this share of the running words."""
    return 1 - exp(-weight * DRAWN)


def _weight(rank: int) -> float:
    return 1 / (rank + 200) * min(1.0, (_KNOWN / (rank + 1)) ** _BEYOND)


def _tail(chance: random.Random, common: dict[str, int]) -> list[tuple[str, ...]]:
    """The words of the dictionary that are not common, with names, shuffled; among them pairs."""
    words = _families(common)
    names = {name(chance, chance.randint(2, 4)).capitalize() for _ in range(NAMES)}
    words += [(each, f"{each}'s") for each in sorted(names)]
    chance.shuffle(words)
    tail: list[tuple[str, ...]] = []
    share = PAIRS / (PAIRS + len(words))
    for rank, word in enumerate(words):
        tail.append(word)
        if rank and chance.random() < share / (1 - share):
            tail.append((f"{chance.choice(words[:rank])[0]} {chance.choice(words[:rank])[0]}",))
    return tail


def _together(common: dict[str, int]) -> list[list[str]]:
    """The common words, those together that the analyser takes for one another (say, said, says)."""
    known = forms_in("en")
    owners: dict[str, list[str]] = {}
    groups = []
    for word in sorted(common, key=lambda word: -common[word]):
        group = next((owners[form] for form in known[word] if form in owners), None)
        if group is None:
            groups.append(group := [])
        group.append(word)
        owners.update(dict.fromkeys(known[word], group))
    return groups


def _families(common: dict[str, int]) -> list[tuple[str, ...]]:
    """Lemmas with their inflections, none of which the analyser takes for a common word or one of another."""
    families: dict[str, list[str]] = {}
    for form, lemma in StreamDictionaryFactory().get_dictionary("en").items():
        if form.isascii() and form.isalpha() and form.islower() and 3 < len(form) < 20:
            families.setdefault(lemma, []).append(form)
    known = forms_in("en")
    taken = set(chain.from_iterable(map(known.__getitem__, common)))
    found = []
    for lemma, forms in families.items():
        met = set(chain.from_iterable(map(known.__getitem__, forms)))
        if lemma in forms and taken.isdisjoint(met):
            taken |= met
            found.append(tuple(sorted(forms, key=lambda form: (form != lemma, form))))
    return found
