"""Feeds by the thousand: what a list brings is written in few statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import bindparam, insert, select, update

from pipeline.core import urls
from pipeline.core.model import FeedState, FullText
from pipeline.core.rhythm import Why, first_wait_s
from pipeline.store.engine import Tx
from pipeline.store.feeds.rows import ALIVE
from pipeline.store.ids import reserve
from pipeline.store.sql import chunks
from pipeline.store.tables import feeds

_TAG = update(feeds).where(feeds.c.id == bindparam("feed")).values(tags=bindparam("named"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed to be added; ``every_s`` is None where nobody has said how often to poll it."""

    url: str
    title: str = ""
    every_s: int | None = None
    full_text: FullText = FullText.AUTO
    tags: tuple[str, ...] = ()
    auth: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """What tells a feed from another, and what a list may add to."""

    id: int
    url: str
    tags: tuple[str, ...]
    managed: bool


def known(tx: Tx) -> list[KnownFeed]:
    """Every feed that was not removed, by id."""
    columns = (feeds.c.id, feeds.c.url, feeds.c.tags, feeds.c.managed)
    found = tx.execute(select(*columns).where(ALIVE).order_by(feeds.c.id))
    return [KnownFeed(id=row.id, url=row.url, tags=tuple(row.tags), managed=row.managed) for row in found]


def add_all(tx: Tx, wanted: Sequence[NewFeed], *, interval_s: int, now: datetime) -> Iterator[int]:
    """Add feeds whose addresses no other feed has, due one after the other; yields each part's number.

    ``interval_s`` is for those that name no interval of their own, until their rhythm is known.
    """
    ids = iter(reserve(tx, "feeds", len(wanted)))
    numbers = count()
    for part in chunks(wanted):
        rows = [_row(one, next(ids), interval_s, now) for one in part]
        for row in rows:
            row["next_poll_at"] = now + timedelta(seconds=first_wait_s(next(numbers)))
        tx.many(insert(feeds), rows)
        yield len(part)


def tag(tx: Tx, tags: Mapping[int, Sequence[str]]) -> None:
    """Give feeds, by id, these tags in place of those that they had."""
    tx.many(_TAG, [{"feed": id_, "named": list(names)} for id_, names in sorted(tags.items())])


def _row(one: NewFeed, id_: int, interval_s: int, now: datetime) -> dict[str, object]:
    user, password = one.auth or (None, None)
    return {
        "id": id_,
        "url": one.url,
        "host": urls.host(one.url),
        "title": one.title,
        "state": FeedState.ACTIVE.value,
        "managed": False,
        "tags": list(one.tags),
        "interval_s": one.every_s or interval_s,
        "every_s": one.every_s,
        "why": (Why.UNKNOWN if one.every_s is None else Why.FIXED).value,
        "full_text": one.full_text.value,
        "auth_user": user,
        "auth_password": password,
        "headers": [],
        "known": b"",
        "created_at": now,
    }
