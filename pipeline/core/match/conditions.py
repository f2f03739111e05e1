"""What a query asks of an article, as conditions that can be tested."""

from __future__ import annotations

from typing import Protocol


class Facts(Protocol):
    """What is known of an article."""

    @property
    def present(self) -> set[Atom]:
        """The atoms that the article has somewhere."""

    def has(self, sequence: Sequence) -> bool:
        """Whether the parts of a phrase stand next to each other somewhere."""


class Atom:
    """A word of queries: one that meets inflections, or (``exact``, in quotes) its folded form only.

    Equal words are one atom, so that a set of atoms says which words are there.
    """

    __slots__ = ("exact", "surface", "text", "uses")

    def __init__(self, text: str, surface: str, *, exact: bool) -> None:
        self.text = text  # as the queries write it
        self.surface = surface  # one token of the analyser
        self.exact = exact
        self.uses = 0

    def holds(self, facts: Facts) -> bool:
        return self in facts.present


class Sequence:
    """The parts of a phrase, next to each other in one field."""

    __slots__ = ("parts", "text")

    def __init__(self, text: str, parts: tuple[Atom, ...]) -> None:
        self.text = text  # as the query writes it
        self.parts = parts

    def holds(self, facts: Facts) -> bool:
        return facts.present.issuperset(self.parts) and facts.has(self)


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
    """The word or phrase is not there."""

    __slots__ = ("part",)

    def __init__(self, part: Leaf) -> None:
        self.part = part

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


def _is_plain(part: Condition) -> bool:
    return isinstance(part.part if isinstance(part, Absent) else part, Atom)


Leaf = Atom | Sequence
Condition = Atom | Sequence | Both | Either | Absent
