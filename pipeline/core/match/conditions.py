"""What a query asks of an article, as conditions that can be tested."""

from __future__ import annotations

from typing import Protocol

from pipeline.core.query import TEXT_FIELDS, Kind


class Facts(Protocol):
    """What is known of an article."""

    @property
    def present(self) -> set[Atom]:
        """The atoms that the article has somewhere."""

    def has(self, leaf: Sequence | Near) -> bool:
        """Whether the parts stand somewhere as the leaf asks."""


class Atom:
    """A word of queries.  Equal words are one atom, so that a set of atoms says which words are there.

    ``space`` is where it is looked for: "" in the text, else the field of what is known beside it.
    ``seen`` counts the articles that had it, of those read since ``since``.
    """

    __slots__ = ("kind", "seen", "since", "space", "surface", "text", "uses")

    def __init__(self, text: str, surface: str, kind: Kind, space: str) -> None:
        self.text = text  # as the queries write it
        self.surface = surface
        self.kind = kind
        self.space = space
        self.uses = 0
        self.seen = 0
        self.since = 0

    def holds(self, facts: Facts) -> bool:
        return self in facts.present


class Sequence:
    """The parts of a phrase, next to each other in one field; or one word that must be in a field."""

    __slots__ = ("field", "glued", "parts", "text", "word")

    def __init__(
        self,
        text: str,
        parts: tuple[Atom, ...],
        field: str,
        *,
        glued: tuple[int, ...] = (),
        word: bool = False,
    ) -> None:
        self.text = text  # as the query writes it
        self.parts = parts
        self.field = field  # "" is any
        self.glued = glued  # numbers of the parts that nothing may divide from the one before
        self.word = word  # a word is met by a hyphenated pair that makes it; a quote is not

    def holds(self, facts: Facts) -> bool:
        return facts.present.issuperset(self.parts) and facts.has(self)


class Near:
    """Parts that stand within ``span`` tokens of one field; each is met by any of its ways."""

    __slots__ = ("field", "ordered", "parts", "span", "text")

    def __init__(
        self,
        text: str,
        parts: tuple[tuple[Atom | Sequence, ...], ...],
        span: int,
        *,
        ordered: bool,
        field: str,
    ) -> None:
        self.text = text
        self.parts = parts
        self.span = span
        self.ordered = ordered
        self.field = field

    def holds(self, facts: Facts) -> bool:
        for ways in self.parts:
            if not any(way.holds(facts) for way in ways):
                return False
        return facts.has(self)


class Both:
    """Every part holds.  Words are kept apart from the rest: sets test them all at once."""

    __slots__ = ("absent", "parts", "rest", "words")

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts
        self.words = tuple(part for part in parts if isinstance(part, Atom))
        self.absent = tuple(
            part.part for part in parts if isinstance(part, Absent) and isinstance(part.part, Atom)
        )
        self.rest = tuple(part for part in parts if not _is_plain(part))

    def holds(self, facts: Facts) -> bool:
        present = facts.present
        if not (present.issuperset(self.words) and present.isdisjoint(self.absent)):
            return False
        for part in self.rest:  # noqa: SIM110 - twice as quick as all(), and every article passes here often
            if not part.holds(facts):
                return False
        return True


class Either:
    """At least one part holds."""

    __slots__ = ("parts", "rest", "words")

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts
        self.words = tuple(part for part in parts if isinstance(part, Atom))
        self.rest = tuple(part for part in parts if not isinstance(part, Atom))

    def holds(self, facts: Facts) -> bool:
        if not facts.present.isdisjoint(self.words):
            return True
        for part in self.rest:  # noqa: SIM110 - as above
            if part.holds(facts):
                return True
        return False


class Absent:
    """The leaf does not hold."""

    __slots__ = ("part",)

    def __init__(self, part: Leaf) -> None:
        self.part = part

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


def space_of(field: str) -> str:
    """Where the words of a field are looked for: the texts of an article share one space."""
    return "" if field in TEXT_FIELDS else field


def _is_plain(part: Condition) -> bool:
    return isinstance(part.part if isinstance(part, Absent) else part, Atom)


Leaf = Atom | Sequence | Near
Condition = Atom | Sequence | Near | Both | Either | Absent
