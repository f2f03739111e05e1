"""Trace: why one was alerted to an address, or was not, told from what the store knows of it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.trace.answer import Line, Told, Trace, count, listed
from pipeline.core.trace.facts import (
    ActionFact,
    AlertFact,
    ArticleFact,
    Asked,
    CopyFact,
    DeliveryFact,
    Facts,
    FeedFact,
    PageFact,
    PollFact,
    Sighting,
    StoryFact,
    UpdateFact,
)
from pipeline.core.trace.kept import kept
from pipeline.core.trace.seen import around, never, sightings
from pipeline.core.trace.told import told

__all__ = [
    "ActionFact",
    "AlertFact",
    "ArticleFact",
    "Asked",
    "CopyFact",
    "DeliveryFact",
    "Facts",
    "FeedFact",
    "Line",
    "PageFact",
    "PollFact",
    "Sighting",
    "StoryFact",
    "Told",
    "Trace",
    "UpdateFact",
    "trace",
]

#: Subscriptions that have nothing to do with the article get a line only as far as this.
UNTOUCHED = 5
_QUIET = frozenset({"not met", "paused", "newer"})


def trace(facts: Facts) -> Trace:
    """The answer, stage by stage, in the order of an article's way."""
    head = [Line("address", facts.canonical or f"{facts.url} is no web address; looked for as an id")]
    seen = [*head, *sightings(facts)]
    if facts.article is None or facts.story is None:
        fate, answer = never(facts)
        if not facts.sightings:
            seen += around(facts)
        return Trace(fate=fate, answer=answer, lines=tuple(seen), told=())
    article = facts.article
    all_told = [told(one, article) for one in facts.asked]
    fate, answer = _conclusion(all_told)
    lines = [*seen, *kept(article, facts.story), *_subscriptions(all_told)]
    return Trace(fate=fate, answer=answer, lines=tuple(lines), told=tuple(all_told))


def _conclusion(all_told: Sequence[Told]) -> tuple[str, str]:
    if not all_told:
        return "article", "it is stored, and there is no subscription"
    if len(all_told) == 1:
        (one,) = all_told
        return one.fate, f"{one.subscription}: {one.text}"
    concerned = [one for one in all_told if one.fate not in _QUIET]
    if not concerned:
        return "not met", f"it is stored, and none of {count(len(all_told), 'subscription')} rang for it"
    told_of = listed([f"{one.subscription} ({one.fate})" for one in concerned])
    return "article", f"it is stored; {count(len(concerned), 'subscription')} concerned: {told_of}"


def _subscriptions(all_told: Sequence[Told]) -> list[Line]:
    """Those that the article concerns, then a few of the others, and how many more there are."""
    concerned = [one for one in all_told if one.fate not in _QUIET]
    quiet = [one for one in all_told if one.fate in _QUIET]
    lines = [
        Line("subscription", f"{one.subscription}: {one.text}") for one in (*concerned, *quiet[:UNTOUCHED])
    ]
    if len(quiet) > UNTOUCHED:
        more = count(len(quiet) - UNTOUCHED, "more subscription")
        lines.append(Line("subscription", f"{more} without an alert; --subscription NAME says why"))
    return lines
