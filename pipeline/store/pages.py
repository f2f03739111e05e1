"""Pages: the articles' own addresses, fetched for their full text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, case, or_, select, text, update

from pipeline.core.turns import Courtesy
from pipeline.store import dead_letters
from pipeline.store import hosts as turns
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, insert, word
from pipeline.store.tables import articles, hosts, pages
from pipeline.store.types import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """A page that this caller is to fetch; ``attempts`` includes this one."""

    id: int
    article_id: int
    url: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """How a fetch ended: ``fetched`` with a body, ``due`` again at ``due_at``, or ``skipped`` for good."""

    page_id: int
    state: str
    status: int | None = None
    content_type: str = ""
    url: str = ""  # after redirects; "" leaves it
    body: bytes = b""
    error: str = ""
    reason: str = ""  # a word for why it gave no text
    due_at: datetime | None = None
    tried: bool = True  # False: it was not asked for, and the attempt does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """The current text of an article."""

    id: int
    url: str
    story_id: int
    title: str
    summary: str
    body: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """A page to take the text from; ``job_attempts`` includes this one."""

    id: int
    url: str
    content_type: str
    body: bytes
    attempts: int  # to fetch it
    job_attempts: int
    seen_as: bytes | None  # digest of the doubtful text that the last visit showed
    article: ArticleText


_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_now = bindparam("now", type_=pages.c.due_at.type)
_DUE = pages.c.state == word("due")
_FETCHED = pages.c.state == word("fetched")
_FREE = or_(pages.c.lease_until.is_(None), pages.c.lease_until <= _now)

# The first due page of each host that may be asked. Hosts are found by hopping from one to the
# next in the index: a single host may have thousands of pages waiting.
_OFFERED = text(
    """
    WITH RECURSIVE due_hosts (host) AS (
        SELECT min(host) FROM pages WHERE state = 'due'
        UNION ALL
        SELECT (SELECT min(p.host) FROM pages p WHERE p.state = 'due' AND p.host > due_hosts.host)
        FROM due_hosts WHERE due_hosts.host IS NOT NULL
    ), offered (host, page_id) AS (
        SELECT d.host, (
            SELECT p.id FROM pages p
            WHERE p.state = 'due' AND p.host = d.host AND p.due_at <= :now
                AND (p.lease_until IS NULL OR p.lease_until <= :now)
            ORDER BY p.due_at, p.id LIMIT 1
        )
        FROM due_hosts d LEFT JOIN hosts h ON h.host = d.host
        WHERE (h.next_request_at IS NULL OR h.next_request_at <= :now)
            AND (h.hold_until IS NULL OR h.hold_until <= :now)
            AND :at_once > (
                SELECT count(*) FROM pages b
                WHERE b.state = 'due' AND b.lease_until IS NOT NULL AND b.lease_until > :now
                    AND b.host = d.host
            )
    )
    SELECT o.host, o.page_id FROM offered o JOIN pages p ON p.id = o.page_id
    ORDER BY p.due_at, p.id LIMIT :most
    """
).bindparams(bindparam("now", type_=Moment()))

_busy = pages.alias("busy")
_TAKE = (
    update(pages)
    .where(pages.c.id.in_(_ids), pages.c.state == bindparam("taken"), pages.c.body.is_not(None), _FREE)
    .values(
        state="fetched",
        # Dead ones begin anew.
        job_attempts=case((pages.c.state == word("dead"), 1), else_=pages.c.job_attempts + 1),
        lease_until=bindparam("until"),
        error="",
        reason="",
    )
    .returning(pages.c.id)
)
_LOCK = select(pages.c.id).where(pages.c.id.in_(_ids)).order_by(pages.c.id).with_for_update(key_share=True)
_ERROR_CHARS = 500


def claim(tx: Tx, *, now: datetime, limit: int, lease_s: float, courtesy: Courtesy) -> list[DuePage]:
    """Due pages, one for each host, as far as it has room beside the polls of its feeds."""
    at_once = courtesy.at_once
    params = {"now": now, "at_once": at_once, "most": limit}
    offered = {row.host: row.page_id for row in tx.execute(_OFFERED, params)}
    won = _book(tx, sorted(offered), now, now + timedelta(seconds=courtesy.gap_s))
    polled = turns.polled(tx, won, now)
    ids = sorted(offered[host] for host in won if polled[host] < at_once)
    if not ids:
        return []
    under_way = (
        select(_busy.c.id)
        .where(_busy.c.host == pages.c.host, _busy.c.state == word("due"), _busy.c.lease_until > now)
        .limit(1)
        .offset(at_once - 1)
    )
    claimed = tx.execute(
        update(pages)
        .where(pages.c.id.in_(ids), _DUE, _FREE, ~under_way.exists())
        .values(attempts=pages.c.attempts + 1, lease_until=now + timedelta(seconds=lease_s))
        .returning(pages.c.id, pages.c.article_id, pages.c.url, pages.c.attempts),
        {"now": now},
    )
    return [DuePage(**row._mapping) for row in claimed]  # noqa: SLF001 - public in SQLAlchemy


def commit(tx: Tx, results: Sequence[PageResult], now: datetime) -> None:
    """Keep what fetches brought; fetched pages count as enqueued."""
    for one in sorted(results, key=lambda one: one.page_id):
        values: dict[str, Any] = {
            "state": one.state,
            "status": one.status,
            "lease_until": None,
            "error": one.error[:_ERROR_CHARS],
            "reason": one.reason,
        }
        if one.state == "fetched":
            values |= {
                "content_type": one.content_type,
                "body": one.body,
                "fetched_at": now,
                "enqueued_at": now,
                "job_attempts": 0,
            }
            if one.url:
                values["url"] = one.url
        if one.due_at is not None:
            values["due_at"] = one.due_at
        if not one.tried:
            values["attempts"] = pages.c.attempts - 1
        tx.execute(update(pages).where(pages.c.id == one.page_id, _DUE).values(**values))


def slow(tx: Tx, host: str, until: datetime) -> None:
    """Ask ``host`` for nothing before ``until``, nor earlier than was agreed already."""
    tx.execute(
        update(hosts)
        .where(hosts.c.host == host, hosts.c.next_request_at < until)
        .values(next_request_at=until)
    )


def take(
    tx: Tx, ids: Sequence[int], *, now: datetime, lease_s: float, replay: bool = False
) -> list[FetchedPage]:
    """Those of ``ids`` that are fetched and in nobody's hands, with this attempt counted.

    With ``replay`` it takes dead ones instead, which begin anew with their first attempt.
    """
    taken: list[int] = []
    params = {"taken": "dead" if replay else "fetched", "now": now, "until": now + timedelta(seconds=lease_s)}
    for part in chunks(sorted(set(ids))):
        _lock(tx, part)
        taken.extend(tx.execute(_TAKE, {**params, "ids": part}).scalars())
    if replay:
        dead_letters.replayed(tx, "page", taken)
    return [_fetched(row) for part in chunks(sorted(taken)) for row in tx.execute(_read(part))]


def skip(tx: Tx, page_id: int, *, reason: str, cause: str) -> None:
    """Close a page that gives no text, with a word and a sentence why; the article keeps its feed's."""
    close(tx, page_id, state="skipped", error=cause, reason=reason)


def put_off(
    tx: Tx, page_id: int, *, reason: str, cause: str, due_at: datetime, seen_as: bytes | None = None
) -> None:
    """Have a page that gave no text, or a doubtful one, fetched again at ``due_at``."""
    values = {"state": "due", "due_at": due_at, "lease_until": None, "body": None, "seen_as": seen_as}
    said = {"reason": reason, "error": cause[:_ERROR_CHARS]}
    tx.execute(update(pages).where(pages.c.id == page_id).values(**values, **said))


def close(tx: Tx, page_id: int, *, state: str, error: str = "", reason: str = "") -> None:
    """The page needs no more work: ``done``, ``skipped`` or ``dead``."""
    values = {"state": state, "lease_until": None, "error": error[:_ERROR_CHARS], "reason": reason}
    tx.execute(update(pages).where(pages.c.id == page_id).values(**values))


def release(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Give pages back before their lease ends, to be enqueued by the caller."""
    _mark(tx, ids, {"lease_until": None, "enqueued_at": now})


def bury(tx: Tx, page_id: int, *, cause: str, now: datetime) -> None:
    """Close a page as dead, with a dead letter that names the cause."""
    feed = select(articles.c.feed_id).where(articles.c.id == pages.c.article_id).scalar_subquery()
    row = tx.execute(select(feed.label("feed_id")).where(pages.c.id == page_id, _FETCHED)).first()
    if row is not None:
        close(tx, page_id, state="dead", error=cause)
        dead_letters.put(tx, "page", {page_id: row.feed_id}, cause=cause, now=now)


def lost(tx: Tx, *, now: datetime, lease_s: float, enqueued_before: datetime, limit: int) -> list[int]:
    """Fetched pages without a live lease, enqueued before ``enqueued_before`` and over ``lease_s`` ago."""
    before = min(enqueued_before, now - timedelta(seconds=lease_s))
    found = tx.execute(
        select(pages.c.id)
        .where(_FETCHED, pages.c.enqueued_at < before, _FREE)
        .order_by(pages.c.enqueued_at, pages.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True),
        {"now": now},
    )
    return list(found.scalars())


def requeued(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Note that pages were enqueued again."""
    _mark(tx, ids, {"enqueued_at": now})


def _book(tx: Tx, names: Sequence[str], now: datetime, until: datetime) -> set[str]:
    """Those hosts that this caller may ask now; another scheduler may have been quicker."""
    statement = insert(tx.sqlite, hosts)
    statement = statement.on_conflict_do_update(
        index_elements=[hosts.c.host],
        set_={"next_request_at": statement.excluded.next_request_at},
        where=hosts.c.next_request_at <= now,
    )
    booked: set[str] = set()
    for name in names:
        row = {"host": name, "next_request_at": until}
        booked.update(tx.execute(statement.returning(hosts.c.host), row).scalars())
    return booked


def _read(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            pages.c.id,
            pages.c.url,
            pages.c.content_type,
            pages.c.body,
            pages.c.attempts,
            pages.c.job_attempts,
            pages.c.seen_as,
            articles.c.id.label("article_id"),
            articles.c.url.label("article_url"),
            articles.c.story_id,
            articles.c.title,
            articles.c.summary,
            articles.c.body.label("article_body"),
            articles.c.language,
        )
        .join(articles, articles.c.id == pages.c.article_id)
        .where(pages.c.id.in_(ids))
        .order_by(pages.c.id)
    )


def _lock(tx: Tx, ids: Sequence[int]) -> None:
    """In one order for all, so that nobody waits for somebody who waits for them."""
    if not tx.sqlite:
        tx.execute(_LOCK, {"ids": ids})


def _mark(tx: Tx, ids: Sequence[int], values: dict[str, Any]) -> None:
    for part in chunks(sorted(set(ids))):
        _lock(tx, part)
        tx.execute(update(pages).where(pages.c.id.in_(part), _FETCHED).values(**values))


def _fetched(row: Row[Any]) -> FetchedPage:
    return FetchedPage(
        id=row.id,
        url=row.url,
        content_type=row.content_type,
        body=row.body,
        attempts=row.attempts,
        job_attempts=row.job_attempts,
        seen_as=row.seen_as,
        article=ArticleText(
            id=row.article_id,
            url=row.article_url,
            story_id=row.story_id,
            title=row.title,
            summary=row.summary,
            body=row.article_body,
            language=row.language,
        ),
    )
