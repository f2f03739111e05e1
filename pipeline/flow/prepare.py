"""Prepare: raw items are parsed, their entries analysed and matched; nothing is saved.

Ingest and replay both come this way: the same items, subscriptions and code give
the same result whenever it is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from pipeline.core import event
from pipeline.core.analyse import Analysed, analyse, spoken
from pipeline.core.canary import HOUSE
from pipeline.core.errors import DocumentError
from pipeline.core.event import Telling
from pipeline.core.match import Percolator
from pipeline.core.model import About, Hit, Listing, Parsed, RawItem
from pipeline.core.parse import parse_many
from pipeline.flow.ground import Ground
from pipeline.flow.percolate import matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A parsed item with, for each of its entries, the terms to index, the queries met and what it tells."""

    parsed: Parsed
    terms: tuple[frozenset[str], ...]
    hits: tuple[tuple[Hit, ...], ...]
    tellings: tuple[Telling | None, ...]


def documents(items: Sequence[RawItem]) -> list[list[RawItem]]:
    """Items by the poll that brought them: a document is what the CPU limit is for."""
    polls: dict[int, list[RawItem]] = {}
    for item in items:
        polls.setdefault(item.poll_id, []).append(item)
    return list(polls.values())


def prepare(
    ground: Ground, percolator: Percolator, items: Sequence[RawItem]
) -> tuple[list[Prepared], list[tuple[RawItem, DocumentError]]]:
    """Parse the items of one document and match their entries; the items that cannot be parsed come apart.

    The clock of the parse is the moment of the fetch: a date is in the future or not
    whenever the item's turn comes.

    Raises:
        DocumentError: the document takes more than its CPU limit.

    """
    with ground.limit(ground.policy.cpu_limit_s):
        outcomes = parse_many(items, now=items[0].fetched_at)
    # A first look at languages loads what no document is to answer for.
    parsed = [_spoken(one) for one in outcomes if isinstance(one, Parsed)]
    for language in {entry.language for one in parsed for entry in one.entries}:
        percolator.prepare(language)  # a dictionary's first load is no document's fault
        event.prepare(language)
    broken = [
        (item, outcome)
        for item, outcome in zip(items, outcomes, strict=True)
        if isinstance(outcome, DocumentError)
    ]
    return _match(ground, percolator, parsed), broken


def _spoken(parsed: Parsed) -> Parsed:
    """The entries with the language they are stored and matched in: declared, else told from the text."""
    entries = []
    for entry in parsed.entries:
        language = spoken(f"{entry.title}\n{entry.summary}\n{entry.body}", entry.language)
        entries.append(entry if language == entry.language else replace(entry, language=language))
    return replace(parsed, entries=tuple(entries))


def _match(ground: Ground, percolator: Percolator, parsed: Sequence[Parsed]) -> list[Prepared]:
    with ground.limit(ground.policy.cpu_limit_s):
        analysed = [list(_analysed(one)) for one in parsed]
        told = [list(_told(one, articles)) for one, articles in zip(parsed, analysed, strict=True)]
    hits = iter(matched(ground, percolator, list(chain.from_iterable(analysed))))
    return [
        Prepared(
            parsed=one,
            terms=tuple(article.terms for article in articles),
            hits=tuple(_own(one, found) for found in islice(hits, len(articles))),
            tellings=tuple(tellings),
        )
        for one, articles, tellings in zip(parsed, analysed, told, strict=True)
    ]


def _own(parsed: Parsed, found: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The canary rings the house's own subscription, and nothing else does."""
    house = parsed.item.feed_id == HOUSE
    return tuple(hit for hit in found if (hit.subscription_id == HOUSE) == house)


def _analysed(parsed: Parsed) -> Iterable[Analysed]:
    item = parsed.item
    feed = Listing(
        id=item.feed_id,
        title=item.feed_title or parsed.feed_title,
        url=item.feed_url,
        tags=item.feed_tags,
    )
    for entry in parsed.entries:
        about = About(author=entry.author, url=entry.url, tags=entry.tags, feeds=(feed,))
        yield analyse(entry.title, entry.summary, entry.body, entry.language, about)


def _told(parsed: Parsed, articles: Sequence[Analysed]) -> Iterable[Telling | None]:
    """What each entry tells, should it found a story."""
    for entry, article in zip(parsed.entries, articles, strict=True):
        yield event.tell(article, entry.language)
