"""Alerts: one for each subscription and story, with the deliveries that tell of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, func, select, tuple_, update

from pipeline.core.alert import Wish
from pipeline.core.errors import NotFoundError
from pipeline.core.model import Match
from pipeline.store import events, outbox
from pipeline.store.articles import linked
from pipeline.store.engine import Tx
from pipeline.store.events import Spread
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks, insert_missing, word
from pipeline.store.subscriptions import channels_of
from pipeline.store.tables import alerts, articles, feeds, revisions, stories, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What came to be: ids of new alerts, and of their deliveries."""

    alert_ids: tuple[int, ...]
    delivery_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert with all that rendering it needs; title, summary and body are those that matched."""

    id: int
    state: str  # new or acknowledged
    relevant: bool | None  # as marked; None: it is not
    backlog: bool
    created_at: datetime
    subscription_id: int
    subscription_name: str
    query: str
    story_id: int
    article_count: int
    source_count: int
    event_id: int
    independent_sources: int  # of the event, that do not copy one another
    copies: int  # of the event: articles that print what another did
    article_id: int
    revision_id: int | None
    url: str
    title: str
    summary: str
    body: str  # "" in lists
    author: str
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    feed_id: int
    feed_title: str
    feed_url: str
    matches: tuple[Mapping[str, Any], ...]  # each as Match.as_json gives it


#: An alert keeps so many matches: enough to show, and none can make a row without end.
MATCHES = 100

_Slot = tuple[int, int, bool]  # subscription, story, backlog

_keys: BindParameter[Any] = bindparam("keys", expanding=True)
_ACTIVE = select(subscriptions.c.id).where(
    subscriptions.c.id.in_(_keys), subscriptions.c.state == word("active")
)
_TAKEN = select(alerts.c.subscription_id, alerts.c.story_id, alerts.c.backlog).where(
    tuple_(alerts.c.subscription_id, alerts.c.story_id).in_(_keys)
)
_HELD_BACK = select(alerts).where(alerts.c.article_id.in_(_keys), alerts.c.backlog)
_MADE = select(alerts.c.id).where(alerts.c.id.in_(_keys))
_SHOWN = (
    select(
        alerts.c.id,
        alerts.c.state,
        alerts.c.relevant,
        alerts.c.backlog,
        alerts.c.created_at,
        alerts.c.subscription_id,
        subscriptions.c.name.label("subscription_name"),
        subscriptions.c.query,
        alerts.c.story_id,
        stories.c.article_count,
        stories.c.source_count,
        stories.c.event_id,
        alerts.c.article_id,
        alerts.c.revision_id,
        articles.c.url,
        func.coalesce(revisions.c.title, articles.c.title).label("title"),
        func.coalesce(revisions.c.summary, articles.c.summary).label("summary"),
        articles.c.author,
        articles.c.language,
        articles.c.published_at,
        articles.c.first_seen_at,
        articles.c.feed_id,
        feeds.c.title.label("feed_title"),
        feeds.c.url.label("feed_url"),
        alerts.c.matches,
    )
    .join_from(alerts, subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .join(stories, stories.c.id == alerts.c.story_id)
    .join(articles, articles.c.id == alerts.c.article_id)
    .join(feeds, feeds.c.id == articles.c.feed_id)
    .outerjoin(revisions, revisions.c.id == alerts.c.revision_id)
)
_BODY = func.coalesce(revisions.c.body, articles.c.body).label("body")


def ring(tx: Tx, wishes: Sequence[Wish], now: datetime) -> Rung:
    """Make the alerts that do not exist yet, and deliveries to their subscriptions' channels.

    Of several wishes for one subscription and story the first counts, a live one
    before backlog; backlog alerts have no deliveries, and none is made where a
    live one is.
    """
    if not wishes:
        return Rung(alert_ids=(), delivery_ids=())
    wanted = _wanted(tx, wishes)
    channels = channels_of(tx, {slot[0] for slot in wanted if not slot[2]})
    rows = [
        _row_of(id_, wish, 0 if wish.backlog else len(channels.get(wish.subscription_id, ())), now)
        for id_, (_, wish) in zip(reserve(tx, "alerts", len(wanted)), sorted(wanted.items()), strict=True)
    ]
    insert_missing(tx, alerts, rows)
    made = _made(tx, rows)
    outgoing = [
        (row["id"], None, channel_id)
        for row in made
        if not row["backlog"]
        for channel_id in channels.get(row["subscription_id"], ())
    ]
    delivery_ids = outbox.put(tx, outgoing, now=now, enqueued=True)
    return Rung(alert_ids=tuple(row["id"] for row in made), delivery_ids=tuple(delivery_ids))


def held_back(tx: Tx, article_ids: Collection[int]) -> list[Wish]:
    """Backlog alerts of articles that have become live news, as wishes for live alerts."""
    found = tx.execute(_HELD_BACK, {"keys": sorted(article_ids)}) if article_ids else ()
    return [
        Wish(
            subscription_id=row.subscription_id,
            story_id=row.story_id,
            article_id=row.article_id,
            revision_id=row.revision_id,
            backlog=False,
            matches=tuple(Match(**match) for match in row.matches),
        )
        for row in found
    ]


def rows(
    tx: Tx,
    *,
    subscription_id: int | None = None,
    backlog: bool | None = None,
    state: str | None = None,
    story_id: int | None = None,
    relevant: bool | None = None,
    digest_id: int | None = None,
    limit: int | None = None,
    before_id: int | None = None,
    oldest_first: bool = False,
) -> list[AlertRow]:
    """Alerts, the newest first unless told; None means all, as does ``relevant`` None: marked or not."""
    statement = _SHOWN.order_by(alerts.c.id if oldest_first else alerts.c.id.desc()).limit(limit)
    if digest_id is not None:
        statement = statement.where(alerts.c.digest_id == digest_id)
    if subscription_id is not None:
        statement = statement.where(alerts.c.subscription_id == subscription_id)
    if backlog is not None:
        statement = statement.where(alerts.c.backlog == backlog)
    if state is not None:
        statement = statement.where(alerts.c.state == state)
    if story_id is not None:
        statement = statement.where(alerts.c.story_id == story_id)
    if relevant is not None:
        statement = statement.where(alerts.c.relevant == relevant)
    if before_id is not None:
        statement = statement.where(alerts.c.id < before_id)
    return _rows(tx, tx.execute(statement).all())


def show(tx: Tx, alert_id: int) -> AlertRow:
    """One alert, with the body that matched.

    Raises:
        NotFoundError: there is none.

    """
    statement: Select[Any] = _SHOWN.add_columns(_BODY).where(alerts.c.id == alert_id)
    found = _rows(tx, tx.execute(statement).all())
    if not found:
        raise NotFoundError(f"there is no alert {alert_id}")
    return found[0]


def ack(tx: Tx, alert_id: int) -> None:
    """Note that somebody has seen the alert.

    Raises:
        NotFoundError: there is none.

    """
    done = tx.execute(update(alerts).where(alerts.c.id == alert_id).values(state="acknowledged"))
    if done.rowcount == 0:
        raise NotFoundError(f"there is no alert {alert_id}")


def mark(tx: Tx, alert_ids: Collection[int], relevant: bool | None) -> None:
    """Note what a user says of alerts; None takes back what was said.

    Raises:
        NotFoundError: one of them does not exist; none is marked then.

    """
    ids = sorted(set(alert_ids))
    known = {id_ for part in chunks(ids) for id_ in tx.execute(_MADE, {"keys": part}).scalars()}
    for id_ in ids:
        if id_ not in known:
            raise NotFoundError(f"there is no alert {id_}")
    for part in chunks(ids):
        tx.execute(update(alerts).where(alerts.c.id.in_(part)).values(relevant=relevant))


def judged(tx: Tx, subscription_id: int, *, limit: int) -> list[AlertRow]:
    """A subscription's alerts with the bodies that matched: marked ones first, the newest first of each."""
    statement = _SHOWN.add_columns(_BODY).where(alerts.c.subscription_id == subscription_id)
    statement = statement.order_by(alerts.c.relevant.is_(None), alerts.c.id.desc()).limit(limit)
    return _rows(tx, tx.execute(statement).all())


def _wanted(tx: Tx, wishes: Sequence[Wish]) -> dict[_Slot, Wish]:
    """The wishes that lead to an alert, by the slot that they take."""
    active = _active(tx, {wish.subscription_id for wish in wishes})
    same = linked(tx, {wish.story_id for wish in wishes})
    told = {
        (wish.subscription_id, id_)
        for wish in wishes
        for id_ in (wish.story_id, *same.get(wish.story_id, ()))
    }
    taken = _taken(tx, told)
    wanted: dict[_Slot, Wish] = {}
    for wish in sorted(wishes, key=lambda wish: wish.backlog):
        slot = (wish.subscription_id, wish.story_id, wish.backlog)
        texts = (wish.story_id, *same.get(wish.story_id, ()))
        live = {(wish.subscription_id, id_, False) for id_ in texts}
        held = slot in taken or not live.isdisjoint(taken) or not live.isdisjoint(wanted)
        if wish.subscription_id in active and not held:
            wanted.setdefault(slot, wish)
    return wanted


def _active(tx: Tx, ids: Iterable[int]) -> set[int]:
    """A percolator may be a moment behind a subscription that was paused or removed."""
    return {id_ for part in chunks(sorted(ids)) for id_ in tx.execute(_ACTIVE, {"keys": part}).scalars()}


def _taken(tx: Tx, pairs: Iterable[tuple[int, int]]) -> set[_Slot]:
    return {
        (row.subscription_id, row.story_id, row.backlog)
        for part in chunks(sorted(pairs))
        for row in tx.execute(_TAKEN, {"keys": part})
    }


def _row_of(alert_id: int, wish: Wish, channels: int, now: datetime) -> dict[str, Any]:
    return {
        "id": alert_id,
        "subscription_id": wish.subscription_id,
        "story_id": wish.story_id,
        "article_id": wish.article_id,
        "revision_id": wish.revision_id,
        "backlog": wish.backlog,
        "state": "new",
        "disposition": "backlog" if wish.backlog else "sent",
        "matches": [match.as_json() for match in wish.matches[:MATCHES]],
        "channels": channels,
        "created_at": now,
    }


def _made(tx: Tx, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those rows that were inserted: another worker may have rung for the same story at the same moment."""
    if tx.sqlite:
        return rows
    made: set[int] = set()
    for part in chunks([row["id"] for row in rows]):
        made.update(tx.execute(_MADE, {"keys": part}).scalars())
    return [row for row in rows if row["id"] in made]


def _rows(tx: Tx, found: Sequence[Row[Any]]) -> list[AlertRow]:
    """Alerts with who tells of their events."""
    spread = events.spread(tx, {row.event_id for row in found})
    return [_row(row, spread[row.event_id]) for row in found]


def _row(row: Row[Any], spread: Spread) -> AlertRow:
    columns: dict[str, Any] = {"body": "", **row._mapping}  # noqa: SLF001 - public in SQLAlchemy
    columns["matches"] = tuple(row.matches)
    return AlertRow(**columns, independent_sources=spread.independent, copies=spread.copies)
