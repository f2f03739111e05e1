"""Spikes: tell a subscription's channels, once, that it rings far more often than it usually does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.core.render.parts import moment
from pipeline.core.spike import HOURS, LEAST, spikes, usual
from pipeline.flow.ground import Ground, log
from pipeline.store import notices
from pipeline.store import spikes as store
from pipeline.store.engine import Tx
from pipeline.store.spikes import Headline, Watched

#: A message lists so many headlines of the hour, the newest first; of so many alerts the words are counted.
HEADLINES = 20
COUNTED = 500


def look(ground: Ground) -> list[int]:
    """Look for spikes that begin and end now; ids of the subscriptions with a new one."""
    now = ground.clock()
    with ground.store.read() as tx:
        found = [(one, _rate(tx, one, now)) for one in store.watched(tx, now, least=LEAST)]
    return [one.id for one, rate in found if _follow(ground, one, rate, now)]


def _follow(ground: Ground, one: Watched, rate: float | None, now: datetime) -> bool:
    """Tell a spike that begins (True), close one that is over."""
    lasts = rate is not None and spikes(one.count, rate, already=one.lasting)
    if one.lasting and not lasts:
        ground.store.write(lambda tx: notices.resolve(tx, _cause(one), now))
    if rate is None or not lasts or one.lasting:
        return False
    ids = ground.store.write(lambda tx: _begin(tx, one, rate, now))
    ground.hand_on("deliver", ids)
    log.info("spike", subscription=one.name, count=one.count, usual=round(rate, 2))
    return True


def _rate(tx: Tx, one: Watched, now: datetime) -> float | None:
    return usual(store.hourly(tx, one.id, now, hours=min(one.hours, HOURS)))


def _begin(tx: Tx, one: Watched, rate: float, now: datetime) -> Sequence[int]:
    rang = store.headlines(tx, one.id, now, limit=COUNTED)
    data = {
        "subscription": {"id": one.id, "name": one.name, "query": one.query},
        "count": one.count,
        "usual": round(rate, 2),
        "since": moment(now - store.HOUR),
        "until": moment(now),
        "words": dict(Counter(word for each in rang for word in each.words).most_common(10)),
        "headlines": [_headline(each) for each in rang[:HEADLINES]],
    }
    subject = f"{one.name}: {one.count} alerts in an hour, usually {rate:.1f}"
    told = notices.begin(
        tx, kind="spike", cause=_cause(one), subject=subject, data=data, subscription_id=one.id, now=now
    )
    return told or ()


def _cause(one: Watched) -> str:
    return f"spike:{one.id}"


def _headline(one: Headline) -> dict[str, Any]:
    return {
        "alert_id": one.alert_id,
        "title": one.title,
        "url": one.url,
        "feed_title": one.feed_title,
        "created_at": moment(one.created_at),
    }
