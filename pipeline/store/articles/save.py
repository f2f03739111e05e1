"""Write what was decided: articles with their versions, index, stories and pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, insert, or_, select, update

from pipeline.core import urls
from pipeline.core.model import Fate
from pipeline.core.outlet import outlet_of
from pipeline.store import search
from pipeline.store.articles import copies, revise, stories
from pipeline.store.articles.draft import Draft, Plan, Saved, Standing, draft
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks, insert_missing
from pipeline.store.sql import insert as insert_or
from pipeline.store.tables import article_feeds, articles, entries, languages, pages

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_LISTED = select(article_feeds).where(article_feeds.c.article_id.in_(_ids))
_INSERT = insert(articles)
_ENLIVEN = (
    update(articles)
    .where(articles.c.id.in_(_ids), articles.c.backlog)
    .values(backlog=False)
    .returning(articles.c.id)
)
_LIST = insert(article_feeds)
_CLOSED = ("done", "skipped", "dead")


def save(tx: Tx, plans: Sequence[Plan], *, held: Collection[int] = (), now: datetime) -> list[Saved]:
    """Write what was decided, with versions, index, stories and pages; one result for each plan.

    ``plans`` rest on what :func:`known` told in the same transaction; ``held`` are
    the keys of texts that had holders then.
    """
    made = draft(tx, plans)
    stories.found(tx, made, now)
    new = made.new()
    live = made.live()
    tx.many(_INSERT, [_article(one, now, live) for one in sorted(new, key=_order)])
    revise.revise(tx, made, now)
    search.put(tx, {one.id: one.last.terms for one in new if one.last}, new=True)
    search.put(tx, {one.id: one.last.terms for one in made.revised() if one.last}, new=False)
    listed, fresh = _list(tx, made)
    enlivened = _enliven(tx, made, listed)
    _remember(tx, made, now)
    spoken = sorted({_language(one) for one in (*new, *made.revised())})
    insert_missing(tx, languages, [{"language": one} for one in spoken])
    _ask_for_pages(tx, made)
    stories.count(tx, made, fresh, now)
    copies.hold(tx, _keys(made), held)
    return [
        Saved(
            article_id=article_id,
            story_id=story_id,
            revision_id=made.revision_of.get(index),
            new=plan.decision.fate is Fate.ARTICLE,
            same_feed=index in listed and plan.decision.fate is Fate.DUPLICATE,
            enlivened=article_id in enlivened,
            before_id=made.before_of.get(index),
        )
        for index, (plan, article_id, story_id) in enumerate(
            zip(plans, made.article_ids, made.story_ids, strict=True)
        )
    ]


def _order(one: Standing) -> bytes:
    """All insert in the order of URLs: two that insert the same ones wait, and never deadlock."""
    return one.first.decision.entry.url_key or b""


def _article(one: Standing, now: datetime, live: set[int]) -> dict[str, Any]:
    first, last = one.first.decision, (one.last or one.first).decision
    return {
        "id": one.id,
        "url": first.entry.url,
        "url_key": first.entry.url_key,
        "first_seen_at": now,
        "feed_id": first.item.feed_id,
        "story_id": one.story_id,
        "raw_item_id": first.item.id,
        "backlog": one.id not in live,
        "story_reason": first.reason,
        "similarity": first.similarity,
        "outlet": outlet_of(first.entry.url, first.item.feed_url),
        **revise.text_columns(last, now),
    }


def _enliven(tx: Tx, made: Draft, listed: set[int]) -> set[int]:
    """Old news that another feed lists as live is live; the ids of articles for which that is new."""
    ids = sorted(
        {
            article_id
            for index, (plan, article_id) in enumerate(zip(made.plans, made.article_ids, strict=True))
            if index not in listed and not plan.backlog and article_id in made.articles
            if not made.articles[article_id].new
        }
    )
    return {row.id for part in chunks(ids) for row in tx.execute(_ENLIVEN, {"ids": part})}


def _keys(made: Draft) -> dict[int, int]:
    """The articles that hold the keys of the batch's texts from now on."""
    brought = [(one.id, one.last.decision) for one in made.articles.values() if one.last is not None]
    return {key: id_ for id_, decision in brought if decision.holds for key in decision.entry.keys}


def _language(one: Standing) -> str:
    return (one.last or one.first).decision.entry.language or ""


def _list(tx: Tx, made: Draft) -> tuple[set[int], dict[int, set[int]]]:
    """Note which feeds list which articles.

    Returns the indexes of plans whose feed had listed the article before, and
    for each article the feeds that list it from now on.
    """
    stored = sorted(one.id for one in made.articles.values() if not one.new)
    known = {
        (row.article_id, row.feed_id) for part in chunks(stored) for row in tx.execute(_LISTED, {"ids": part})
    }
    before: set[int] = set()
    fresh: dict[int, set[int]] = {}
    for index, (plan, article_id) in enumerate(zip(made.plans, made.article_ids, strict=True)):
        pair = (article_id, plan.decision.item.feed_id)
        if pair in known:
            before.add(index)
        elif article_id in made.articles:
            known.add(pair)
            fresh.setdefault(article_id, set()).add(pair[1])
    rows = [
        {"article_id": one, "feed_id": feed} for one, feeds in sorted(fresh.items()) for feed in sorted(feeds)
    ]
    tx.many(_LIST, rows)
    return before, fresh


def _remember(tx: Tx, made: Draft, now: datetime) -> None:
    """Keep each entry's identity and newest content; an older poll's never replaces a newer one's."""
    rows: dict[tuple[int, bytes], dict[str, Any]] = {}
    for plan, article_id in zip(made.plans, made.article_ids, strict=True):
        item, entry = plan.decision.item, plan.decision.entry
        held = rows.get((item.feed_id, entry.key))
        if held is None or item.seq >= held["seq"]:
            rows[item.feed_id, entry.key] = {
                "feed_id": item.feed_id,
                "key": entry.key,
                "article_id": article_id,
                "content_hash": entry.content_hash,
                "seq": item.seq,
                "raw_item_id": item.id,
                "first_seen_at": now,
            }
    tx.many(_newer_entry(tx.sqlite), [rows[key] for key in sorted(rows)])


@cache
def _newer_entry(on_sqlite: bool) -> Executable:
    statement = insert_or(on_sqlite, entries)
    set_ = {name: statement.excluded[name] for name in ("article_id", "content_hash", "seq", "raw_item_id")}
    where = entries.c.seq <= statement.excluded.seq
    return statement.on_conflict_do_update(index_elements=["feed_id", "key"], set_=set_, where=where)


def _ask_for_pages(tx: Tx, made: Draft) -> None:
    """Have pages fetched, or fetched again where the current text is a new one."""
    asked = [
        (one.id, one.last)
        for one in made.articles.values()
        if one.last is not None and one.last.page_due_at is not None
    ]
    rows = [
        {
            "id": id_,
            "article_id": article_id,
            "url": plan.decision.entry.url,
            "host": urls.host(plan.decision.entry.url),
            "state": "due",
            "due_at": plan.page_due_at,
        }
        for id_, (article_id, plan) in zip(reserve(tx, "pages", len(asked)), asked, strict=True)
    ]
    tx.many(_due_page(tx.sqlite), rows)


@cache
def _due_page(on_sqlite: bool) -> Executable:
    statement = insert_or(on_sqlite, pages)
    fresh = {name: statement.excluded[name] for name in ("url", "host", "state", "due_at")}
    return statement.on_conflict_do_update(
        index_elements=["article_id"],
        set_={**fresh, "attempts": 0, "job_attempts": 0, "error": "", "reason": "", "seen_as": None},
        where=or_(*(pages.c.state == state for state in _CLOSED)),
    )
