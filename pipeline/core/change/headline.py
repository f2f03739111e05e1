"""Headlines laid over each other: which numbers and names one has and the other has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pipeline.core.analyse import cased_form, is_word, primary, split, spoken
from pipeline.core.change.notices import label_of
from pipeline.core.change.numbers import numbers
from pipeline.core.change.sentences import form
from pipeline.core.change.version import Part, Version
from pipeline.core.change.words import DATE, LABEL, LIVE, NUMBER_WORDS, OUTLET

#: What counts in a headline.
KINDS = ("number", "name")
#: Headlines that share at least this much of their words are one headline, edited; else one was rewritten.
EDITED = 0.6
_TITLE_CASE = 0.6
_LONG_WORD = 4
#: Languages that write every noun with a capital.
_NOUNS = frozenset({"de", "lb"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a headline and where it stands; numbers are equal by value."""

    key: str
    kind: str  # number, name or word
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline without label, date and outlet, in words."""

    title: str
    words: tuple[Word, ...]

    def keys(self) -> list[str]:
        """What the words are compared by."""
        return [word.key for word in self.words]

    def of(self, kind: str) -> Counter[str]:
        """How often each number or name stands in it."""
        return Counter(word.key for word in self.words if word.kind == kind)

    def shown(self, keys: set[str]) -> list[str]:
        """The words of these keys as they are written."""
        return [self.title[word.start : word.end] for word in self.words if word.key in keys]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Two headlines, word by word."""

    before: Headline
    after: Headline
    edited: bool  # one headline, edited; False: another one
    parts: tuple[Part, ...]
    replaced: tuple[tuple[tuple[Word, ...], tuple[Word, ...]], ...]  # words that stand in the place of others


def read(version: Version) -> Headline:
    """The headline of a version."""
    title = version.title
    core = _blank(title)
    language = primary(version.language or spoken(version.text, None))
    names = _names(core, version, language)
    found: list[Word] = []
    for number in numbers(core):
        found.append(Word(number.value, "number", number.start, number.end))
        core = core[: number.start] + " " * (number.end - number.start) + core[number.end :]
    place = 0
    for index, piece in enumerate(split(core)):
        if index % 2 and (key := form(piece)):
            value = NUMBER_WORDS.get(key)
            kind = "number" if value else "name" if piece in names else "word"
            found.append(Word(value or key, kind, place, place + len(piece)))
        place += len(piece)
    return Headline(title, tuple(sorted(found, key=lambda word: word.start)))


def is_live(title: str) -> bool:
    """Whether it is the headline of a live report, which changes all the time."""
    return LIVE.search(title) is not None


def overlay(before: Headline, after: Headline) -> Overlay:
    """Lay one headline over the other."""
    matcher = SequenceMatcher(None, before.keys(), after.keys(), autojunk=False)
    parts: list[Part] = []
    replaced = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        old, new = before.words[i1:i2], after.words[j1:j2]
        if tag == "equal":
            parts.append(Part("same", _slice(after.title, new)))
            continue
        if old:
            parts.append(Part("removed", _slice(before.title, old)))
        if new:
            parts.append(Part("added", _slice(after.title, new)))
        if tag == "replace":
            replaced.append((old, new))
    return Overlay(before, after, matcher.ratio() >= EDITED, tuple(parts), tuple(replaced))


def _slice(title: str, words: Sequence[Word]) -> str:
    return title[words[0].start : words[-1].end]


def _blank(title: str) -> str:
    """The headline with spaces for all that does not count, so that places stay."""
    notice = label_of(title)
    title = " " * len(notice) + title[len(notice) :]
    while (label := LABEL.match(title)) and title[label.end() :].strip():
        title = " " * label.end() + title[label.end() :]
        if not label[0].strip():
            break
    if outlet := OUTLET.search(title):
        title = title[: outlet.start()] + " " * (len(title) - outlet.start())
    return DATE.sub(lambda date: " " * len(date[0]), title)


def _names(core: str, version: Version, language: str) -> set[str]:
    """Those tokens of a headline that are names, as far as capitals and the dictionary tell.

    A capital tells nothing at the beginning, in headlines that Capitalise Every
    Word, nor in German; there a word is a name if no dictionary has it, or if the
    text writes it with a capital amid its sentences and never without.
    """
    pieces = split(core)
    tokens = [(pieces[i], i <= 1 or _begins(pieces[i - 1])) for i in range(1, len(pieces), 2)]
    capital = [(token, begins) for token, begins in tokens if token[:1].isupper() or _is_code(token)]
    long = [token for token, begins in tokens if len(token) >= _LONG_WORD and not begins]
    shouted = bool(long) and sum(token[:1].isupper() for token in long) >= _TITLE_CASE * len(long)
    small, amid = _usage(version)
    names = set()
    for token, begins in capital:
        key = form(token)
        shows = not (shouted or begins) or (key in amid and key not in small)
        rare = key not in small and not _is_known(cased_form(token), language)
        if rare or (shows and language not in _NOUNS):
            names.add(token)
    return names


def _usage(version: Version) -> tuple[set[str], set[str]]:
    """Words that the text beneath writes small, and those that it writes with a capital amid a sentence."""
    pieces = split(f"{version.summary}\n{version.body[:20_000]}")
    small: set[str] = set()
    amid: set[str] = set()
    for i in range(1, len(pieces), 2):
        if pieces[i][:1].islower():
            small.add(form(pieces[i]))
        elif pieces[i][:1].isupper() and i > 1 and not _begins(pieces[i - 1]):
            amid.add(form(pieces[i]))
    return small, amid


def _begins(separator: str) -> bool:
    """Whether a sentence may begin behind these characters."""
    return any(char in ".!?:\n\"“„«‘'…–—-|(" for char in separator)


def _is_code(token: str) -> bool:
    """G20, F16: letters and digits together name something."""
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))


def _is_known(word: str, language: str) -> bool:
    small = word.lower()
    return len(small) < 2 or is_word(small, language) or (language in _NOUNS and is_word(word, language))
