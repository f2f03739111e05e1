"""What a query says, as a tree: words and phrases under AND, OR and NOT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word that meets its inflections, in whatever language an article has."""

    text: str  # as the query writes it
    surface: str  # one token of the analyser


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that must stand next to each other, in order, in one field.

    ``exact`` ones (quoted) meet the folded forms only; the others (a hyphenated
    word, a run of Chinese characters) meet inflections part by part.
    """

    text: str  # as the query writes it, with its quotes
    parts: tuple[str, ...]  # tokens of the analyser; a quoted word has one
    exact: bool


@dataclass(frozen=True, slots=True)
class And:
    """Every part must hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part must hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The word or phrase must not be there."""

    part: Leaf


Leaf = Word | Phrase
Node = Word | Phrase | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood; ``root`` always needs at least one term to be present."""

    text: str
    root: Node

    def __hash__(self) -> int:
        # the tree follows from the text, and may be large
        return hash(self.text)


def needs_a_term(node: Node) -> bool:
    """Whether the node can hold only where some word or phrase is present."""
    match node:
        case And(parts):
            return any(map(needs_a_term, parts))
        case Or(parts):
            return all(map(needs_a_term, parts))
        case _:
            return not isinstance(node, Not)


def leaves(node: Node) -> Iterator[Leaf]:
    """Every word and phrase that can make the query true, in the order written (none under NOT)."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not():
            return
        case _:
            yield node
