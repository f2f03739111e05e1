"""Events: how many independent sources tell of each, and how many copy them.

A text counts once, for its story's first outlet, whoever copies it, and so do
stories that were found to be one text too late to be one; all that carry one
agency's report count as that agency; an outlet that tells an event several
times in its own words counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select

from pipeline.store.articles import linked
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import articles, stories

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_OF_EVENTS = (
    select(
        stories.c.event_id,
        stories.c.id.label("story_id"),
        articles.c.outlet,
        articles.c.agency,
        func.count().label("number"),
        func.min(articles.c.id).label("first_id"),
    )
    .join_from(stories, articles, articles.c.story_id == stories.c.id)
    .where(stories.c.event_id.in_(_ids))
    .group_by(stories.c.event_id, stories.c.id, articles.c.outlet, articles.c.agency)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Who tells of an event."""

    independent: int  # sources that do not copy one another
    outlets: int  # that have it, copies included
    copies: int  # articles beyond the first of each text or agency's report


def independent(tx: Tx, event_ids: Collection[int]) -> dict[int, int]:
    """How many independent sources tell of each event."""
    return {event_id: one.independent for event_id, one in spread(tx, event_ids).items()}


def spread(tx: Tx, event_ids: Collection[int]) -> dict[int, Spread]:
    """Who tells of each event."""
    reports: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for part in chunks(sorted(event_ids)):
        for row in tx.execute(_OF_EVENTS, {"ids": part}):
            reports[row.event_id].append(row)
    texts = _texts(tx, {row.story_id for rows in reports.values() for row in rows})
    return {event_id: _spread(rows, texts) for event_id, rows in reports.items()}


def _texts(tx: Tx, story_ids: set[int]) -> dict[int, int]:
    """Of linked stories the first of those that they lead to: it stands for the text of all."""
    first: dict[int, int] = {}
    for story_id, others in sorted(linked(tx, story_ids).items()):
        least = min(first.get(one, one) for one in (story_id, *others))
        first.update(dict.fromkeys((story_id, *others), least))
    return first


def _spread(rows: Iterable[Row[Any]], texts: Mapping[int, int]) -> Spread:
    """``texts`` gives stories that are one text the same number."""
    by_text: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_text[texts.get(row.story_id, row.story_id)].append(row)
    agencies: set[str] = set()
    outlets: set[str] = set()
    own = 0  # texts of no agency
    for text in by_text.values():
        first = min(text, key=lambda row: row.first_id)
        # One copy that says whose report it is speaks for those that left it out.
        agency = min((row.agency for row in text if row.agency), default="")
        if agency:
            agencies.add(agency)
        else:
            outlets.add(first.outlet or f"story {first.story_id}")
            own += 1
    everyone = [row for text in by_text.values() for row in text]
    return Spread(
        independent=len(agencies) + len(outlets),
        outlets=len({row.outlet for row in everyone}),
        copies=sum(row.number for row in everyone) - len(agencies) - own,
    )
