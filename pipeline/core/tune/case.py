"""Alerts as evidence, and what another query would do to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.core.analyse import Analysed
from pipeline.core.query import Query

#: The matcher that rings, as the stages are handed it: whether an article meets a query.
Meets = Callable[[Query, Analysed], bool]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """An alert with the versions of its article that could have rung for it."""

    alert_id: int
    title: str
    relevant: bool | None  # as marked; None: not marked
    texts: tuple[Analysed, ...]

    def met(self, query: Query, meets: Meets) -> bool:
        """Whether the alert would exist under ``query``."""
        return any(meets(query, text) for text in self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The alerts that a query would no longer make, by how they are marked."""

    not_relevant: tuple[Case, ...]
    relevant: tuple[Case, ...]
    unmarked: tuple[Case, ...]

    def __len__(self) -> int:
        return len(self.not_relevant) + len(self.relevant) + len(self.unmarked)


def effect(query: Query, cases: Sequence[Case], meets: Meets) -> Effect:
    """What ``query`` takes from ``cases``, in their order; found out by matching, never inferred."""
    gone = [case for case in cases if not case.met(query, meets)]
    return Effect(
        not_relevant=tuple(case for case in gone if case.relevant is False),
        relevant=tuple(case for case in gone if case.relevant),
        unmarked=tuple(case for case in gone if case.relevant is None),
    )
