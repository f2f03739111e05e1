"""A naive reading of a query: straight from the words of its tree, without index, vocabulary or sweep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, product

from pipeline.core.analyse import Analysed, analyse, cased_form, exact_forms, fold, forms_in, split, tokens
from pipeline.core.model import About
from pipeline.core.query import And, Kind, Near, Node, Not, Or, Phrase, Word

TEXTS = ("title", "summary", "body")


@dataclass(frozen=True)
class Text:
    """An article as it is stored."""

    title: str = ""
    summary: str = ""
    body: str = ""
    language: str | None = "en"
    about: About = field(default_factory=About)

    @property
    def analysed(self) -> Analysed:
        return analyse(self.title, self.summary, self.body, self.language, self.about)

    @property
    def read_in(self) -> str:
        return analyse(self.title, self.summary, self.body, self.language).language

    def values(self, name: str) -> list[str]:
        about = self.about
        if name in TEXTS:
            return [getattr(self, name)]
        return {
            "author": [about.author],
            "url": [about.url],
            "tag": [*about.tags, *(tag for feed in about.feeds for tag in feed.tags)],
            "feed": [text for feed in about.feeds for text in (feed.title, feed.url)],
        }[name]


def holds(node: Node, text: Text) -> bool:
    """Whether an article meets a query."""
    match node:
        case And(parts):
            return all(holds(part, text) for part in parts)
        case Or(parts):
            return any(holds(part, text) for part in parts)
        case Not(part):
            return not holds(part, text)
        case Word(kind=Kind.FACET):
            return _facet(node, text.about, text.language)
        case Word():
            return any(_firsts(node, value, text.read_in) for value in _fields(node.field, text))
        case Phrase() | Near():
            return any(_firsts(node, value, text.read_in) for value in _fields(node.field, text))


def _fields(field: str, text: Text) -> list[str]:
    return [value for name in ([field] if field else TEXTS) for value in text.values(name)]


def _facet(word: Word, about: About, language: str | None) -> bool:
    if word.field == "feed":
        return word.surface in {str(feed.id) for feed in about.feeds}
    if word.field == "lang":
        return language is not None and language.lower().split("-")[0] == word.surface
    hosts = [url.split("//")[-1].split("/")[0].lower() for url in (about.url, *(f.url for f in about.feeds))]
    return any(
        word.surface in host.split(".") or f".{host.removeprefix('www.')}".endswith(f".{word.surface}")
        for host in hosts
        if host
    )


@lru_cache(maxsize=1 << 16)
def _firsts(part: Word | Phrase | Near, value: str, language: str) -> frozenset[int]:
    """The numbers of the tokens at which a leaf begins in one text."""
    words, gaps = tokens(value), split(value)[0::2]
    match part:
        case Word():
            found = [*enumerate(words), *_pairs(value)]
            return frozenset(at for at, word in found if _same(part, word, language))
        case Phrase(_, parts):
            return frozenset(
                at
                for at in range(len(words) - len(parts) + 1)
                if all(_same(each, words[at + step], language) for step, each in enumerate(parts))
                and not any(each.glued and gaps[at + step] for step, each in enumerate(parts))
            )
        case Near(_, parts):
            ways = [frozenset().union(*(_firsts(way, value, language) for way in each)) for each in parts]
            return frozenset(
                min(chosen)
                for chosen in product(*ways)
                if max(chosen) - min(chosen) < part.span
                and (not part.ordered or all(a < b for a, b in pairwise(chosen)))
            )


def _pairs(value: str) -> list[tuple[int, str]]:
    """What a hyphen joins, by the number of its first token."""
    found = []
    at = 0
    spans = []
    for token in tokens(value):
        at = value.index(token, at)
        spans.append((at, at + len(token)))
        at += len(token)
    for number, ((start, end), (after, last)) in enumerate(pairwise(spans)):
        pair = value[start:end] + value[after:last]
        if value[end:after] in {"-", "\u2010", "\u2011"} and not pair.isdecimal():
            found.append((number, pair))
    return found


def _same(part: Word, word: str, language: str) -> bool:
    match part.kind:
        case Kind.INFLECTED:
            return bool(set(forms_in(language)[part.surface]) & set(forms_in(language)[word]))
        case Kind.EXACT:
            return fold(part.surface) in exact_forms(word)
        case Kind.CASED:
            return bool(exact_forms(word)) and cased_form(word) == part.surface
        case Kind.PREFIX:
            return any(form.startswith(part.surface) for form in exact_forms(word))
        case Kind.WILDCARD:
            pattern = re.escape(part.surface).replace(r"\?", ".").replace(r"\*", ".*")
            return any(re.fullmatch(pattern, form, re.DOTALL) for form in exact_forms(word))
        case _:
            return any(_edits(part.surface, form) <= 1 for form in exact_forms(word))


def _edits(one: str, other: str) -> int:
    """The distance of two words in letters added, taken out, changed or swapped, by the whole matrix."""
    rows = {(i, -1): i + 1 for i in range(-1, len(one))} | {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + (a != b))
            if i and j and a == other[j - 1] and one[i - 1] == b:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(one) - 1, len(other) - 1]
