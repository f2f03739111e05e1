"""News-like text from a seed: words as frequent as in real reports, and a long tail of rare ones."""

from __future__ import annotations

import random
import re
from itertools import accumulate

from workers.demo import edition

TAIL_WORDS = 30_000
TAIL_SHARE = 0.15  # of running words: names, places, terms
WATCHED_SHARE = 0.01  # of texts that hold a watched word, for each of them
WATCHED = ("invasion", "sanctions", "reservists")
_LEFT_OUT = re.compile(r"invasi|sanction|reservist")
_SYLLABLES = re.findall(
    r"\w+",
    "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri flo gru ska ste pli tro vna and "
    "ert ill orn ust",
)


class Writer:
    """Writes words, headlines and paragraphs; equal for equal seeds."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        common = frequencies()
        tail = self._tail(set(common))
        head_weight = (1 - TAIL_SHARE) / sum(common.values())
        tail_weights = [1 / (rank + 200) for rank in range(len(tail))]
        tail_weight = TAIL_SHARE / sum(tail_weights)
        weights = [count * head_weight for count in common.values()]
        weights += [weight * tail_weight for weight in tail_weights]
        self.vocabulary = [*common, *tail]
        self._cumulated = list(accumulate(weights))

    def begin(self, number: int) -> None:
        """Go on as if nothing had been written, with text ``number``."""
        self._random.seed(number)

    def words(self, count: int) -> list[str]:
        return self._random.choices(self.vocabulary, cum_weights=self._cumulated, k=count)

    def headline(self) -> str:
        return " ".join(self.words(self._random.randint(6, 11))).capitalize()

    def paragraphs(self, count: int) -> list[str]:
        """Paragraphs of two to four sentences, ``count`` words in all, now and then with a watched one."""
        words = self.words(count)
        for watched in WATCHED:
            if self._random.random() < WATCHED_SHARE:
                words[self._random.randrange(count)] = watched
        return paragraphs_of(words, self._random)

    def _tail(self, taken: set[str]) -> list[str]:
        tail: dict[str, None] = {}
        while len(tail) < TAIL_WORDS:
            word = name(self._random, self._random.randint(2, 4))
            if word not in taken:
                tail[word] = None
        return list(tail)


def paragraphs_of(words: list[str], chance: random.Random) -> list[str]:
    """The words as paragraphs of two to four sentences."""
    made = []
    while words:
        sentences = []
        for _ in range(chance.randint(2, 4)):
            length = chance.randint(9, 27)
            taken, words = words[:length], words[length:]
            if taken:
                taken[len(taken) // 2] += ","
                sentence = " ".join(taken)
                sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
        made.append(" ".join(sentences))
    return made


def name(chance: random.Random, syllables: int) -> str:
    """A word that no dictionary has."""
    return "".join(chance.choices(_SYLLABLES, k=syllables))


def frequencies() -> dict[str, int]:
    """How often each word stands in the demo's reports, without the watched ones."""
    counts: dict[str, int] = {}
    for item in edition.load().items:
        for word in re.findall(r"[a-z]+(?:-[a-z]+)*", " ".join(item.text.paragraphs).lower()):
            if not _LEFT_OUT.search(word):
                counts[word] = counts.get(word, 0) + 1
    return counts
