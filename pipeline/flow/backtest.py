"""Backtest: what a query would have rung for, from the archive; and against another, what is gained and lost.

The index narrows, the matcher decides, as in :mod:`.search`.  An alert is
counted for each story, on the day its first matching article was first seen;
old news of a feed's first poll would have rung nobody and is counted apart.
Articles are read as they are now: earlier versions are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.core.analyse import analyse
from pipeline.core.match import Matcher, evaluate
from pipeline.core.model import Listing, Match
from pipeline.core.query import Any, Narrow, Query, asks_beside, narrowing, parse
from pipeline.core.urls import host
from pipeline.store import articles
from pipeline.store import search as index
from pipeline.store.articles import ArticleRow, Text
from pipeline.store.engine import Store, Tx

SAMPLES = 10
#: Gained and lost alerts that are shown of each.
DIFFERENCES = 5
_STEP = 2_000

Sample = tuple[ArticleRow, tuple[Match, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One query beside another: alerts that only one of them has, newest samples of each."""

    alerts: int  # of the other
    gained: int
    lost: int
    gained_samples: tuple[Sample, ...]
    lost_samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a query would have rung for since ``since``."""

    since: datetime
    days: tuple[tuple[date, int], ...]  # alerts of each day (UTC), every day of the span, the oldest first
    alerts: int
    articles: int
    backlog: int  # stories that only old news tells
    sources: tuple[tuple[str, int], ...]  # alerts by the outlet that was first, the most first
    languages: tuple[tuple[str, int], ...]
    samples: tuple[Sample, ...]  # spread over the span, the newest first
    candidates: int  # articles that the index let through
    against: Difference | None


def backtest(
    store: Store,
    text: str,
    *,
    days: int,
    now: datetime,
    against: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Backtest:
    """Test a query on the articles of the last ``days`` days; ``against`` is another query.

    ``progress`` is told how many candidates of how many are read.

    Raises:
        QueryError: a query is wrong.

    """
    queries = [parse(text), *([parse(against)] if against is not None else [])]
    since = now - timedelta(days=days)
    with store.read() as tx:
        ids = _candidates(tx, queries, since)
        found = [_Found() for _ in queries]
        matchers = [Matcher(query) for query in queries]
        beside = any(asks_beside(query.root) for query in queries)
        for start in range(0, len(ids), _STEP):
            for row in articles.texts(tx, ids[start : start + _STEP], beside=beside):
                analysed = analyse(row.title, row.summary, row.body, row.language, row.about)
                for one, matcher in zip(found, matchers, strict=True):
                    if matcher.holds(analysed):
                        one.take(row)
            progress(min(start + _STEP, len(ids)), len(ids))
        new = found[0]
        return Backtest(
            since=since,
            days=_by_day(new.live.values(), since, now),
            alerts=len(new.live),
            articles=new.articles,
            backlog=len(new.old.keys() - new.live.keys()),
            sources=_by_source(new.live.values(), articles.feed_listings(tx)),
            languages=_most(row.language or "unknown" for row in new.live.values()),
            samples=_samples(tx, queries[0], _spread(new.newest(), SAMPLES)),
            candidates=len(ids),
            against=_difference(tx, queries, found) if against is not None else None,
        )


class _Found:
    """The stories that a query met, each with its first article; rows come the newest first."""

    def __init__(self) -> None:
        self.articles = 0
        self.live: dict[int, Text] = {}
        self.old: dict[int, Text] = {}

    def take(self, row: Text) -> None:
        self.articles += 1
        (self.old if row.backlog else self.live)[row.story_id] = row

    def newest(self) -> list[int]:
        """The ids of the articles that would have rung, the newest first."""
        return sorted((row.id for row in self.live.values()), reverse=True)


def _candidates(tx: Tx, queries: Sequence[Query], since: datetime) -> list[int]:
    languages = articles.languages(tx)
    narrows = tuple(narrowing(query, languages) for query in queries)
    narrow: Narrow = narrows[0] if len(narrows) == 1 else Any(narrows)
    return index.candidates(tx, narrow, limit=None, since=since)


def _by_day(rows: Iterable[Text], since: datetime, now: datetime) -> tuple[tuple[date, int], ...]:
    counts = Counter(row.first_seen_at.date() for row in rows)
    first, last = since.date(), max(now.date(), max(counts, default=now.date()))
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple((day, counts[day]) for day in span)


def _by_source(rows: Iterable[Text], listings: dict[int, Listing]) -> tuple[tuple[str, int], ...]:
    names = {id_: feed.title or host(feed.url) or feed.url for id_, feed in listings.items()}
    return _most(names[row.feed_id] for row in rows)


def _most(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def _spread(ids: Sequence[int], count: int) -> list[int]:
    """``count`` of ``ids`` at even distances, the first among them."""
    step = max(1.0, len(ids) / count)
    return [ids[int(number * step)] for number in range(min(count, len(ids)))]


def _samples(tx: Tx, query: Query, ids: Sequence[int]) -> tuple[Sample, ...]:
    rows = articles.rows(tx, ids=ids)
    read = ((row, analyse(row.title, row.summary, row.body, row.language, row.about)) for row in rows)
    return tuple((row, evaluate(query, analysed) or ()) for row, analysed in read)


def _difference(tx: Tx, queries: Sequence[Query], found: Sequence[_Found]) -> Difference:
    new, saved = found
    gained = new.live.keys() - saved.live.keys()
    lost = saved.live.keys() - new.live.keys()
    newest = [
        sorted((one.live[story].id for story in stories), reverse=True)[:DIFFERENCES]
        for one, stories in ((new, gained), (saved, lost))
    ]
    return Difference(
        alerts=len(saved.live),
        gained=len(gained),
        lost=len(lost),
        gained_samples=_samples(tx, queries[0], newest[0]),
        lost_samples=_samples(tx, queries[1], newest[1]),
    )
