"""Which words of articles the open endings of a query meet: its prefixes, wildcards and fuzzy words."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.core.analyse import Analysed, exact_forms
from pipeline.core.match.conditions import Atom
from pipeline.core.match.table import Table
from pipeline.core.query import TEXT_FIELDS, Kind, Query, Word, leaves

_OPEN = {Kind.PREFIX, Kind.WILDCARD, Kind.FUZZY}


class Spellings:
    """The words of a query that have an open ending and are looked for in texts, with what meets them."""

    def __init__(self, query: Query) -> None:
        self._table = Table()
        self._known: dict[str, frozenset[str]] = {}
        for word in leaves(query.root):
            if isinstance(word, Word) and word.kind in _OPEN and word.field in {"", *TEXT_FIELDS}:
                self._table.put(Atom(word.text, word.surface, word.kind, ""))

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._table.size)

    def of(self, article: Analysed) -> Mapping[str, set[str]]:
        """The folded words of an article that meet each of them, by how the query writes it."""
        found: dict[str, set[str]] = {}
        for token in article.words if self else ():
            for text in self._texts(token):
                found.setdefault(text, set()).add(exact_forms(token)[0])
        return found

    def _texts(self, token: str) -> frozenset[str]:
        if token not in self._known:
            self._known[token] = frozenset(atom.text for atom in self._table.atoms(token))
        return self._known[token]
