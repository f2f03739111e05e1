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
    """Every part holds."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts

    def holds(self, facts: Facts) -> bool:
        return all(part.holds(facts) for part in self.parts)


class Either:
    """At least one part holds."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)


class Absent:
    """The word or phrase is not there."""

    __slots__ = ("part",)

    def __init__(self, part: Leaf) -> None:
        self.part = part

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


Leaf = Atom | Sequence
Condition = Atom | Sequence | Both | Either | Absent
