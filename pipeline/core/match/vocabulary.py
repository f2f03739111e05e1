"""The words that queries ask for, and which of them a token of a text is.

Every distinct word of all queries is one atom, shared by the queries that ask for it.  For each language a
table maps a form to the atoms that have it there, and a remembered table maps
a token as it stands in a text to its atoms: that is all an article costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from pipeline.core.analyse import exact_forms, fold, forms_in
from pipeline.core.match.conditions import Atom
from pipeline.core.query import Word

_REMEMBERED = 1 << 16  # tokens per language


class Vocabulary:
    """All atoms, by what they are asked as and by what they meet."""

    def __init__(self) -> None:
        self._atoms: dict[tuple[str, str, bool], Atom] = {}
        self._exact: dict[str, tuple[Atom, ...]] = {}
        self._words: dict[str, dict[str, tuple[Atom, ...]]] = {}
        self._tokens: dict[str, Tokens] = {}

    def word(self, word: Word) -> Atom:
        """The atom of a word, made where there is none; each call is one use, to be released."""
        return self._use(word.text, word.surface, exact=False)

    def part(self, surface: str, *, exact: bool) -> Atom:
        """The atom of a part of a phrase; as :meth:`word`."""
        return self._use("", fold(surface) if exact else surface, exact=exact)

    def release(self, atoms: Iterable[Atom]) -> None:
        """Give back uses; an atom that nobody uses is forgotten."""
        for atom in atoms:
            atom.uses -= 1
            if not atom.uses:
                del self._atoms[atom.text, atom.surface, atom.exact]
                for table, forms in self._tables(atom):
                    _take(table, forms, atom)
                self._forget_tokens()

    def tokens(self, language: str) -> Tokens:
        """What the tokens of texts in ``language`` mean to the queries."""
        if language not in self._tokens:
            words: dict[str, tuple[Atom, ...]] = {}
            known = forms_in(language)
            for atom in self._atoms.values():
                if not atom.exact:
                    _put(words, known[atom.surface], atom)
            self._words[language] = words
            self._tokens[language] = Tokens(language, words, self._exact)
        return self._tokens[language]

    def _use(self, text: str, surface: str, *, exact: bool) -> Atom:
        atom = self._atoms.get((text, surface, exact))
        if atom is None:
            atom = self._atoms[text, surface, exact] = Atom(text, surface, exact=exact)
            for table, forms in self._tables(atom):
                _put(table, forms, atom)
            self._forget_tokens()
        atom.uses += 1
        return atom

    def _tables(self, atom: Atom) -> list[tuple[dict[str, tuple[Atom, ...]], tuple[str, ...]]]:
        if atom.exact:
            return [(self._exact, (atom.surface,))]
        return [(table, forms_in(language)[atom.surface]) for language, table in self._words.items()]

    def _forget_tokens(self) -> None:
        for tokens in self._tokens.values():
            tokens.forget()


class Tokens(dict[str, tuple[Atom, ...]]):
    """The atoms that a token of a text is, remembered; a mapping, for it is looked up in bulk.

    ``spellings`` is the way back: the remembered tokens that are an atom.
    """

    __slots__ = ("_exact", "_language", "_words", "spellings")

    def __init__(
        self, language: str, words: dict[str, tuple[Atom, ...]], exact: dict[str, tuple[Atom, ...]]
    ) -> None:
        super().__init__()
        self._language = language
        self._words = words
        self._exact = exact
        self.spellings: dict[Atom, set[str]] = defaultdict(set)

    def forget(self) -> None:
        """Start anew: the vocabulary has changed, or too much is remembered."""
        self.clear()
        self.spellings.clear()

    def __missing__(self, token: str) -> tuple[Atom, ...]:
        if len(self) >= _REMEMBERED:
            self.forget()
        words = (self._words.get(form, ()) for form in forms_in(self._language)[token])
        exact = (self._exact.get(form, ()) for form in exact_forms(token))
        found = tuple(dict.fromkeys(chain(*words, *exact)))
        for atom in found:
            self.spellings[atom].add(token)
        self[token] = found
        return found


def _put(table: dict[str, tuple[Atom, ...]], forms: tuple[str, ...], atom: Atom) -> None:
    for form in forms:
        table[form] = (*table.get(form, ()), atom)


def _take(table: dict[str, tuple[Atom, ...]], forms: tuple[str, ...], atom: Atom) -> None:
    for form in forms:
        left = tuple(each for each in table[form] if each is not atom)
        if left:
            table[form] = left
        else:
            del table[form]
