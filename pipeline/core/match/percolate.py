"""All subscriptions against one article at once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain

from pipeline.core.analyse import Analysed, prepare, primary
from pipeline.core.errors import DocumentError, QueryError
from pipeline.core.match.conditions import Atom
from pipeline.core.match.plan import Plan
from pipeline.core.match.rarity import commonness
from pipeline.core.match.reading import Reading
from pipeline.core.match.vocabulary import Vocabulary
from pipeline.core.model import Hit, Match, Subscription
from pipeline.core.query import Query, parse

MOST_OF_A_HIT = 50  # places told of one query
_PATIENCE = 16  # articles that a plan is tested on in vain before its atoms are chosen anew
_BULK = 1_000  # subscriptions at once that are not for the collector of garbage to walk through ever again
_CONTENT = 1_000  # the same, when there was no better choice


class Percolator:
    """All subscriptions, indexed so that one article is tested against every one at once.

    Equal queries are tested once.  It learns from the articles which words are rare: a query waits for those.
    Not safe for use by several threads at once.
    """

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._plans: dict[str, Plan] = {}
        self._queries: dict[int, str] = {}
        self._read = 0  # articles
        self._watchers: dict[Atom, list[Plan]] = {}
        self._tired: list[Plan] = []

    def __len__(self) -> int:
        """How many subscriptions it holds."""
        return len(self._queries)

    def apply(self, subscriptions: Iterable[Subscription]) -> list[int]:
        """Add or replace subscriptions; inactive ones are dropped.

        Returns the ids whose query cannot be read and so cannot ring (queries are
        checked when they are saved, so there should be none).
        """
        unreadable = []
        count = 0
        with _collections_paused():
            for subscription in subscriptions:
                count += 1
                self._drop(subscription.id)
                if not subscription.active:
                    continue
                try:
                    self._add(subscription.id, subscription.query)
                except QueryError:
                    unreadable.append(subscription.id)
        if count >= _BULK:
            gc.freeze()
        return unreadable

    def match(self, article: Analysed) -> list[Hit]:
        """The subscriptions whose query the article meets, by rising id."""
        reading = Reading(article, self._vocabulary)
        self._read += 1
        for atom in reading.present:
            atom.seen += 1
        candidates = self._candidates(reading)
        hopeful = [plan for plan in candidates if reading.present.issuperset(plan.required)]
        reading.locate(part for plan in hopeful for part in plan.parts)
        met = [plan for plan in hopeful if plan.condition.holds(reading)]
        candidates.difference_update(met)
        for plan in candidates:
            plan.idle += 1
            if plan.idle == _PATIENCE:
                self._tired.append(plan)
        reading.locate(leaf for plan in met for leaf in plan.leaves if isinstance(leaf, Atom))
        return _hits(met, reading)

    def match_apart(
        self, article: Analysed, limit: Callable[[], AbstractContextManager[None]], *, most_slow: int
    ) -> tuple[list[Hit], list[int]]:
        """As :meth:`match`, with each query within a ``limit`` of its own; slower.

        Returns the hits, and the ids of the subscriptions whose query went over its limit, which is told by
        DocumentError.

        Raises:
            DocumentError: more than ``most_slow`` queries did; the rest is not tried.

        """
        left = most_slow
        hits: list[Hit] = []
        slow: list[int] = []
        for plan in self._candidates(Reading(article, self._vocabulary)):
            reading = Reading(article, self._vocabulary)  # a limit may leave one half read
            try:
                with limit():
                    if plan.condition.holds(reading):
                        hits += _hits([plan], reading)
            except DocumentError:
                if left == 0:
                    raise
                left -= 1
                slow.extend(plan.subscriptions)
        return sorted(hits, key=lambda hit: hit.subscription_id), slow

    def tidy(self) -> None:
        """Give queries that were tested in vain too often other words to wait for.

        For between two articles: a limit that strikes while one is matched must not find a query
        in nobody's list.
        """
        for plan in self._tired:
            if plan.subscriptions:
                self._watch_again(plan)
        self._tired.clear()

    def _candidates(self, reading: Reading) -> set[Plan]:
        awaited = self._watchers.keys() & reading.present
        return set(chain.from_iterable(map(self._watchers.__getitem__, awaited)))

    def _watch_again(self, plan: Plan) -> None:
        chosen = plan.watch(self._cost)
        plan.idle = 0
        if chosen == plan.watched:
            plan.idle = -_CONTENT
            return
        self._unwatch(plan)
        plan.watched = chosen
        self._watch(plan)

    def prepare(self, language: str | None) -> None:
        """Do now what the first article of a language would wait for (up to some seconds)."""
        prepare(language)
        self._vocabulary.tokens(primary(language))

    def _add(self, subscription_id: int, text: str) -> None:
        plan = self._plans.get(text)
        if plan is None:
            plan = self._plans[text] = Plan(parse(text), self._vocabulary, self._cost)
            for atom in plan.atoms():
                if atom.uses == 1:
                    atom.since = self._read
            self._watch(plan)
        plan.subscriptions = (*plan.subscriptions, subscription_id)
        self._queries[subscription_id] = text

    def _drop(self, subscription_id: int) -> None:
        text = self._queries.pop(subscription_id, None)
        if text is None:
            return
        plan = self._plans[text]
        plan.subscriptions = tuple(each for each in plan.subscriptions if each != subscription_id)
        if not plan.subscriptions:
            del self._plans[text]
            self._unwatch(plan)
            self._vocabulary.release(plan.atoms())

    def _watch(self, plan: Plan) -> None:
        for atom in plan.watched:
            self._watchers.setdefault(atom, []).append(plan)

    def _unwatch(self, plan: Plan) -> None:
        for atom in plan.watched:
            self._watchers[atom].remove(plan)
            if not self._watchers[atom]:
                del self._watchers[atom]

    def _cost(self, atom: Atom) -> float:
        return commonness(atom, self._read)


@contextmanager
def _collections_paused() -> Iterator[None]:
    """What is built here stays: looking for garbage in it again and again takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _hits(met: Iterable[Plan], reading: Reading) -> list[Hit]:
    hits: list[Hit] = []
    for plan in met:
        matches = told(plan, reading)
        hits.extend(Hit(subscription_id=each, matches=matches) for each in plan.subscriptions)
    hits.sort(key=lambda hit: hit.subscription_id)
    return hits


def told(plan: Plan, reading: Reading) -> tuple[Match, ...]:
    """The places to tell of a query that holds: the first of each of its terms that is there."""
    if len(plan.leaves) == 1:
        return reading.matches(plan.leaves[0])
    # A word written with a hyphen or without is two leaves of one term.
    unique = {
        (match.term, match.field, match.start): match
        for leaf in plan.leaves
        for match in reading.matches(leaf)
    }
    return tuple(unique.values())[:MOST_OF_A_HIT]


class Matcher:
    """One query against many articles: what search, backtest and explanation use."""

    def __init__(self, query: Query) -> None:
        self._vocabulary = Vocabulary()
        self._plan = Plan(query, self._vocabulary, cost=lambda _: 1.0)

    def match(self, article: Analysed) -> tuple[Match, ...] | None:
        """The places where the query meets the article; None when it does not."""
        reading = Reading(article, self._vocabulary)
        return told(self._plan, reading) if self._plan.condition.holds(reading) else None

    def holds(self, article: Analysed) -> bool:
        """Whether the query meets the article, without telling where."""
        return self._plan.condition.holds(Reading(article, self._vocabulary))
