"""The words that queries ask for, and which of them a token of an article is.

Every distinct word of all queries is one atom, shared by the queries that ask for it.  For each language a
table maps a form to the atoms that have it there, and a remembered table maps
a token as it stands in a text to its atoms: that is all an article costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from pipeline.core.analyse import exact_forms, fold, forms_in
from pipeline.core.match.conditions import Atom, space_of
from pipeline.core.match.table import Atoms, Table, put, take
from pipeline.core.query import Kind, Word

_REMEMBERED = 1 << 16  # tokens per language, and those of one article
_START = 3  # letters
_Key = str | tuple[str, str, Kind, str]


class Vocabulary:
    """All atoms, by what they are asked as and by what they meet."""

    def __init__(self) -> None:
        self._atoms: dict[_Key, Atom] = {}
        self._tables: dict[str, Table] = {"": Table()}
        self._words: dict[str, Atoms] = {}
        self._tokens: dict[str, Tokens] = {}
        self._about: dict[str, Tokens] = {}
        self.facets: dict[tuple[str, str], tuple[Atom, ...]] = {}

    @property
    def about(self) -> Iterable[str]:
        """The fields beside the text that any query asks of."""
        return self._about.keys()

    def word(self, word: Word) -> Atom:
        """The atom of a word, made where there is none; each call is one use, to be released."""
        return self._use(word.text, word)

    def part(self, word: Word) -> Atom:
        """The atom of a part of a leaf, which tells the text; as :meth:`word`."""
        return self._use("", word)

    def release(self, atoms: Iterable[Atom]) -> None:
        """Give back uses; an atom that nobody uses is forgotten."""
        for atom in atoms:
            atom.uses -= 1
            if not atom.uses:
                del self._atoms[_key(atom.text, atom.surface, atom.kind, atom.space)]
                self._take(atom)

    def tokens(self, language: str) -> Tokens:
        """What the tokens of texts in ``language`` mean to the queries: asked once for each article."""
        if language not in self._tokens:
            words: Atoms = {}
            forms_of = forms_in(language).of  # looked at once: remembering them would only cost memory
            for atom in self._atoms.values():
                if atom.kind is Kind.INFLECTED:
                    put(words, forms_of(atom.surface), atom)
            self._words[language] = words
            self._tokens[language] = Tokens(self._tables[""], words, language)
        return self._tokens[language].bounded()

    def tokens_about(self, field: str) -> Tokens:
        """What the tokens of a field beside the text mean to the queries; as :meth:`tokens`."""
        return self._about[field].bounded()

    def _use(self, text: str, word: Word) -> Atom:
        space = space_of(word.field)
        key = _key(text, word.surface, word.kind, space)
        atom = self._atoms.get(key)
        if atom is None:
            atom = self._atoms[key] = Atom(text, word.surface, word.kind, space)
            self._put(atom)
        atom.uses += 1
        return atom

    def _put(self, atom: Atom) -> None:
        if atom.kind is Kind.FACET:
            key = (atom.space, atom.surface)
            self.facets[key] = (*self.facets.get(key, ()), atom)
            return
        if atom.space not in self._tables:
            table = self._tables[atom.space] = Table()
            self._about[atom.space] = Tokens(table, {}, None)
        self._tables[atom.space].put(atom)
        if atom.kind is Kind.INFLECTED:
            for language, words in self._words.items():
                put(words, forms_in(language)[atom.surface], atom)
        for tokens in (self._about[atom.space],) if atom.space else self._tokens.values():
            tokens.put(atom)

    def _take(self, atom: Atom) -> None:
        if atom.kind is Kind.FACET:
            key = (atom.space, atom.surface)
            left = tuple(each for each in self.facets.pop(key) if each is not atom)
            if left:
                self.facets[key] = left
            return
        self._tables[atom.space].take(atom)
        if atom.kind is Kind.INFLECTED:
            for language, words in self._words.items():
                take(words, forms_in(language)[atom.surface], atom)
        for tokens in (self._about[atom.space],) if atom.space else self._tokens.values():
            tokens.take(atom)
        if atom.space and not self._tables[atom.space].size:
            del self._tables[atom.space], self._about[atom.space]


def _key(text: str, surface: str, kind: Kind, space: str) -> _Key:
    """What tells atoms apart; most are plain words, and their text is enough."""
    if text == surface and kind is Kind.INFLECTED and not space:
        return text
    return (text, surface, kind, space)


class Tokens(dict[str, tuple[Atom, ...]]):
    """The atoms that a token is, remembered; a mapping, for it is looked up in bulk.

    ``spellings`` is the way back: the remembered tokens that are an atom.
    """

    __slots__ = ("_by_form", "_by_start", "_language", "_table", "_words", "spellings")

    def __init__(self, table: Table, words: Atoms, language: str | None) -> None:
        super().__init__()
        self._table = table
        self._words = words
        self._language = language
        self._by_form: dict[str, list[str]] = {}
        self._by_start: defaultdict[str, list[str]] = defaultdict(list)  # forms by their first letters
        self.spellings: dict[Atom, set[str]] = defaultdict(set)

    def put(self, atom: Atom) -> None:
        """Take up a new atom: the remembered tokens that it may be are looked at again."""
        match atom.kind:
            case Kind.FUZZY:
                self.forget()
                return
            case Kind.PREFIX | Kind.WILDCARD:
                start = atom.surface.partition("?")[0]
                if len(start) < _START:
                    self.forget()
                    return
                forms = [form for form in self._by_start.get(start[:_START], ()) if form.startswith(start)]
            case _:
                forms = [*self._forms(atom.surface), fold(atom.surface)]
        for token in {token for form in forms for token in self._by_form.get(form, ())}:
            self[token] = self._note(token)

    def take(self, atom: Atom) -> None:
        """Let go of an atom."""
        for token in self.spellings.pop(atom, ()):
            self[token] = tuple(each for each in self[token] if each is not atom)

    def bounded(self) -> Tokens:
        """Itself, between two articles; in the midst of one it still asks for what it looked up."""
        if len(self) >= _REMEMBERED:
            self.forget()
        return self

    def forget(self) -> None:
        """Start anew: the vocabulary has changed, or too much is remembered."""
        self.clear()
        self.spellings.clear()
        self._by_form.clear()
        self._by_start.clear()

    def __missing__(self, token: str) -> tuple[Atom, ...]:
        for form in {*self._forms(token), *exact_forms(token)}:
            if form in self._by_form:
                self._by_form[form].append(token)
            else:
                self._by_form[form] = [token]
                self._by_start[form[:_START]].append(form)
        self[token] = found = self._note(token)
        return found

    def _note(self, token: str) -> tuple[Atom, ...]:
        words = (self._words.get(form, ()) for form in self._forms(token))
        found = tuple(dict.fromkeys(chain(*words, self._table.atoms(token))))
        for atom in found:
            self.spellings[atom].add(token)
        return found

    def _forms(self, token: str) -> tuple[str, ...]:
        return forms_in(self._language)[token] if self._language else ()
