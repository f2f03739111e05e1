"""Counts and troubles, as `status` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, func, select

from pipeline.core.canary import HOUSE
from pipeline.core.retry import BREAKER_FAILURES
from pipeline.core.rhythm import SILENT
from pipeline.store import blocks
from pipeline.store.engine import Tx
from pipeline.store.feeds import warned
from pipeline.store.sql import word
from pipeline.store.tables import (
    alerts,
    articles,
    channels,
    dead_letters,
    deliveries,
    feed_warnings,
    feeds,
    pages,
    raw_items,
    stories,
    subscriptions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much of everything there is."""

    feeds: dict[str, int]  # by state, and "failing" and "silent" among the active ones
    items: dict[str, int]  # raw items kept, by state
    pages: dict[str, int]  # by state
    refused: dict[str, int]  # pages that gave no text, by reason
    blocked: dict[str, datetime]  # hosts that refuse us their pages, with when they are asked again
    articles: int
    stories: int
    alerts: int
    backlog_alerts: int
    subscriptions: int
    channels: dict[str, int]  # by state, and "resting" among the active ones
    deliveries: dict[str, int]  # pending, delivered, dead
    dead_letters: int  # open ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the operator should know, once for each cause."""

    cause: str
    subject: str
    text: str


_PENDING = deliveries.c.state == word("pending")
_RESTING = and_(channels.c.state == word("active"), channels.c.failures >= BREAKER_FAILURES)
_OPEN = dead_letters.c.state == word("open")


def counts(tx: Tx) -> Counts:
    """All counts, of one moment."""
    by_state = _by_state(tx, feeds, where=feeds.c.id != HOUSE)
    by_state.pop("removed", None)
    active = feeds.c.state == word("active")
    ours = articles.c.feed_id == HOUSE
    live, old = (alerts.c.subscription_id != HOUSE, ~alerts.c.backlog), alerts.c.backlog
    return Counts(
        feeds={
            **by_state,
            "failing": _count(tx, feeds, active, feeds.c.failures > 0, feeds.c.id != HOUSE),
            "silent": _count(tx, feeds, active, feeds.c.failures == 0, warned(SILENT), feeds.c.id != HOUSE),
        },
        items=_by_state(tx, raw_items, "new", "done", "dead", where=raw_items.c.feed_id != HOUSE),
        pages=_by_state(tx, pages),
        refused=_refused(tx),
        blocked={one.host: one.until for one in blocks.rows(tx) if one.until is not None},
        articles=_count(tx, articles, ~ours),
        stories=_count(tx, stories, stories.c.id.not_in(select(articles.c.story_id).where(ours))),
        alerts=_count(tx, alerts, *live),
        backlog_alerts=_count(tx, alerts, old),
        subscriptions=_count(
            tx, subscriptions, subscriptions.c.state == word("active"), subscriptions.c.id != HOUSE
        ),
        channels=_channels(tx),
        deliveries=_by_state(
            tx, deliveries, "pending", "delivered", "dead", where=deliveries.c.channel_id != HOUSE
        ),
        dead_letters=_count(tx, dead_letters, _OPEN),
    )


def troubles(tx: Tx, *, failing_before: datetime) -> list[Trouble]:
    """Feeds that fail since before ``failing_before``, open dead letters by stage, resting channels."""
    failing = tx.execute(
        select(feeds.c.id, feeds.c.title, feeds.c.url, feeds.c.failing_since, feeds.c.last_error)
        .where(feeds.c.state == word("active"), feeds.c.failing_since < failing_before)
        .order_by(feeds.c.id)
    )
    listed = [
        Trouble(
            cause=f"feed:{row.id}",
            subject=f"Feed {row.id} ({row.title or row.url}) fails",
            text=f"It fails since {row.failing_since:%Y-%m-%d %H:%M} UTC: {row.last_error}",
        )
        for row in failing
    ]
    dead = tx.execute(
        select(
            dead_letters.c.stage, func.count().label("number"), func.max(dead_letters.c.id).label("newest")
        )
        .where(_OPEN)
        .group_by(dead_letters.c.stage)
        .order_by(dead_letters.c.stage)
    )
    for row in dead.all():
        letter = tx.execute(select(dead_letters).where(dead_letters.c.id == row.newest)).one()
        listed.append(
            Trouble(
                # A new day's first one is told again, a day's others are not.
                cause=f"dead-letter:{row.stage}:{letter.created_at:%Y-%m-%d}",
                subject=f"Something failed for good in {row.stage}",
                text=f"Open dead letters of this stage: {row.number}. The newest: {letter.cause}",
            )
        )
    return listed + _gone(tx) + _floods(tx) + _resting(tx) + _blocked(tx)


def _gone(tx: Tx) -> list[Trouble]:
    """Feeds whose server said that they are no more."""
    found = tx.execute(
        select(feeds.c.id, feeds.c.title, feeds.c.url, feeds.c.last_polled_at)
        .where(feeds.c.state == word("gone"))
        .order_by(feeds.c.id)
    )
    return [
        Trouble(
            cause=f"gone:{row.id}",
            subject=f"Feed {row.id} ({row.title or row.url}) is gone",
            text=f"Its server answered 410 at {row.last_polled_at:%Y-%m-%d %H:%M} UTC: it is polled no more."
            f" `./run feeds resume {row.id}` tries again, `./run feeds remove {row.id}` lets go of it.",
        )
        for row in found
    ]


def _floods(tx: Tx) -> list[Trouble]:
    """Feeds whose flood waits for a word of the operator."""
    found = tx.execute(
        select(
            feed_warnings.c.feed_id, feed_warnings.c.since, feed_warnings.c.text, feeds.c.title, feeds.c.url
        )
        .join_from(feed_warnings, feeds, feeds.c.id == feed_warnings.c.feed_id)
        .where(feed_warnings.c.word == word("quarantine"))
        .order_by(feed_warnings.c.feed_id)
    )
    return [
        Trouble(
            cause=f"quarantine:{row.feed_id}",
            subject=f"Feed {row.feed_id} ({row.title or row.url}) sent a flood",
            text=f"At {row.since:%Y-%m-%d %H:%M} UTC {row.text}",
        )
        for row in found
    ]


def _refused(tx: Tx) -> dict[str, int]:
    counted = func.count().label("number")
    statement = select(pages.c.reason, counted).where(pages.c.state == word("skipped"), pages.c.reason != "")
    found = tx.execute(statement.group_by(pages.c.reason).order_by(pages.c.reason))
    return {row.reason: row.number for row in found}


def _blocked(tx: Tx) -> list[Trouble]:
    """Hosts that refuse us their pages."""
    return [
        Trouble(
            cause=f"block:{one.host}",
            subject=f"{one.host} refuses article pages",
            text=f"Since {one.since:%Y-%m-%d %H:%M} UTC: {one.text}. Articles keep their feeds' texts; it"
            " is asked again, ever more rarely. Ask who runs it to let us in, or set --full-text never.",
        )
        for one in blocks.rows(tx)
    ]


def _channels(tx: Tx) -> dict[str, int]:
    found = _by_state(tx, channels, "active", where=channels.c.id != HOUSE)
    found.pop("removed", None)
    return {**found, "resting": _count(tx, channels, _RESTING)}


def _resting(tx: Tx) -> list[Trouble]:
    """Channels that failed so often in a row that they are only probed now and then."""
    waiting = select(func.count()).where(deliveries.c.channel_id == channels.c.id, _PENDING)
    newest = select(func.max(deliveries.c.id)).where(
        deliveries.c.channel_id == channels.c.id, _PENDING, deliveries.c.last_error != ""
    )
    failed = deliveries.alias()
    found = tx.execute(
        select(
            channels.c.id,
            channels.c.name,
            channels.c.failures,
            waiting.scalar_subquery().label("waiting"),
            failed.c.last_error,
        )
        .join_from(channels, failed, failed.c.id == newest.scalar_subquery(), isouter=True)
        .where(_RESTING)
        .order_by(channels.c.id)
    )
    return [
        Trouble(
            cause=f"channel:{row.id}",
            subject=f"Channel {row.name} takes nothing",
            text=f"{row.failures} tries in a row failed; it is tried again now and then, and what is for it"
            f" waits: {row.waiting}. The last error: {row.last_error or 'unknown'}",
        )
        for row in found
    ]


def _by_state(tx: Tx, table: Table, *always: str, where: ColumnElement[bool] | None = None) -> dict[str, int]:
    statement = select(table.c.state, func.count().label("number")).group_by(table.c.state)
    if where is not None:
        statement = statement.where(where)
    found = tx.execute(statement.order_by(table.c.state))
    return {**dict.fromkeys(always, 0), **{row.state: row.number for row in found}}


def _count(tx: Tx, table: Table, *where: ColumnElement[bool]) -> int:
    number: int = tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    return number
