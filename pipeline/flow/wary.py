"""Wary: documents that have nothing in common with the one before, and servers that hid what is new.

What a poll only suspects is decided here, where its entries are known: in the
transaction that stores them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from pipeline.core import drift
from pipeline.core.dedupe import Decision, Known
from pipeline.core.drift import Drift, Past
from pipeline.core.model import Entry, Fate, Parsed, RawItem
from pipeline.core.wary import DOUBT
from pipeline.flow.ground import log
from pipeline.store import articles, hubs, outbox, wary
from pipeline.store.alerts import Rung, held_back, ring
from pipeline.store.articles import Saved
from pipeline.store.engine import Tx

#: After a gap a feed is polled this soon, unless its interval is shorter.
AGAIN = timedelta(seconds=60)

_WHY = {
    Drift.OLD: "they are older than what the feed had told before",
    Drift.MOVED: "all their addresses have another shape, and the feed never brought so many at once",
    Drift.UNDATED: "none has a date, and the feed never brought nearly so many at once",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a batch's strange documents are, by the poll that brought them."""

    known: Known
    drifts: Mapping[int, Drift]

    def quiet(self, item: RawItem, entry: Entry) -> bool:
        """Whether an entry rings for nobody: part of a flood, or an old article under a new name."""
        drifted = self.drifts.get(item.poll_id, Drift.NONE)
        return drifted.flood or (item.feed_id, entry.key) in self.known.renamed


def look(tx: Tx, parsed: Sequence[Parsed], known: Known) -> Looked:
    """Judge the documents of a batch that have nothing in common with the one before."""
    strays = [one for one in parsed if one.item.adrift]
    drifts: dict[int, Drift] = {}
    for poll_id, group in groupby(sorted(strays, key=_poll), key=_poll):
        listed = list(group)
        feed_id = listed[0].item.feed_id
        entries = [entry for one in listed for entry in one.entries]
        strange = [entry for entry in entries if (feed_id, entry.key) not in known.entries]
        past = wary.past(tx, feed_id, poll_id) if strange else Past()
        told = {one.article_id for one in past.told}
        strange = [one for one in strange if not _by_url(one, known, told)]
        renamed = drift.recognised(strange, past)
        known = _with(tx, known, feed_id, renamed)
        strange = [entry for entry in strange if entry.key not in renamed]
        brought = wary.brought(tx, poll_id) if listed[0].item.cut else len(entries)
        pushed = wary.pushed(tx, poll_id)
        drifts[poll_id] = drift.judge(strange, past, seen=len(entries), brought=brought, pushed=pushed)
        if len(strange) < len(entries):
            wary.overlap(tx, feed_id)
    return Looked(known, drifts)


def note(
    tx: Tx, looked: Looked, decisions: Sequence[Decision], saved: Sequence[Saved], now: datetime
) -> None:
    """Write down what came of strange documents, of servers' lies, and of what hubs missed."""
    by_poll: dict[int, list[tuple[Decision, Saved]]] = {}
    for decision, one in zip(decisions, saved, strict=True):
        by_poll.setdefault(decision.item.poll_id, []).append((decision, one))
    news: list[int] = []
    for poll_id, pairs in sorted(by_poll.items()):
        item = pairs[0][0].item
        fresh = [one.article_id for decision, one in pairs if decision.fate is Fate.ARTICLE]
        if item.lied and fresh:
            wary.doubt(tx, item.feed_id, until=now + DOUBT, now=now)
            log.warning("poll.lied", feed=item.feed_id)
        if fresh:
            news.append(poll_id)
        drifted = looked.drifts.get(poll_id, Drift.NONE)
        if drifted is Drift.GAP and wary.leads(tx, poll_id, item.id):  # once for all parts of a document
            wary.gap(tx, item.feed_id, again_at=now + AGAIN, now=now)
            log.warning("poll.gap", feed=item.feed_id)
        elif drifted.flood and fresh:
            wary.keep_apart(tx, item.feed_id, fresh, why=_WHY[drifted], now=now)
            log.warning("poll.flood", feed=item.feed_id, articles=len(fresh), why=str(drifted))
    hubs.missed(tx, news, now)


def release(tx: Tx, feed_id: int, now: datetime, *, keep: bool = False) -> tuple[int, Rung]:
    """End a feed's quarantine; how many articles were in it, and what rang.

    With ``keep`` they stay backlog and nothing rings.
    """
    ids = wary.let_go(tx, feed_id)
    if keep:
        return len(ids), Rung(alert_ids=(), delivery_ids=())
    wary.enliven(tx, ids)
    rung = ring(tx, held_back(tx, ids), now)
    outbox.leave(tx, rung.delivery_ids)
    return len(ids), rung


def _poll(one: Parsed) -> int:
    return one.item.poll_id


def _by_url(entry: Entry, known: Known, told: set[int]) -> bool:
    """Whether the feed has told the article at this address."""
    article = None if entry.url_key is None else known.by_url.get(entry.url_key)
    return article is not None and article.id in told


def _with(tx: Tx, known: Known, feed_id: int, renamed: Mapping[bytes, int]) -> Known:
    standing = articles.standing(tx, set(renamed.values()))
    named = {(feed_id, key): standing[id_] for key, id_ in renamed.items() if id_ in standing}
    return replace(known, renamed={**known.renamed, **named}) if named else known
