"""Save: decide on what was parsed, and write articles, alerts and deliveries in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.alert import Wish, is_backlog, wants_page
from pipeline.core.canary import HOUSE
from pipeline.core.dedupe import Decision, decide
from pipeline.core.event import Telling
from pipeline.core.latency import Sample, Stage
from pipeline.core.model import Fate, Hit, Parsed
from pipeline.flow import updates, wary
from pipeline.flow.ground import Ground, Policy, log
from pipeline.flow.prepare import Prepared
from pipeline.flow.updates import Fresh
from pipeline.store import alerts, articles, feeds, latencies, raw
from pipeline.store.alerts import release
from pipeline.store.articles import Plan, Saved
from pipeline.store.engine import Tx
from pipeline.store.raw import Finished

#: Pages of old news wait this long, so that those of live news come first.
BACKLOG_PAGE_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What one transaction wrote."""

    articles: int
    updates: int
    duplicates: int
    alerts: int
    delivery_ids: tuple[int, ...]


def save(ground: Ground, prepared: Sequence[Prepared]) -> Stored:
    """Store ``prepared`` as a whole or not at all."""
    now = ground.clock()
    stored = ground.store.write(lambda tx: _save(tx, prepared, ground.policy, now))
    log.debug("stored", articles=stored.articles, updates=stored.updates, alerts=stored.alerts)
    return stored


def _save(tx: Tx, prepared: Sequence[Prepared], policy: Policy, now: datetime) -> Stored:
    parsed = [one.parsed for one in prepared]
    known = articles.known(tx, parsed, story_since=now - timedelta(seconds=policy.story_window_s))
    looked = wary.look(tx, parsed, known)
    decisions = decide(parsed, looked.known)
    terms = [terms for one in prepared for terms in one.terms]
    tellings = [telling for one in prepared for telling in one.tellings]
    plans = [
        _plan(one, words, telling, policy, now, quiet=looked.quiet(one.item, one.entry))
        for one, words, telling in zip(decisions, terms, tellings, strict=True)
    ]
    saved = articles.save(tx, plans, held=known.holders, now=now)
    wary.note(tx, looked, decisions, saved, now)
    hits = [hits for one in prepared for hits in one.hits]
    wishes = [*_wishes(plans, saved, hits)]
    wishes += alerts.held_back(tx, {one.article_id for one in saved if one.enlivened})
    released = release.sufficed(tx, release.gained(tx, _gaining(saved)), now)
    rung = alerts.ring(tx, wishes, now)
    told = updates.tell(tx, _fresh(plans, saved), now)
    finished = _finished(parsed, decisions)
    raw.finish(tx, finished)
    feeds.describe(tx, parsed)
    feeds.owe(tx, _owed(parsed, finished))
    latencies.count(tx, _samples(plans, saved, now), now)
    fates = Counter(decision.fate for decision in decisions)
    return Stored(
        articles=fates[Fate.ARTICLE],
        updates=fates[Fate.UPDATE],
        duplicates=fates[Fate.DUPLICATE],
        alerts=len(rung.alert_ids),
        delivery_ids=(*released, *rung.delivery_ids, *told),
    )


def _plan(
    decision: Decision,
    terms: frozenset[str],
    telling: Telling | None,
    policy: Policy,
    now: datetime,
    *,
    quiet: bool,
) -> Plan:
    """A decision with what the store needs beside it: index terms, telling, backlog, the page's time."""
    item, entry = decision.item, decision.entry
    backlog = quiet or is_backlog(item, entry, backlog_s=policy.backlog_s)
    page = decision.fate is not Fate.DUPLICATE and wants_page(
        entry, item.full_text, short_chars=policy.short_text_chars
    )
    due = now + BACKLOG_PAGE_WAIT if backlog else now
    return Plan(
        decision=decision, terms=terms, backlog=backlog, page_due_at=due if page else None, telling=telling
    )


def _wishes(plans: Sequence[Plan], saved: Sequence[Saved], hits: Sequence[Sequence[Hit]]) -> Iterable[Wish]:
    """One wish for each hit, but for entries that a feed merely shows again."""
    for plan, one, found in zip(plans, saved, hits, strict=True):
        if one.same_feed or not one.story_id:
            continue
        for hit in found:
            yield Wish(
                subscription_id=hit.subscription_id,
                story_id=one.story_id,
                article_id=one.article_id,
                revision_id=one.revision_id,
                backlog=plan.backlog,
                matches=hit.matches,
            )


def _gaining(saved: Sequence[Saved]) -> set[int]:
    """Stories that have an article or a source more, so that their events may have enough."""
    return {one.story_id for one in saved if one.story_id and not one.same_feed}


def _fresh(plans: Sequence[Plan], saved: Sequence[Saved]) -> list[Fresh]:
    """The versions among live news of stories that may have been told before."""
    return [
        Fresh(
            story_id=one.story_id,
            article_id=one.article_id,
            revision_id=one.revision_id,
            before_id=one.before_id,
            feed_id=plan.decision.item.feed_id,
            published_at=plan.decision.entry.published_at,
        )
        for plan, one in zip(plans, saved, strict=True)
        if one.story_id and not plan.backlog and not _known(plan.decision)
    ]


def _known(decision: Decision) -> bool:
    """Whether an entry says nothing new, or is the first of its story."""
    founds = decision.story_id is None and decision.story_of is None
    return decision.fate is Fate.DUPLICATE or (decision.fate is Fate.ARTICLE and founds)


def _samples(plans: Sequence[Plan], saved: Sequence[Saved], now: datetime) -> Iterable[Sample]:
    """How long new articles took; what a feed's first poll brought does not say how late news is seen."""
    for plan, one in zip(plans, saved, strict=True):
        if not one.new or plan.decision.item.feed_id == HOUSE:
            continue
        item, published = plan.decision.item, plan.decision.entry.published_at
        if published is not None and not item.first and not plan.backlog:
            yield Sample(Stage.SEEN, (item.fetched_at - published).total_seconds())
        yield Sample(Stage.STORED, (now - item.fetched_at).total_seconds())


def _owed(parsed: Sequence[Parsed], finished: Sequence[Finished]) -> Counter[int]:
    """By feed, articles beyond the items that its polls counted; versions and repetitions are none."""
    owed: Counter[int] = Counter()
    for one, account in zip(parsed, finished, strict=True):
        if not one.item.first:
            owed[one.item.feed_id] += account.articles - 1
    return owed


def _finished(parsed: Sequence[Parsed], decisions: Sequence[Decision]) -> list[Finished]:
    """The account of each item: every entry in it has exactly one fate."""
    fates = Counter((decision.item.id, decision.fate) for decision in decisions)
    return [
        Finished(
            item_id=one.item.id,
            entries=len(one.entries) + len(one.rejected),
            articles=fates[one.item.id, Fate.ARTICLE],
            updates=fates[one.item.id, Fate.UPDATE],
            duplicates=fates[one.item.id, Fate.DUPLICATE],
            dead=len(one.rejected),
            reasons=one.rejected,
        )
        for one in parsed
    ]
