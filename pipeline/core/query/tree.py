"""What a query says, as a tree: words, phrases and nearness under AND, OR and NOT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum

#: Fields of an article's text; a word without a field is looked for in all of them.
TEXT_FIELDS = ("title", "summary", "body")
#: What is known of an article beside its text, in words.
ABOUT_FIELDS = ("author", "url", "feed", "tag")
#: What is compared as a whole; a number as ``feed:`` is the feed's id.
FACETS = ("source", "lang", "feed")


class Kind(StrEnum):
    """How a word of a query is compared with a word of an article."""

    INFLECTED = "inflected"  # by its lemma in the article's language
    EXACT = "exact"  # case and accents folded
    CASED = "cased"  # letter by letter, as written
    PREFIX = "prefix"  # the article's word, folded, begins with it
    WILDCARD = "wildcard"  # ``?`` stands for one character, ``*`` at the end for any
    FUZZY = "fuzzy"  # at most one letter is missing, added, changed or swapped with its neighbour
    FACET = "facet"  # the whole value of a field: an outlet's host, a language, a feed's id


@dataclass(frozen=True, slots=True)
class Word:
    """One word: what it meets depends on its kind.

    ``surface`` is one token of the analyser for inflected words, and folded for
    the other kinds but cased ones.
    """

    text: str  # as the query writes it
    surface: str
    kind: Kind = Kind.INFLECTED
    field: str = ""  # "" means title, summary and body
    glued: bool = False  # in a phrase: nothing may stand between it and the part before it
    at: int = dataclass_field(default=0, compare=False)  # where it stands, by the long way of reading


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand next to each other, in order, in one field."""

    text: str  # as the query writes it, with its quotes
    parts: tuple[Word, ...]  # a quoted word is one alone
    field: str = ""
    at: int = dataclass_field(default=0, compare=False)  # where it stands, by the long way of reading


@dataclass(frozen=True, slots=True)
class Near:
    """Words that must begin close together in one field.

    The last of them begins less than ``span`` tokens after the first: where each is one
    token, there are at most ``gap`` others between them.  Each part is met by any of its
    ways to be written, and one token may serve two parts.
    """

    text: str  # as the query writes it
    parts: tuple[tuple[Word | Phrase, ...], ...]
    gap: int
    ordered: bool  # whether they must come in the order written
    field: str = ""
    at: int = dataclass_field(default=0, compare=False)  # where it stands, by the long way of reading

    @property
    def span(self) -> int:
        """The tokens among which every part must begin: as many as the parts have, and the gap."""
        return self.gap + sum(max(map(length, ways)) for ways in self.parts)


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
    """The word, phrase or nearness must not be there."""

    part: Leaf


Leaf = Word | Phrase | Near
Node = Word | Phrase | Near | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood; ``root`` always needs at least one term to be present."""

    text: str
    root: Node

    def __hash__(self) -> int:
        # the tree follows from the text, and may be large
        return hash(self.text)


def length(part: Word | Phrase) -> int:
    """How many tokens a word or phrase has."""
    return len(part.parts) if isinstance(part, Phrase) else 1


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
    """Every leaf that can make the query true, in the order written (none under NOT)."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not():
            return
        case _:
            yield node


def asks_beside(node: Node) -> bool:
    """Whether any leaf asks for more than an article's text and language: an outlet, a feed, an author."""
    match node:
        case And(parts) | Or(parts):
            return any(map(asks_beside, parts))
        case Not(part):
            return asks_beside(part)
        case _:
            return node.field not in {"", "lang", *TEXT_FIELDS}
