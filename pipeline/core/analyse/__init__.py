"""The analyser: from an article's text to the terms that queries meet.

There is one analyser for the stream, the archive's index and the queries, so
that a query matches in the stream exactly if it matches in the archive.
"""

from __future__ import annotations


class Analysed:
    """An article as the matcher sees it.

    ``terms`` holds the folded forms and the lemmas of every word: what the
    full-text index stores.  ``language`` is the one whose lemmas were used.
    """

    language: str
    terms: frozenset[str]


def analyse(title: str, summary: str, body: str, language: str | None) -> Analysed:
    """Analyse the plain texts of an article; ``language`` is a BCP 47 tag, None when unknown."""
    raise NotImplementedError


def prepare(language: str | None) -> None:
    """Load the dictionary of a language (up to some seconds), so that no article has to wait for it."""
    raise NotImplementedError
