"""A text as sentences, and which of them an earlier text did not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.core.analyse import dense, exact_forms, tokens
from pipeline.core.change.words import DATE

#: A sentence is new when fewer than this share of its word triples stood in the other text.
KNOWN = 0.5
_RUN = 3
#: Of a text without end, so much is compared.
_CHARS = 100_000

_DIGIT = re.compile(r"\d")  # a date has one
_END = re.compile(r"(?<=[.!?…])[\"”’»)\]]*\s+(?=\S)|(?<=[。！？])|\n+")
# What pages say of themselves.
_FURNITURE = re.compile(
    r"\A\W*(?:"
    r"(?:last |first )?(?:updated|published|posted|modified|edited)\b.{0,60}\Z"
    r"|(?:zuletzt )?(?:aktualisiert|veröffentlicht|stand)\b.{0,60}\Z"
    r"|(?:mis à jour|publié|actualizado|publicado|aggiornato|обновлено|опубликовано|оновлено)\b.{0,60}\Z"
    r"|[\d.,]+\s?[km]? (?:views?|comments?|shares?|likes?|reads?|просмотр\w*|aufrufe|vues|visitas)\W*\Z"
    r"|\d+ min(?:ute)?s?\.? (?:read|ago)\W*\Z|\d+ (?:hours?|days?) ago\W*\Z"
    r"|(?:read|see|view|click|tap|share|follow|subscribe|sign up|log in|related|more)\b.{0,80}\Z"
    r"|this is a (?:developing|breaking)\b.*\Z|(?:more to follow|please check back|refresh for)\b.*\Z"
    r"|(?:follow )?(?:our )?live (?:updates|coverage|blog|reporting)\b.{0,120}\Z"
    r"|(?:photo|image|picture|video|foto|bild)s?(?: by| credit)?\s?[:©/].*\Z|©.*\Z"
    r"|(?:mehr|lesen sie|weiterlesen|lire|leer|leggi|читать|читайте)\b.{0,80}\Z"
    r")",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and its words as they are compared: folded, without dates."""

    text: str
    words: tuple[str, ...]


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a plain text, without what a page says of itself."""
    for part in _END.split(text[:_CHARS]):
        sentence = part.strip()
        if sentence and not _FURNITURE.match(sentence):
            yield Sentence(sentence, words(sentence))


def unknown(found: Iterable[Sentence], other: Iterable[Sentence]) -> list[Sentence]:
    """Those of ``found`` that ``other`` does not have: in other order, or nearly the same, they are known."""
    runs: set[tuple[str, ...]] = set()
    for one in other:
        runs.update(_runs(one.words))
    return [one for one in found if not _known(_runs(one.words), runs)]


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, without dates."""
    if _DIGIT.search(text):
        text = DATE.sub(" ", text)
    return tuple(map(form, tokens(text)))


def form(token: str) -> str:
    """What a word is compared by: folded, without possessive and elided article."""
    return next(iter(exact_forms(token)), "")


def length(found: Iterable[Sentence]) -> float:
    """The length of sentences in words; in scripts without spaces, two characters are one."""
    return sum(0.5 if dense(word) else 1.0 for one in found for word in one.words)


def _known(own: list[tuple[str, ...]], runs: set[tuple[str, ...]]) -> bool:
    return sum(run in runs for run in own) >= KNOWN * len(own)


def _runs(found: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each three words that follow each other; of fewer, they all."""
    if len(found) <= _RUN:
        return [found] if found else []
    return [found[i : i + _RUN] for i in range(len(found) - _RUN + 1)]
