"""Which words of queries a token is, apart from its lemma: by its letters alone.

Exact and cased words are looked up; prefixes and wildcards by the letters that
they begin with; fuzzy words by what is left when one letter is taken out of
either (the symmetric deletes of Garbe's SymSpell), and then compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.core.analyse import cased_form, exact_forms
from pipeline.core.match.conditions import Atom
from pipeline.core.query import Kind

Atoms = dict[str, tuple[Atom, ...]]


class Table:
    """Atoms of one space by what a token must have to be one of them."""

    def __init__(self) -> None:
        self.size = 0  # atoms
        self.exact: Atoms = {}
        self._cased: Atoms = {}
        self._beginning: Atoms = {}  # prefixes, and the literal letters that wildcards begin with
        self._lengths: dict[int, int] = {}  # of those, with how many there are
        self._deletes: Atoms = {}
        self._patterns: dict[Atom, re.Pattern[str]] = {}

    def put(self, atom: Atom) -> None:
        """Take an atom up."""
        self.size += 1
        for table, keys in self._places(atom):
            put(table, keys, atom)
            if table is self._beginning:
                self._lengths[len(keys[0])] = self._lengths.get(len(keys[0]), 0) + 1
        if atom.kind is Kind.WILDCARD:
            self._patterns[atom] = _pattern(atom.surface)

    def take(self, atom: Atom) -> None:
        """Forget an atom."""
        self.size -= 1
        for table, keys in self._places(atom):
            take(table, keys, atom)
            if table is self._beginning:
                self._lengths[len(keys[0])] -= 1
                if not self._lengths[len(keys[0])]:
                    del self._lengths[len(keys[0])]
        self._patterns.pop(atom, None)

    def atoms(self, token: str) -> Iterator[Atom]:
        """The atoms that a token is; some may come twice."""
        forms = exact_forms(token)
        for form in forms:
            yield from self.exact.get(form, ())
            for size in self._lengths:
                for atom in self._beginning.get(form[:size], ()) if size <= len(form) else ():
                    pattern = self._patterns.get(atom)
                    if pattern is None or pattern.fullmatch(form):
                        yield atom
            if self._deletes:
                for key in (form, *deletes(form)):
                    for atom in self._deletes.get(key, ()):
                        if within_one_edit(atom.surface, form):
                            yield atom
        if self._cased and forms:
            yield from self._cased.get(cased_form(token), ())

    def _places(self, atom: Atom) -> list[tuple[Atoms, tuple[str, ...]]]:
        match atom.kind:
            case Kind.EXACT:
                return [(self.exact, (atom.surface,))]
            case Kind.CASED:
                return [(self._cased, (atom.surface,))]
            case Kind.PREFIX | Kind.WILDCARD:
                return [(self._beginning, (atom.surface.partition("?")[0],))]
            case Kind.FUZZY:
                return [(self._deletes, tuple(dict.fromkeys((atom.surface, *deletes(atom.surface)))))]
            case _:
                return []


def put(table: Atoms, keys: tuple[str, ...], atom: Atom) -> None:
    """Note an atom under each of its keys."""
    for key in keys:
        table[key] = (*table.get(key, ()), atom)


def take(table: Atoms, keys: tuple[str, ...], atom: Atom) -> None:
    """Take an atom out from under each of its keys."""
    for key in keys:
        left = tuple(each for each in table[key] if each is not atom)
        if left:
            table[key] = left
        else:
            del table[key]


def deletes(word: str) -> list[str]:
    """The word without each of its letters."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def within_one_edit(one: str, other: str) -> bool:
    """Whether at most one letter is missing, added, changed, or swapped with its neighbour."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at + 1 : at + 2] + one[at : at + 1] + one[at + 2 :]
    return one[at + 1 :] == other[at + 1 :] or swapped == other[at:]


def _pattern(surface: str) -> re.Pattern[str]:
    """A wildcard as a pattern; each character is one step, so that its time is linear."""
    signs = {"?": ".", "*": ".*"}
    return re.compile("".join(signs.get(char) or re.escape(char) for char in surface), re.DOTALL)
