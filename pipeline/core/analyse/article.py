"""An article, analysed: cut into tokens at once, all else when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, chain
from urllib.parse import urlsplit

from pipeline.core.analyse.forms import forms_in
from pipeline.core.analyse.languages import language_of
from pipeline.core.analyse.tokens import HYPHENS, split, trim
from pipeline.core.model import About

FIELDS = ("title", "summary", "body")


class Field:
    """One text of an article, cut into tokens; a token is named by its number, from 0."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._pieces = split(text)
        self.tokens = self._pieces[1::2]

    def gap(self, number: int) -> str:
        """What stands before a token."""
        return self._pieces[2 * number]

    @cached_property
    def pairs(self) -> dict[int, str]:
        """Neighbours that a hyphen joins, written as one ("ceasefire"), by the first one's number."""
        pairs: dict[int, str] = {}
        for hyphen in HYPHENS:
            if hyphen in self.text:
                pairs.update(_pairs(self._pieces[0::2], self.tokens, hyphen))
        return pairs

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where ``count`` tokens from ``first`` on stand: start and end in code points of ``text``."""
        last = first + count - 1
        end = self._offsets[2 * last + 1] + len(trim(self.tokens[last]))
        return self._offsets[2 * first + 1], end

    @cached_property
    def _offsets(self) -> list[int]:
        return list(accumulate(map(len, self._pieces), initial=0))


class Analysed:
    """An article as the matcher sees it: its non-empty texts, the language they are read in, and the rest.

    ``about`` is what queries ask of by other fields; it costs nothing until one does.
    """

    def __init__(
        self, fields: tuple[Field, ...], language: str, about: About | None = None, tag: str | None = None
    ) -> None:
        self.fields = fields
        self.language = language
        self._about = about or About()
        self._tag = tag

    def beside(self, name: str) -> list[Field]:
        """The fields called ``name`` (author, url, feed or tag) beside the text, one for each value."""
        about = self._about
        values = {
            "author": (about.author,),
            "url": (about.url,),
            "tag": (*about.tags, *chain.from_iterable(each.tags for each in about.feeds)),
            "feed": tuple(chain.from_iterable((each.title, each.url) for each in about.feeds)),
        }
        return [Field(name, value) for value in values[name] if value]

    @cached_property
    def facets(self) -> dict[tuple[str, str], str]:
        """What is compared as a whole, by field and value, with the text that has it.

        An outlet is asked for by its host, by an end of it (``bbc.co.uk`` of
        ``www.bbc.co.uk``) or by one of its labels (``bbc``); it is that of the
        article's address and of every feed that lists it.
        """
        about = self._about
        found = {("feed", str(each.id)): each.title or each.url for each in about.feeds}
        if self._tag:
            language = self._tag.strip().lower().replace("_", "-").partition("-")[0]
            found["lang", language] = self._tag
        for url in (*(each.url for each in about.feeds), about.url):
            host = _host(url)
            labels = host.split(".")
            ends = (".".join(labels[at:]) for at in range(len(labels)))
            found.update((("source", value), host) for value in (*labels, *ends) if value)
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """The distinct tokens, as written, and the hyphenated pairs in one."""
        return frozenset(chain.from_iterable((*field.tokens, *field.pairs.values()) for field in self.fields))

    @cached_property
    def terms(self) -> frozenset[str]:
        """The folded forms and the lemmas of every word: what the full-text index stores."""
        return frozenset(chain.from_iterable(map(forms_in(self.language).__getitem__, self.words)))


def analyse(
    title: str, summary: str, body: str, language: str | None, about: About | None = None
) -> Analysed:
    """Analyse the plain texts of an article; ``language`` is a BCP 47 tag, None when unknown."""
    sample = next((text for text in (f"{title} {summary}", body) if text.strip()), "")
    texts = zip(FIELDS, (title, summary, body), strict=True)
    fields = tuple(Field(name, text) for name, text in texts if text)
    return Analysed(fields, language_of(sample, language), about, language)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _pairs(separators: list[str], tokens: list[str], hyphen: str) -> Iterable[tuple[int, str]]:
    at = 0
    while True:
        try:
            at = separators.index(hyphen, at + 1, len(tokens))
        except ValueError:
            return
        pair = tokens[at - 1] + tokens[at]
        if not pair.isdecimal():  # seasons and scores
            yield at - 1, pair
